from odoo import models


class ResourceCalendar(models.Model):
    """Working days of the return rules follow their calendar."""

    _inherit = "resource.calendar"

    def _on_working_time_changed(self):
        result = super()._on_working_time_changed()
        self.env["crm.pool"].search([("calendar_id", "in", self.ids)])._judge_all()
        return result
