from odoo import models


class ResourceCalendarAttendance(models.Model):
    """Announces changes of a calendar's weekly hours to what is planned with it."""

    _name = "resource.calendar.attendance"
    _inherit = ["crm.working.time.mixin", "resource.calendar.attendance"]
