from datetime import datetime

import pytz

from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.work_grid import (
    MAX_HORIZON_DAYS,
    SECONDS_PER_DAY,
    MakeUpDay,
    WallClock,
    WorkGrid,
    WorkSchedule,
)

PENDING = "crm_customers.working_time_changed"
TIMING_FIELDS = {
    "tz",
    "company_id",
    "two_weeks_calendar",
    "schedule_type",
    "flexible_hours",
    "hours_per_day",
    "hours_per_week",
    "full_time_required_hours",
}


class ResourceCalendar(models.Model):
    """The working-time planner: deadlines, worked time and working days of a calendar.

    Working time is attendances plus make-up days less times off, in the calendar's own time zone.
    The planner reads as superuser with an explicit company, so the answer never depends on who
    asks. An empty recordset means the wall clock: every second counts, every day is a working day.
    """

    _inherit = "resource.calendar"

    crm_makeup_ids = fields.One2many(
        "resource.calendar.makeup", "calendar_id", string="Make-up Days", copy=True
    )

    # CRUD

    def write(self, vals):
        result = super().write(vals)
        if TIMING_FIELDS & vals.keys():
            self._announce_working_time_change()
        return result

    # Planner

    def _plan_deadline(self, start, seconds, company=None):
        """Return when ``seconds`` of working time are over after ``start``.

        The deadline lies at the end of a working interval, never at the start of the next.

        :param datetime start: aware (a naive one is taken as UTC, as the ORM stores it)
        :param int seconds: working seconds, not negative
        :param company: whose times off count; None: the calendar's, else the current company
        :rtype: datetime, aware, UTC
        :raises UserError: the calendar has no working time left to plan with
        """
        return self._plan_deadlines([(start, seconds)], company=company)[0]

    def _plan_deadlines(self, requests, company=None):
        """Return the deadlines of many ``(start, seconds)`` with one grid, in their order.

        The number of queries does not depend on the number of requests. See `_plan_deadline`.
        """
        requests = [(_epoch(start), int(seconds)) for start, seconds in requests]
        if not requests:
            return []
        first = min(start for start, _seconds in requests)
        grid = self._get_work_grid(_aware(first), _aware(first), company=company)
        return [_aware(grid.deadline(start, seconds)) for start, seconds in requests]

    def _worked_seconds(self, start, end, company=None):
        """Return the whole working seconds between two datetimes; 0 if ``end`` is not after.

        See `_plan_deadline` for the parameters.
        """
        return self._get_work_grid(start, end, company=company).worked(_epoch(start), _epoch(end))

    def _plan_working_days(self, date, days, company=None):
        """Return the ``days``-th working day strictly after ``date``.

        0 gives ``date`` itself when it is a working day, else the next one.

        :param datetime.date date: a date in the calendar's time zone
        :rtype: datetime.date
        :raises UserError: the calendar has not that many working days ahead
        """
        return self._get_day_grid(date, company).nth_working_day(date, days)

    def _end_of_working_day(self, date, company=None):
        """Return when work ends on ``date``, or on the next working day when it is none.

        Without a calendar a day ends at midnight in the time zone of the company's calendar.

        :rtype: datetime, aware, UTC
        """
        return _aware(self._get_day_grid(date, company).end_of_working_day(date))

    def _get_work_grid(self, start, end, company=None):
        """Return the working grid that covers two datetimes, in a constant number of queries.

        :return: ``WorkGrid``, or ``WallClock`` for an empty recordset; both answer in UTC epoch
            seconds, see ``tools/work_grid.py``; a ``UserError`` says that working time is missing
        """
        if not self:
            return WallClock()
        schedule = self._get_work_schedule(start, company)
        tz = pytz.timezone(schedule.tz)
        first, last = (_aware(_epoch(moment)).astimezone(tz).date() for moment in (start, end))
        return WorkGrid(schedule, first, max(first, last))

    def _get_day_grid(self, date, company=None):
        """Return the grid that starts on a local date, for questions about working days.

        The number of queries does not depend on the questions asked of it.

        :param company: see `_plan_deadline`
        :return: ``WorkGrid``, or ``WallClock`` for an empty recordset
        """
        if not self:
            # sudo: the time zone of a company's calendar is no secret
            calendar = (company or self.env.company).sudo().resource_calendar_id
            return WallClock(calendar.tz or "UTC")
        # sudo: the calendar's time zone is the same for everybody
        midnight = pytz.timezone(self.sudo().tz).localize(datetime(*date.timetuple()[:3]))
        return WorkGrid(self._get_work_schedule(midnight, company), date)

    def _get_work_schedule(self, since, company=None):
        """Return the calendar as plain values, with every time off that ends after ``since``."""
        self.ensure_one()
        # sudo: a promise must not depend on the rights of the one who happens to ask for it
        calendar = self.sudo()
        company = company or calendar.company_id or self.env.company
        moment = _aware(_epoch(since))
        return WorkSchedule(
            tz=calendar.tz,
            hours=calendar._get_weekly_hours(),
            makeups=calendar._get_makeup_days(moment),
            leaves=calendar._get_leave_spans(moment, company),
            exhausted=self._working_time_exhausted,
        )

    def _get_weekly_hours(self):
        """Return the periods of the day by (week parity, weekday), breaks left out."""
        if self.flexible_hours:
            return self._get_flexible_hours()
        attendances = self.env["resource.calendar.attendance"].search_fetch(
            [
                ("calendar_id", "=", self.id),
                ("display_type", "=", False),
                ("day_period", "!=", "lunch"),
            ],
            ["dayofweek", "hour_from", "hour_to", "week_type"],
        )
        hours = {}
        for attendance in attendances:
            period = (_day_seconds(attendance.hour_from), _day_seconds(attendance.hour_to))
            weeks = (int(attendance.week_type),) if self.two_weeks_calendar else (0, 1)
            for week in weeks:
                hours.setdefault((week, int(attendance.dayofweek)), []).append(period)
        return hours

    def _get_flexible_hours(self):
        """Return hours for a calendar that says how much is worked, but not when.

        The daily hours lie around noon, from Monday on, until the week's hours are used up: the
        host's own reading, tied to the week instead of to the moment of asking.
        """
        left = self.hours_per_week or self.full_time_required_hours
        hours = {}
        for weekday in range(7):
            today = min(self.hours_per_day, left, 24.0)
            if today > 0:
                period = (_day_seconds(12 - today / 2), _day_seconds(12 + today / 2))
                hours[0, weekday] = hours[1, weekday] = [period]
                left -= today
        return hours

    def _get_makeup_days(self, since):
        """Return the make-up days from the local date of ``since`` on."""
        makeups = self.env["resource.calendar.makeup"].search_fetch(
            [
                ("calendar_id", "=", self.id),
                ("date", ">=", since.astimezone(pytz.timezone(self.tz)).date()),
            ],
            ["date", "dayofweek", "despite_leaves"],
        )
        return {
            makeup.date: MakeUpDay(int(makeup.dayofweek), makeup.despite_leaves)
            for makeup in makeups
        }

    def _get_leave_spans(self, since, company):
        """Return the times off of everybody that end after ``since``, in epoch seconds.

        A time off that ends at :59 is meant to the full minute (the host fills in 23:59:59);
        otherwise every holiday would leave one second of work behind.
        """
        leaves = self.env["resource.calendar.leaves"].search_fetch(
            [
                ("time_type", "=", "leave"),
                ("resource_id", "=", False),
                ("calendar_id", "in", [False, self.id]),
                ("company_id", "in", [False, company.id]),
                ("date_to", ">", since.replace(tzinfo=None)),
            ],
            ["date_from", "date_to"],
        )
        return [
            (_epoch(leave.date_from), _epoch(leave.date_to) + (leave.date_to.second == 59))
            for leave in leaves
        ]

    def _working_time_exhausted(self, _message):
        """Return the error for a calendar without working time left, with what to do."""
        return UserError(
            self.env._(
                "The working calendar “%(name)s” has not enough working time within %(years)s"
                " years. Add working hours to it, or check its times off.",
                # sudo: the name must be readable in the message
                name=self.sudo().name,
                years=MAX_HORIZON_DAYS // 366,
            )
        )

    # Changes of the working time

    def _on_working_time_changed(self):
        """Hook: the working time of ``self`` changed; plan again what depends on it.

        Called once per transaction, before the commit, as superuser, with all calendars whose
        attendances, times off, make-up days, time zone or kind changed. In a test call
        ``self.env.cr.flush()`` to have it run.
        """

    def _announce_working_time_change(self):
        """Note that the working time of ``self`` changed, for one hook call before the commit.

        Not at once: the client replaces attendances line by line, and a calendar half edited may
        have no working hour at all.
        """
        if not self.ids:
            return
        precommit = self.env.cr.precommit
        pending = precommit.data.setdefault(PENDING, set())
        if not pending:
            # sudo: who edits a calendar may not see what is planned with it
            precommit.add(self.env["resource.calendar"].sudo()._notify_working_time_changed)
        pending.update(self.ids)

    def _notify_working_time_changed(self):
        """Call the hook for the calendars announced in this transaction."""
        calendar_ids = self.env.cr.precommit.data.pop(PENDING, ())
        calendars = self.browse(sorted(calendar_ids)).exists()
        if calendars:
            calendars._on_working_time_changed()


def _epoch(moment):
    """UTC epoch seconds of a datetime, naive taken as UTC, fractions dropped."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=pytz.utc)
    return int(moment.timestamp() // 1)


def _aware(seconds):
    """The aware UTC datetime of epoch seconds."""
    return datetime.fromtimestamp(seconds, pytz.utc)


def _day_seconds(hours):
    """Local seconds since midnight of the host's float hours, to the minute as the host reads."""
    return min(round(hours * 60) * 60, SECONDS_PER_DAY)
