from datetime import date, datetime

import pytz
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.work_grid import (
    MakeUpDay,
    NoWorkingTimeError,
    WallClock,
    WorkGrid,
    WorkSchedule,
    merge_spans,
    subtract_spans,
)

HOUR = 3600
OFFICE = [(9 * HOUR, 12 * HOUR), (13 * HOUR, 18 * HOUR)]
ALL_DAY = [(0, 24 * HOUR)]


def weekly(spans, weekdays=range(5)):
    return {(week, weekday): spans for week in (0, 1) for weekday in weekdays}


def instant(text, tz="Asia/Shanghai"):
    local = datetime.strptime(text, "%Y-%m-%d %H:%M")
    return int(pytz.timezone(tz).localize(local).timestamp())


def local(seconds, tz="Asia/Shanghai"):
    return datetime.fromtimestamp(seconds, pytz.timezone(tz)).strftime("%Y-%m-%d %H:%M")


NATIONAL_DAY = (instant("2026-10-01 00:00"), instant("2026-10-08 00:00"))
MAKEUPS = {date(2026, 9, 20): MakeUpDay(), date(2026, 10, 10): MakeUpDay()}
K = WorkSchedule("Asia/Shanghai", weekly(OFFICE), MAKEUPS, [NATIONAL_DAY])
K_WITHOUT_MAKEUPS = WorkSchedule("Asia/Shanghai", weekly(OFFICE), {}, [NATIONAL_DAY])


@tagged("post_install", "-at_install")
class TestWorkGrid(BaseCase):
    """Deadlines, worked time and working days, without a database.

    K: Monday to Friday 09-12 and 13-18 in Shanghai, the National Day holiday of 2026 off, the
    make-up Sunday 20 September and Saturday 10 October worked.
    """

    def assertDeadline(self, start, hours, expected, schedule=K, tz="Asia/Shanghai"):
        grid = WorkGrid(schedule, datetime.strptime(start[:10], "%Y-%m-%d").date())
        found = grid.deadline(instant(start, tz), int(hours * HOUR))
        self.assertEqual(local(found, tz), expected)
        self.assertEqual(grid.worked(instant(start, tz), found), int(hours * HOUR))

    def test_a_lunch_break_does_not_count(self):
        self.assertDeadline("2026-11-23 10:00", 4, "2026-11-23 15:00")

    def test_a_deadline_ends_with_the_interval_and_not_at_the_next_one(self):
        self.assertDeadline("2026-11-23 09:00", 8, "2026-11-23 18:00")

    def test_work_goes_on_the_next_morning(self):
        self.assertDeadline("2026-11-23 17:30", 1, "2026-11-24 09:30")

    def test_a_weekend_does_not_count(self):
        self.assertDeadline("2026-11-27 17:59", 1, "2026-11-30 09:59")

    def test_a_start_at_the_weekend_waits_for_monday(self):
        self.assertDeadline("2026-11-28 10:00", 4, "2026-11-30 14:00")

    def test_a_start_in_the_lunch_break_waits_for_its_end(self):
        self.assertDeadline("2026-11-23 12:30", 1, "2026-11-23 14:00")

    def test_a_holiday_does_not_count(self):
        self.assertDeadline("2026-09-30 17:00", 4, "2026-10-08 12:00")

    def test_a_make_up_saturday_is_worked(self):
        self.assertDeadline("2026-10-09 17:00", 4, "2026-10-10 12:00")

    def test_without_the_make_up_saturday_work_waits_for_monday(self):
        self.assertDeadline("2026-10-09 17:00", 4, "2026-10-12 12:00", K_WITHOUT_MAKEUPS)

    def test_a_make_up_sunday_is_worked(self):
        self.assertDeadline("2026-09-18 17:30", 2, "2026-09-20 10:30")

    def test_the_wall_clock_never_stops(self):
        found = WallClock().deadline(instant("2026-09-30 23:30"), HOUR)
        self.assertEqual(local(found), "2026-10-01 00:30")
        self.assertEqual(WallClock().worked(instant("2026-09-30 23:30"), found), HOUR)
        self.assertEqual(WallClock().worked(found, found - 5), 0)

    def test_nothing_is_worked_outside_working_hours(self):
        grid = WorkGrid(K, date(2026, 11, 27))
        self.assertEqual(grid.worked(instant("2026-11-27 19:00"), instant("2026-11-28 10:00")), 0)
        self.assertDeadline("2026-11-27 19:00", 1, "2026-11-30 10:00")

    def test_hours_are_wall_hours_across_the_change_of_clocks(self):
        schedule = WorkSchedule("America/New_York", weekly([(9 * HOUR, 17 * HOUR)]))
        self.assertDeadline("2026-03-06 16:00", 2, "2026-03-09 10:00", schedule, "America/New_York")
        grid = WorkGrid(schedule, date(2026, 3, 6))
        found = grid.deadline(instant("2026-03-06 16:00", "America/New_York"), 2 * HOUR)
        self.assertEqual(local(found, "UTC"), "2026-03-09 14:00")

    def test_a_day_of_23_and_one_of_25_hours_count_what_they_have(self):
        schedule = WorkSchedule("America/New_York", weekly(ALL_DAY, range(7)))
        tz = "America/New_York"
        self.assertDeadline("2026-03-07 22:00", 8, "2026-03-08 07:00", schedule, tz)
        self.assertDeadline("2026-10-31 22:00", 8, "2026-11-01 05:00", schedule, tz)
        grid = WorkGrid(schedule, date(2026, 3, 1))
        for day, hours in (("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-02", 24)):
            following = f"{day[:8]}{int(day[8:]) + 1:02d}"
            worked = grid.worked(instant(f"{day} 00:00", tz), instant(f"{following} 00:00", tz))
            self.assertEqual(worked, hours * HOUR, day)

    def test_a_day_whose_midnight_does_not_exist_has_its_23_hours(self):
        schedule = WorkSchedule("America/Sao_Paulo", weekly(ALL_DAY, range(7)))
        grid = WorkGrid(schedule, date(2018, 11, 3))
        start, end = (instant(f"2018-11-0{day} 12:00", "America/Sao_Paulo") for day in (3, 4))
        self.assertEqual(end - start, 23 * HOUR)
        self.assertEqual(grid.worked(start, end), 23 * HOUR)

    def test_a_leave_added_later_moves_the_deadline(self):
        leave = (instant("2026-11-24 00:00"), instant("2026-11-25 00:00"))
        schedule = WorkSchedule("Asia/Shanghai", weekly(OFFICE), {}, [leave])
        self.assertDeadline("2026-11-23 17:30", 1, "2026-11-25 09:30", schedule)

    def test_ten_working_days_cross_the_holiday_and_use_the_make_up_day(self):
        for schedule, expected in (
            (K, date(2026, 10, 16)),
            (K_WITHOUT_MAKEUPS, date(2026, 10, 19)),
        ):
            grid = WorkGrid(schedule, date(2026, 9, 28))
            found = grid.nth_working_day(date(2026, 9, 28), 10)
            self.assertEqual(found, expected)
            self.assertEqual(local(grid.end_of_working_day(found)), f"{expected} 18:00")

    def test_working_days_are_counted_after_the_date_and_none_gives_the_day_or_the_next(self):
        grid = WorkGrid(K, date(2026, 9, 28))
        friday, saturday, monday = date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 30)
        self.assertEqual(grid.nth_working_day(friday, 0), friday)
        self.assertEqual(grid.nth_working_day(saturday, 0), monday)
        self.assertEqual(grid.nth_working_day(friday, 1), monday)
        self.assertEqual(grid.nth_working_day(saturday, 1), monday)
        self.assertEqual(grid.nth_working_day(saturday, 2), date(2026, 12, 1))
        self.assertEqual(local(grid.end_of_working_day(saturday)), "2026-11-30 18:00")

    def test_working_days_of_a_period_are_listed(self):
        grid = WorkGrid(K, date(2026, 9, 28))
        self.assertEqual(
            [day.day for day in grid.working_days(date(2026, 9, 29), date(2026, 10, 12))],
            [29, 30, 8, 9, 10, 12],
        )
        self.assertTrue(grid.is_working_day(date(2026, 10, 10)))
        self.assertFalse(grid.is_working_day(date(2026, 10, 11)))
        self.assertFalse(grid.is_working_day(date(2026, 10, 1)))

    def test_half_a_day_off_is_still_a_working_day(self):
        leave = (instant("2026-11-24 13:00"), instant("2026-11-25 00:00"))
        schedule = WorkSchedule("Asia/Shanghai", weekly(OFFICE), {}, [leave])
        grid = WorkGrid(schedule, date(2026, 11, 23))
        self.assertEqual(grid.nth_working_day(date(2026, 11, 23), 1), date(2026, 11, 24))
        self.assertEqual(local(grid.end_of_working_day(date(2026, 11, 24))), "2026-11-24 12:00")

    def test_a_time_off_beats_a_make_up_day_unless_the_day_says_otherwise(self):
        saturday = date(2026, 10, 10)
        leave = (instant("2026-10-10 00:00"), instant("2026-10-11 00:00"))
        for despite, expected in ((False, "2026-10-12 10:00"), (True, "2026-10-10 10:00")):
            schedule = WorkSchedule(
                "Asia/Shanghai", weekly(OFFICE), {saturday: MakeUpDay(0, despite)}, [leave]
            )
            self.assertDeadline("2026-10-09 18:00", 1, expected, schedule)

    def test_a_make_up_day_takes_the_hours_of_its_weekday(self):
        hours = weekly(OFFICE) | weekly([(9 * HOUR, 11 * HOUR)], [4])
        for weekday, expected in ((0, "2026-10-10 18:00"), (4, "2026-10-12 15:00")):
            schedule = WorkSchedule(
                "Asia/Shanghai", hours, {date(2026, 10, 10): MakeUpDay(weekday)}
            )
            self.assertDeadline("2026-10-09 20:00", 8 if not weekday else 7, expected, schedule)

    def test_a_make_up_day_like_a_free_weekday_keeps_its_own_hours(self):
        schedule = WorkSchedule(
            "Asia/Shanghai", weekly(OFFICE), {date(2026, 11, 24): MakeUpDay(weekday=6)}
        )
        self.assertDeadline("2026-11-24 09:00", 8, "2026-11-24 18:00", schedule)

    def test_the_weeks_of_a_two_week_calendar_take_turns(self):
        odd_monday, even_monday = date(2026, 11, 23), date(2026, 11, 30)
        schedule = WorkSchedule("Asia/Shanghai", {(1, 0): OFFICE, (0, 2): OFFICE})
        grid = WorkGrid(schedule, date(2026, 11, 1))
        days = grid.working_days(date(2026, 11, 16), date(2026, 12, 6))
        parities = {day.weekday(): (day.toordinal() - 1) // 7 % 2 for day in days}
        self.assertEqual(parities, {0: 1, 2: 0})
        self.assertNotEqual(grid.is_working_day(odd_monday), grid.is_working_day(even_monday))

    def test_no_work_left_gives_the_start_or_the_next_start_of_work(self):
        self.assertDeadline("2026-11-23 10:00", 0, "2026-11-23 10:00")
        self.assertDeadline("2026-11-23 18:00", 0, "2026-11-24 09:00")
        self.assertDeadline("2026-11-28 10:00", 0, "2026-11-30 09:00")

    def test_hours_to_midnight_join_the_next_day_without_a_lost_second(self):
        schedule = WorkSchedule("Asia/Shanghai", weekly(ALL_DAY, range(7)))
        grid = WorkGrid(schedule, date(2026, 1, 1), date(2026, 12, 31))
        self.assertEqual(len(grid.intervals), 1)
        start = instant("2026-01-05 00:00")
        self.assertEqual(grid.deadline(start, 300 * 24 * HOUR), start + 300 * 24 * HOUR)

    def test_the_grid_grows_until_the_deadline_is_found(self):
        grid = WorkGrid(K, date(2026, 11, 23), date(2026, 11, 23))
        found = grid.deadline(instant("2026-11-23 09:00"), 5 * 52 * 5 * 8 * HOUR)
        self.assertEqual(local(found), "2031-11-14 18:00")

    def test_overlapping_times_off_are_taken_away_once(self):
        leaves = [
            (instant("2026-11-24 10:00"), instant("2026-11-24 15:00")),
            (instant("2026-11-24 11:00"), instant("2026-11-24 16:00")),
        ]
        schedule = WorkSchedule("Asia/Shanghai", weekly(OFFICE), {}, leaves)
        grid = WorkGrid(schedule, date(2026, 11, 23))
        day = (instant("2026-11-24 00:00"), instant("2026-11-25 00:00"))
        self.assertEqual(grid.worked(*day), 3 * HOUR)

    def test_a_schedule_without_working_hours_is_an_error_and_no_endless_search(self):
        empty = WorkGrid(WorkSchedule("Asia/Shanghai", {}), date(2026, 1, 1))
        leave = (instant("2020-01-01 00:00"), instant("2190-01-01 00:00"))
        closed = WorkGrid(
            WorkSchedule("Asia/Shanghai", weekly(OFFICE), {}, [leave]), date(2026, 1, 1)
        )
        for grid in (empty, closed):
            with self.assertRaises(NoWorkingTimeError):
                grid.deadline(instant("2026-01-01 09:00"), 1)
            with self.assertRaises(NoWorkingTimeError):
                grid.nth_working_day(date(2026, 1, 1), 1)

    def test_questions_the_grid_cannot_answer_are_refused(self):
        for grid in (WorkGrid(K, date(2026, 1, 1)), WallClock()):
            with self.assertRaises(ValueError):
                grid.deadline(instant("2026-01-05 09:00"), -1)
            with self.assertRaises(ValueError):
                grid.nth_working_day(date(2026, 1, 5), -1)
        grid = WorkGrid(K, date(2026, 1, 1))
        for question in (
            lambda: grid.deadline(instant("2025-12-31 23:59"), 0),
            lambda: grid.worked(instant("2025-12-31 23:59"), instant("2026-01-05 10:00")),
            lambda: grid.is_working_day(date(2025, 12, 31)),
        ):
            with self.assertRaises(ValueError):
                question()

    def test_without_a_calendar_every_day_is_a_working_day_that_ends_at_midnight(self):
        clock = WallClock("Asia/Shanghai")
        self.assertEqual(clock.nth_working_day(date(2026, 9, 28), 10), date(2026, 10, 8))
        self.assertTrue(clock.is_working_day(date(2026, 10, 1)))
        self.assertEqual(len(clock.working_days(date(2026, 10, 1), date(2026, 10, 7))), 7)
        self.assertEqual(local(clock.end_of_working_day(date(2026, 10, 8))), "2026-10-09 00:00")


PERIODS = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(
        lambda pair: (min(pair) * 60, max(pair) * 60)
    ),
    max_size=3,
)
HORIZON = (instant("2026-01-01 00:00"), instant("2027-06-01 00:00"))
SPANS = st.tuples(st.integers(*HORIZON), st.integers(0, 20 * 24 * HOUR)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)
SCHEDULES = st.builds(
    WorkSchedule,
    tz=st.sampled_from(["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    hours=st.dictionaries(
        st.tuples(st.integers(0, 1), st.integers(0, 6)), PERIODS, max_size=14
    ).map(lambda hours: hours | {(0, 1): OFFICE}),
    makeups=st.dictionaries(
        st.dates(date(2026, 1, 1), date(2027, 6, 1)),
        st.builds(MakeUpDay, st.integers(0, 6), st.booleans()),
        max_size=5,
    ),
    leaves=st.lists(SPANS, max_size=5),
)
STARTS = st.integers(HORIZON[0] + 24 * HOUR, HORIZON[1])


@tagged("post_install", "-at_install")
class TestWorkGridProperties(BaseCase):
    """What holds for every schedule, start and amount of work."""

    @settings(max_examples=60, deadline=None)
    @given(SCHEDULES, STARTS, st.integers(0, 400 * HOUR), st.integers(0, 50 * HOUR))
    def test_a_deadline_is_the_first_instant_with_the_work_done(self, schedule, start, some, more):
        grid = WorkGrid(schedule, date(2026, 1, 1))
        found = grid.deadline(start, some)
        self.assertEqual(grid.worked(start, found), some)
        if some:
            self.assertEqual(grid.worked(start, found - 1), some - 1)
        self.assertGreaterEqual(grid.deadline(start, some + more), found)
        self.assertGreaterEqual(grid.deadline(start + more, some), found)

    @settings(max_examples=40, deadline=None)
    @given(SCHEDULES, STARTS, st.integers(0, 90 * 24 * HOUR), st.integers(0, 90 * 24 * HOUR))
    def test_worked_time_adds_up(self, schedule, start, first, second):
        grid = WorkGrid(schedule, date(2026, 1, 1))
        middle, end = start + first, start + first + second
        self.assertEqual(
            grid.worked(start, middle) + grid.worked(middle, end), grid.worked(start, end)
        )

    @settings(max_examples=40, deadline=None)
    @given(SCHEDULES, st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(1, 40))
    def test_the_nth_working_day_has_n_working_days_up_to_it(self, schedule, day, count):
        grid = WorkGrid(schedule, date(2026, 1, 1))
        found = grid.nth_working_day(day, count)
        listed = grid.working_days(day, found)
        self.assertEqual(len([one for one in listed if one > day]), count)
        self.assertEqual(listed[-1], found)

    @given(st.lists(SPANS, max_size=8), st.lists(SPANS, max_size=8))
    def test_taking_holes_out_leaves_the_rest(self, spans, holes):
        spans, holes = merge_spans(spans), merge_spans(holes)
        rest = subtract_spans(spans, holes)
        common = [
            max(0, min(span[1], hole[1]) - max(span[0], hole[0]))
            for span in spans
            for hole in holes
        ]
        self.assertEqual(
            sum(end - start for start, end in rest),
            sum(end - start for start, end in spans) - sum(common),
        )
        self.assertEqual(merge_spans(rest), rest)
