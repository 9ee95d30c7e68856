from odoo import api, models


class ResourceCalendarAttendance(models.Model):
    """Fixes the time that service clocks used before the weekly hours change."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        self._bank_before([vals.get("calendar_id") for vals in vals_list])
        return super().create(vals_list)

    def write(self, vals):
        self._bank_before([*self.calendar_id.ids, vals.get("calendar_id")])
        return super().write(vals)

    def unlink(self):
        self._bank_before(self.calendar_id.ids)
        return super().unlink()

    def _bank_before(self, calendar_ids):
        calendars = self.env["resource.calendar"].browse(filter(None, calendar_ids))
        calendars._bank_service_clocks()
