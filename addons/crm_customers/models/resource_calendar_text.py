from odoo import models

from ..tools.week_hours import clock, group_week


class ResourceCalendar(models.Model):
    """A calendar's week in words, for papers and pages that promise hours."""

    _inherit = "resource.calendar"

    def _get_hours_text(self):
        """Return the weekly hours in the user's language: "Monday to Friday 09:00–18:00".

        Empty where no week is like the other: flexible hours, calendars of two weeks.
        """
        self.ensure_one()
        # sudo: the hours that are promised are no secret
        calendar = self.sudo()
        if calendar.flexible_hours or calendar.two_weeks_calendar:
            return ""
        rows = calendar.attendance_ids.filtered(lambda row: row.day_period != "lunch")
        days = dict(rows._fields["dayofweek"]._description_selection(self.env))
        parts = []
        for group in group_week((int(row.dayofweek), row.hour_from, row.hour_to) for row in rows):
            hours = [f"{clock(start)}–{clock(end)}" for start, end in group.hours]
            words = {
                "first": days[str(group.first)],
                "last": days[str(group.last)],
                "hours": self.env._(", ").join(hours),
            }
            if group.first == group.last:
                parts.append(self.env._("%(first)s %(hours)s", **words))
            else:
                parts.append(self.env._("%(first)s to %(last)s %(hours)s", **words))
        return self.env._("; ").join(parts)
