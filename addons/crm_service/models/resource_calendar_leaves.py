from odoo import api, fields, models


class ResourceCalendarLeaves(models.Model):
    """Fixes the time that service clocks used before past times off change.

    A time off that lies wholly ahead touches no time used yet; most holidays are of that kind.
    """

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        now = fields.Datetime.now()
        past = [
            vals
            for vals in vals_list
            if not vals.get("resource_id")
            and (not vals.get("date_from") or fields.Datetime.to_datetime(vals["date_from"]) < now)
        ]
        if past:
            calendars = self.env["resource.calendar"].browse(
                {vals["calendar_id"] for vals in past if vals.get("calendar_id")}
            )
            if any(not vals.get("calendar_id") for vals in past):
                calendars |= self._get_calendars_with_clocks()
            calendars._bank_service_clocks()
        return super().create(vals_list)

    def write(self, vals):
        moved = fields.Datetime.to_datetime(vals.get("date_from"))
        now = fields.Datetime.now()
        self.filtered(
            lambda leave: leave.date_from < now or (moved and moved < now)
        )._get_affected_calendars()._bank_service_clocks()
        return super().write(vals)

    def unlink(self):
        now = fields.Datetime.now()
        self.filtered(
            lambda leave: leave.date_from < now
        )._get_affected_calendars()._bank_service_clocks()
        return super().unlink()

    @api.model
    def _get_calendars_with_clocks(self):
        # sudo: who enters a time off may not see what is promised
        clocks = self.env["crm.service.sla.clock"].sudo()
        return clocks.search([("stopped_at", "=", False)]).calendar_id
