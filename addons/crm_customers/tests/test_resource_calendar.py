from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytz
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..tools.work_grid import WallClock
from .calendar_common import HOUR, OFFICE, CalendarCase, at, attendance_lines, shown, stored

CALENDAR_MODEL = "odoo.addons.crm_customers.models.resource_calendar.ResourceCalendar"


@tagged("post_install", "-at_install")
class TestResourceCalendar(CalendarCase):
    """Planning with calendars of the database."""

    def test_the_breaks_of_the_calendar_do_not_count(self):
        self.assertEqual(self._plan("2026-11-23 10:00", 4), "2026-11-23 15:00")

    def test_the_answer_is_an_aware_utc_datetime(self):
        found = self.k._plan_deadline(at("2026-11-23 09:00"), 8 * HOUR)
        self.assertEqual(found.utcoffset(), timedelta(0))
        self.assertEqual(shown(found), "2026-11-23 18:00")

    def test_a_naive_start_is_utc_as_the_orm_stores_it(self):
        found = self.k._plan_deadline(stored("2026-11-23 09:00"), 8 * HOUR)
        self.assertEqual(shown(found), "2026-11-23 18:00")

    def test_the_user_s_time_zone_changes_nothing(self):
        for tz in ("America/New_York", "Asia/Tokyo", False):
            calendar = self.k.with_context(tz=tz)
            found = calendar._plan_deadline(at("2026-11-23 17:30"), HOUR)
            self.assertEqual(shown(found), "2026-11-24 09:30")

    def test_a_holiday_stored_to_the_last_second_is_off_and_the_make_up_saturday_worked(self):
        self._add_leave("2026-10-01 00:00", "2026-10-08 00:00")
        self._add_makeup("2026-10-10")
        self.assertEqual(self._plan("2026-09-30 17:00", 4), "2026-10-08 12:00")
        self.assertEqual(self._plan("2026-10-09 17:00", 4), "2026-10-10 12:00")
        found = self.k._plan_working_days(date(2026, 9, 28), 10)
        self.assertEqual(found, date(2026, 10, 16))
        self.assertEqual(shown(self.k._end_of_working_day(found)), "2026-10-16 18:00")

    def test_no_second_of_work_is_left_behind_by_a_day_off_that_ends_at_59(self):
        calendar = self._create_calendar("24x7", attendance_lines([(0, 24)], range(7)))
        leave = self._add_leave("2026-11-24 00:00", "2026-11-24 23:59", calendar_id=calendar.id)
        leave.date_to += timedelta(seconds=59)
        start, end = at("2026-11-23 00:00"), at("2026-11-26 00:00")
        self.assertEqual(calendar._worked_seconds(start, end), 2 * 24 * HOUR)
        found = calendar._plan_deadline(start, 24 * HOUR)
        self.assertEqual(shown(found), "2026-11-24 00:00")
        self.assertEqual(found.microsecond, 0)

    def test_training_of_everybody_is_no_time_off(self):
        self._add_leave("2026-11-24 00:00", "2026-11-25 00:00", time_type="other")
        self.assertEqual(self._plan("2026-11-23 17:30", 1), "2026-11-24 09:30")

    def test_the_absence_of_one_resource_is_no_time_off(self):
        resource = self.env["resource.resource"].create(
            {"name": "Projector", "resource_type": "material", "calendar_id": self.k.id}
        )
        self._add_leave("2026-11-24 00:00", "2026-11-25 00:00", resource_id=resource.id)
        self.assertEqual(self._plan("2026-11-23 17:30", 1), "2026-11-24 09:30")

    def test_only_the_company_s_times_off_count(self):
        leave = self._add_leave("2026-11-24 00:00", "2026-11-25 00:00", calendar_id=False)
        leave.company_id = self.other_company
        self.assertEqual(self._plan("2026-11-23 17:30", 1), "2026-11-24 09:30")
        self.assertEqual(
            self._plan("2026-11-23 17:30", 1, company=self.other_company), "2026-11-25 09:30"
        )
        leave.company_id = False
        self.assertEqual(self._plan("2026-11-23 17:30", 1), "2026-11-25 09:30")

    def test_who_asks_makes_no_difference(self):
        self._add_leave("2026-11-24 00:00", "2026-11-25 00:00")
        self._add_makeup("2026-11-28")
        portal = new_test_user(self.env, login="planner_portal", groups="base.group_portal")
        foreigner = new_test_user(
            self.env,
            login="planner_foreigner",
            groups="base.group_user",
            company_id=self.other_company.id,
            company_ids=[Command.set(self.other_company.ids)],
        )
        for user in (portal, foreigner):
            calendar = self.k.with_user(user)
            found = calendar._plan_deadline(at("2026-11-27 17:30"), HOUR)
            self.assertEqual(shown(found), "2026-11-28 09:30")
            found = calendar._plan_deadline(at("2026-11-23 17:30"), HOUR)
            self.assertEqual(shown(found), "2026-11-25 09:30")

    def test_no_calendar_means_the_wall_clock(self):
        nothing = self.env["resource.calendar"]
        found = nothing._plan_deadline(at("2026-09-30 23:30"), HOUR)
        self.assertEqual(shown(found), "2026-10-01 00:30")
        self.assertEqual(
            nothing._worked_seconds(at("2026-09-30 23:30"), at("2026-10-01 00:30")), HOUR
        )
        self.assertEqual(nothing._plan_working_days(date(2026, 9, 28), 10), date(2026, 10, 8))
        self.assertIsInstance(
            nothing._get_work_grid(at("2026-01-01 00:00"), at("2026-01-02 00:00")), WallClock
        )
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        end = nothing._end_of_working_day(date(2026, 10, 8), company=self.company)
        self.assertEqual(shown(end), "2026-10-09 00:00")

    def test_a_calendar_without_working_hours_is_named_with_what_to_do(self):
        empty = self._create_calendar("Nobody works", [])
        for question in (
            lambda: empty._plan_deadline(at("2026-11-23 09:00"), 1),
            lambda: empty._plan_working_days(date(2026, 11, 23), 1),
            lambda: empty._end_of_working_day(date(2026, 11, 23)),
            lambda: empty._get_work_grid(at("2026-11-23 09:00"), at("2026-11-23 09:00")).deadline(
                int(at("2026-11-23 09:00").timestamp()), 1
            ),
        ):
            with self.assertRaisesRegex(UserError, "Nobody works.*Add working hours"):
                question()
        day = (at("2026-11-23 00:00"), at("2026-11-24 00:00"))
        self.assertEqual(empty._worked_seconds(*day), 0)

    def test_a_flexible_calendar_works_its_hours_around_noon_until_the_week_is_full(self):
        flexible = self._create_calendar(
            "Flexible", [], schedule_type="flexible", hours_per_day=8, hours_per_week=36
        )
        week = (at("2026-11-23 00:00"), at("2026-11-30 00:00"))
        self.assertEqual(flexible._worked_seconds(*week), 36 * HOUR)
        found = flexible._plan_deadline(at("2026-11-23 00:00"), 8 * HOUR)
        self.assertEqual(shown(found), "2026-11-23 16:00")
        self.assertEqual(flexible._plan_working_days(date(2026, 11, 23), 5), date(2026, 11, 30))
        late = flexible._plan_deadline(at("2026-11-27 00:00"), 4 * HOUR)
        self.assertEqual(shown(late), "2026-11-27 14:00")

    def test_the_two_weeks_of_a_calendar_are_the_host_s(self):
        lines = attendance_lines([(9, 12)], [0], week_type="0")
        lines += attendance_lines([(9, 17)], [2], week_type="1")
        calendar = self._create_calendar("Two weeks", lines, two_weeks_calendar=True)
        start = at("2026-11-16 00:00")
        for hours in (1, 3, 4, 11, 25):
            expected = calendar.plan_hours(hours, start, compute_leaves=True)
            self.assertEqual(
                calendar._plan_deadline(start, hours * HOUR), expected.astimezone(pytz.utc)
            )

    def test_the_number_of_queries_does_not_depend_on_the_number_of_deadlines(self):
        self._add_leave("2026-10-01 00:00", "2026-10-08 00:00")
        self._add_makeup("2026-10-10")
        start = at("2026-09-28 09:00")
        for count in (1, 100, 10_000):
            requests = [
                (start + timedelta(minutes=37 * index), index * 60) for index in range(count)
            ]
            self.env.invalidate_all()
            with self.assertQueryCount(4):
                found = self.k._plan_deadlines(requests)
            self.assertEqual(len(found), count)
        self.assertEqual(found[0], start)
        self.assertEqual(self.k._plan_deadlines([]), [])

    def test_deadlines_keep_the_order_of_the_requests(self):
        later, sooner = at("2026-11-24 09:00"), at("2026-11-23 09:00")
        found = self.k._plan_deadlines([(later, HOUR), (sooner, HOUR)])
        self.assertEqual([shown(one) for one in found], ["2026-11-24 10:00", "2026-11-23 10:00"])


@tagged("post_install", "-at_install")
class TestResourceCalendarAgainstHost(CalendarCase):
    """Without make-up days the planner and the host's slower one agree, whatever the calendar."""

    QUARTERS = st.lists(st.integers(0, 95), min_size=2, max_size=6, unique=True).map(
        lambda marks: [
            (low / 4, high / 4)
            for low, high in zip(sorted(marks)[::2], sorted(marks)[1::2], strict=False)
        ]
    )
    LEAVES = st.lists(
        st.tuples(st.integers(0, 90 * 24 * 4), st.integers(1, 20 * 24 * 4)), max_size=4
    )

    @settings(max_examples=40, deadline=None)
    @given(
        st.dictionaries(st.integers(0, 6), QUARTERS, min_size=1, max_size=6),
        LEAVES,
        st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/Berlin"]),
        st.lists(
            st.tuples(st.integers(0, 120 * 24 * 60), st.integers(0, 200 * 60)),
            min_size=1,
            max_size=8,
        ),
    )
    def test_deadlines_are_the_host_s(self, weekdays, leaves, tz, requests):
        origin = datetime(2026, 9, 1, tzinfo=pytz.utc)
        lines = [
            line
            for weekday, spans in weekdays.items()
            for line in attendance_lines(spans, [weekday])
        ]
        calendar = self._create_calendar("Drawn", lines, tz=tz)
        naive = origin.replace(tzinfo=None)
        self.env["resource.calendar.leaves"].create(
            [
                {
                    "calendar_id": calendar.id,
                    "date_from": naive + timedelta(minutes=15 * start),
                    "date_to": naive + timedelta(minutes=15 * (start + length)),
                }
                for start, length in leaves
            ]
        )
        requests = [
            (origin + timedelta(minutes=offset), minutes * 60) for offset, minutes in requests
        ]
        found = calendar._plan_deadlines(requests)
        for (start, seconds), deadline in zip(requests, found, strict=True):
            expected = calendar.plan_hours(seconds / HOUR, start, compute_leaves=True)
            assume(expected)  # the host gives up after 1,400 days
            difference = abs((expected - deadline).total_seconds())
            self.assertLess(difference, 0.001, (start, seconds, expected, deadline))
            worked = calendar.get_work_hours_count(start, deadline)
            self.assertEqual(calendar._worked_seconds(start, deadline), seconds)
            self.assertAlmostEqual(worked * HOUR, seconds, 2)


@tagged("post_install", "-at_install")
class TestResourceCalendarChanges(CalendarCase):
    """What is planned with a calendar hears of every change of its working time, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shared = cls._create_calendar("Shared", attendance_lines(OFFICE), company_id=False)
        cls.foreign = cls._create_calendar(
            "Foreign", attendance_lines(OFFICE), company_id=cls.other_company.id
        )
        cls.leave = cls._add_leave("2026-11-24 00:00", "2026-11-25 00:00")
        cls.env.cr.flush()

    def _announced(self, change):
        """The calendars the hook is called on by a change, with its number of calls."""
        calls = []
        with patch(f"{CALENDAR_MODEL}._on_working_time_changed", autospec=True) as hook:
            hook.side_effect = calls.append
            change()
            self.assertEqual(calls, [])
            self.env.cr.flush()
        self.assertLessEqual(len(calls), 1)
        return calls[0] if calls else self.env["resource.calendar"]

    def _assert_announced(self, change, calendars):
        found = self._announced(change)
        self.assertEqual(set(found.mapped("name")), set(calendars.mapped("name")))
        self.assertTrue(found.env.su or not found)

    def test_attendances(self):
        line = self.k.attendance_ids[0]
        self._assert_announced(lambda: line.write({"hour_to": 11}), self.k)
        self._assert_announced(
            lambda: self.k.write({"attendance_ids": attendance_lines([(9, 10)], [6])}), self.k
        )
        self._assert_announced(line.unlink, self.k)

    def test_replacing_all_attendances_is_one_change(self):
        lines = [Command.clear(), *attendance_lines([(8, 16)])]
        self._assert_announced(lambda: self.k.write({"attendance_ids": lines}), self.k)

    def test_times_off_of_the_calendar(self):
        self._assert_announced(lambda: self.leave.write({"name": "Closed"}), self.k)
        self._assert_announced(
            lambda: self._add_leave("2026-11-26 00:00", "2026-11-27 00:00"), self.k
        )
        self._assert_announced(
            lambda: self.leave.write({"calendar_id": self.shared.id}), self.k | self.shared
        )
        self._assert_announced(self.leave.unlink, self.shared)

    def test_a_time_off_of_the_company_counts_for_its_calendars_and_the_shared_ones(self):
        found = self._announced(lambda: self._add_company_leave(self.company))
        self.assertLessEqual(self.k | self.shared, found)
        self.assertNotIn(self.foreign, found)

    def test_a_time_off_without_a_company_counts_for_all_calendars(self):
        found = self._announced(lambda: self._add_company_leave(self.env["res.company"]))
        self.assertLessEqual(self.k | self.shared | self.foreign, found)

    def _add_company_leave(self, company):
        # The host enters the current company on creation, whatever the values say.
        leaves = self.env["resource.calendar.leaves"].with_company(company)
        leave = leaves.create(
            {
                "calendar_id": False,
                "date_from": stored("2026-12-01 00:00"),
                "date_to": stored("2026-12-02 00:00"),
            }
        )
        leave.company_id = company

    def test_the_absence_of_one_resource_is_no_change(self):
        resource = self.env["resource.resource"].create(
            {"name": "Projector", "resource_type": "material", "calendar_id": self.k.id}
        )
        self.env.cr.flush()
        self._assert_announced(
            lambda: self._add_leave(
                "2026-11-26 00:00", "2026-11-27 00:00", resource_id=resource.id
            ),
            self.env["resource.calendar"],
        )

    def test_make_up_days(self):
        makeups = self.env["resource.calendar.makeup"]
        self._assert_announced(lambda: self._add_makeup("2026-11-28"), self.k)
        makeup = makeups.search([("calendar_id", "=", self.k.id)])
        self._assert_announced(lambda: makeup.write({"date": "2026-11-29"}), self.k)
        self._assert_announced(makeup.unlink, self.k)

    def test_time_zone_and_kind_but_not_the_name(self):
        self._assert_announced(lambda: self.k.write({"tz": "Asia/Tokyo"}), self.k)
        self._assert_announced(lambda: self.k.write({"two_weeks_calendar": True}), self.k)
        self._assert_announced(
            lambda: self.k.write({"active": False}), self.env["resource.calendar"]
        )

    def test_a_calendar_deleted_meanwhile_is_not_announced(self):
        def change():
            self._add_makeup("2026-11-28")
            self.k.unlink()

        self._assert_announced(change, self.env["resource.calendar"])
