from datetime import timedelta

from odoo import api, fields, models


class ResourceCalendarMakeup(models.Model):
    """Fixes the time that service clocks used before past make-up days change."""

    _inherit = "resource.calendar.makeup"

    @api.model_create_multi
    def create(self, vals_list):
        today = self._get_latest_today()
        past = [
            vals["calendar_id"]
            for vals in vals_list
            if vals.get("calendar_id") and fields.Date.to_date(vals.get("date") or today) <= today
        ]
        self.env["resource.calendar"].browse(set(past))._bank_service_clocks()
        return super().create(vals_list)

    def write(self, vals):
        today = self._get_latest_today()
        moved = fields.Date.to_date(vals.get("date"))
        self.filtered(
            lambda day: day.date <= today or (moved and moved <= today)
        ).calendar_id._bank_service_clocks()
        return super().write(vals)

    def unlink(self):
        today = self._get_latest_today()
        self.filtered(lambda day: day.date <= today).calendar_id._bank_service_clocks()
        return super().unlink()

    @api.model
    def _get_latest_today(self):
        """Return the latest day that has begun anywhere: to note a clock in vain is harmless."""
        return fields.Datetime.now().date() + timedelta(days=1)
