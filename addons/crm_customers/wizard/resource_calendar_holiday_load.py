from odoo import api, fields, models

from ..tools.china_holidays import known_years


class ResourceCalendarHolidayLoad(models.TransientModel):
    """Asks for the year whose official holidays are loaded into a calendar."""

    _name = "resource.calendar.holiday.load"
    _description = "Load Official Holidays"

    calendar_id = fields.Many2one(
        "resource.calendar", string="Working Hours", required=True, ondelete="cascade"
    )
    year = fields.Integer(required=True, default=lambda self: fields.Date.context_today(self).year)
    known_years = fields.Char(compute="_compute_known_years")

    @api.depends()
    def _compute_known_years(self):
        first, last = known_years()
        self.known_years = f"{first}–{last}"

    def action_load(self):
        """Load the year, close the dialog and say what was done."""
        self.ensure_one()
        action = self.calendar_id.action_load_official_holidays(self.year)
        action["params"]["next"] = {"type": "ir.actions.act_window_close"}
        return action
