import csv
import os
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from odoo.tests import tagged

from .calendar_common import OFFICE, SHANGHAI, CalendarCase, attendance_lines

YEARS = range(2018, 2027)


@pytest.mark.realdata
@tagged("post_install", "-at_install", "-standard", "realdata")
class TestCalendarRealData(CalendarCase):
    """Every published vector: Chinese working days of seven years, and deadlines of eight."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(os.environ["CRM_REALDATA"]) / "7_calendar"
        cls.calendars = {
            "A": cls.k,
            "B": cls._create_calendar("B", attendance_lines([(9, 17.5)])),
            "C": cls._create_calendar("C", attendance_lines(OFFICE)),
        }
        for name in "BC":
            for year in YEARS:
                cls.calendars[name]._load_official_holidays(year)
        cls.calendars["B"].crm_makeup_ids.unlink()

    def _rows(self, name):
        with (self.folder / name).open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def test_every_day_is_the_working_day_the_notices_say(self):
        rows = self._rows("cn_workdays_2018_2024.csv")
        first, last = (date.fromisoformat(rows[index]["date"]) for index in (0, -1))
        start, end = (
            SHANGHAI.localize(datetime.combine(day, datetime.min.time())) for day in (first, last)
        )
        grid = self.calendars["C"]._get_work_grid(start, end)
        wrong = [
            row["date"]
            for row in rows
            if grid.is_working_day(date.fromisoformat(row["date"]))
            != (row["is_workday_chinesecalendar"] == "1")
        ]
        self.assertEqual((len(rows) > 2000, wrong), (True, []))

    def test_every_deadline_is_the_published_one(self):
        rows = self._rows("sla_deadline_vectors.csv")
        for name, calendar in self.calendars.items():
            own = [row for row in rows if row["calendar"] == name]
            starts = [self._local(row["start_local"]) for row in own]
            seconds = [int(row["business_minutes"]) * 60 for row in own]
            found = calendar._plan_deadlines(zip(starts, seconds, strict=True))
            wrong = [
                (row["id"], deadline)
                for row, deadline in zip(own, found, strict=True)
                if deadline != self._local(row["deadline_local"])
            ]
            self.assertEqual((len(own) > 50, wrong), (True, []), name)

    def test_the_time_worked_until_each_deadline_is_the_time_promised(self):
        for row in self._rows("sla_deadline_vectors.csv"):
            start, deadline = self._local(row["start_local"]), self._local(row["deadline_local"])
            worked = self.calendars[row["calendar"]]._get_work_grid(
                start, deadline + timedelta(days=1)
            )
            self.assertEqual(
                worked.worked(int(start.timestamp()), int(deadline.timestamp())),
                int(row["business_minutes"]) * 60,
                row["id"],
            )

    @staticmethod
    def _local(text):
        return SHANGHAI.localize(datetime.strptime(text, "%Y-%m-%d %H:%M"))
