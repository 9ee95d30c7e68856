"""Fixtures of tests about working time. No test lives here."""

from datetime import datetime

import pytz

from odoo import Command
from odoo.tests import TransactionCase

HOUR = 3600
SHANGHAI = pytz.timezone("Asia/Shanghai")
OFFICE = [(9, 12), (13, 18)]


def at(text, tz=SHANGHAI):
    return tz.localize(datetime.strptime(text, "%Y-%m-%d %H:%M"))


def stored(text, tz=SHANGHAI):
    return at(text, tz).astimezone(pytz.utc).replace(tzinfo=None)


def shown(moment, tz=SHANGHAI):
    return moment.astimezone(tz).strftime("%Y-%m-%d %H:%M")


def attendance_lines(spans, weekdays=range(5), **values):
    return [
        Command.create(
            {
                "name": f"{weekday} {start}",
                "dayofweek": str(weekday),
                "hour_from": start,
                "hour_to": end,
                "day_period": "morning" if start < 12 else "afternoon",
                **values,
            }
        )
        for weekday in weekdays
        for start, end in spans
    ]


class CalendarCase(TransactionCase):
    """A company with calendar K: Mon-Fri 09-12 and 13-18 in Shanghai, with breaks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tz="America/New_York", lang="en_US"))
        cls.company, cls.other_company = cls.env["res.company"].create(
            [{"name": "Planner Company"}, {"name": "Other Planner Company"}]
        )
        cls.k = cls._create_calendar(
            "K",
            attendance_lines(OFFICE) + attendance_lines([(12, 13)], day_period="lunch"),
        )

    @classmethod
    def _create_calendar(cls, name, lines, **values):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": "Asia/Shanghai",
                "company_id": cls.company.id,
                "attendance_ids": [Command.clear(), *lines],
                **values,
            }
        )

    @classmethod
    def _add_leave(cls, start, end, **values):
        return cls.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": cls.k.id,
                "date_from": stored(start),
                "date_to": stored(end),
                **values,
            }
        )

    @classmethod
    def _add_makeup(cls, day, **values):
        return cls.env["resource.calendar.makeup"].create(
            {"calendar_id": cls.k.id, "date": day, **values}
        )

    def _plan(self, start, hours, **values):
        return shown(self.k._plan_deadline(at(start), hours * HOUR, **values))
