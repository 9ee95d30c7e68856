from odoo import api, models


class ResourceCalendarAttendance(models.Model):
    """Announces changes of a calendar's weekly hours to what is planned with it."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        attendances.calendar_id._announce_working_time_change()
        return attendances

    def write(self, vals):
        calendars = self.calendar_id
        result = super().write(vals)
        (calendars | self.calendar_id)._announce_working_time_change()
        return result

    def unlink(self):
        self.calendar_id._announce_working_time_change()
        return super().unlink()
