from odoo import models


class ResourceCalendar(models.Model):
    """Instalments not yet invoiced follow the working calendar of their contract."""

    _inherit = "resource.calendar"

    def _on_working_time_changed(self):
        """Plan the due dates of instalments that are not posted yet again.

        A due date that stands on a posted invoice was told to the customer and stays.
        """
        result = super()._on_working_time_changed()
        lines = self.env["crm.payment.plan.line"].search(
            [
                ("contract_id.calendar_id", "in", self.ids),
                ("state", "in", ("planned", "due", "drafted")),
            ]
        )
        lines.filtered("date_event")._replan()
        self.env.add_to_compute(lines._fields["date_expected"], lines)
        return result
