from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain


class ResourceCalendarLeaves(models.Model):
    """Announces changes of everybody's times off, and holds the official holidays."""

    _name = "resource.calendar.leaves"
    _inherit = ["crm.working.time.mixin", "resource.calendar.leaves"]

    crm_is_official = fields.Boolean(
        string="Official Holiday",
        readonly=True,
        help="Loaded from the official notice; loading the year again keeps it up to date.",
    )

    # Business

    def _get_affected_calendars(self):
        """Return the calendars whose working time these times off shorten.

        The absence of one resource shortens none. A time off without a calendar counts for every
        calendar its company may use, without a company for all.
        """
        # sudo: the calendars concerned do not depend on who enters the time off
        general = self.sudo().filtered(
            lambda leave: not leave.resource_id and leave.time_type == "leave"
        )
        calendars = general.calendar_id
        everywhere = general.filtered(lambda leave: not leave.calendar_id)
        if not everywhere:
            return calendars
        domain = Domain.TRUE
        if all(leave.company_id for leave in everywhere):
            domain = Domain("company_id", "in", [False, *everywhere.company_id.ids])
        return calendars | calendars.with_context(active_test=False).search(domain)

    @api.model
    def _load_official(self, calendar, official):
        """Bring a calendar's official holidays of a year in line with the notice.

        A time off that people entered with the same bounds is taken as that holiday.

        :param official: ``OfficialYear``
        :return: ``(added, removed)``
        """
        tz = pytz.timezone(calendar.tz)
        wanted = {_bounds(period, tz): period for period in official.holidays}
        year_start, year_end = (_bound(tz, official.year + add, 1, 1) for add in (0, 1))
        present = self.search(
            [
                ("calendar_id", "=", calendar.id),
                ("resource_id", "=", False),
                ("date_from", ">=", year_start),
                ("date_from", "<", year_end),
            ]
        )
        bounds = {leave: (leave.date_from, leave.date_to) for leave in present}
        stale = present.filtered(
            lambda leave: leave.crm_is_official and bounds[leave] not in wanted
        )
        missing = sorted(wanted.keys() - set(bounds.values()))
        stale.unlink()
        created = self.create(
            [
                {
                    "calendar_id": calendar.id,
                    "name": wanted[key].label,
                    "date_from": key[0],
                    "date_to": key[1],
                    "time_type": "leave",
                    "crm_is_official": True,
                }
                for key in missing
            ]
        )
        # The host enters the current company even where the calendar is everybody's.
        created.write({"company_id": calendar.company_id.id})
        return len(missing), len(stale)


def _bound(tz, year, month, day):
    """The start of a local date in the form the ORM stores."""
    local = tz.localize(datetime.combine(datetime(year, month, day), time()))
    return local.astimezone(pytz.utc).replace(tzinfo=None)


def _bounds(period, tz):
    """First and last second of a period of dates, as the host stores whole days."""
    after = period.last + timedelta(days=1)
    return (
        _bound(tz, period.first.year, period.first.month, period.first.day),
        _bound(tz, after.year, after.month, after.day) - timedelta(seconds=1),
    )
