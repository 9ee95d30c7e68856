"""Periods are pure arithmetic; no database is needed."""

import unittest
from datetime import date

from ..tools.period import PERIODS, buckets, period_bounds, previous_bounds, start_of

TODAY = date(2026, 11, 20)


class TestPeriod(unittest.TestCase):
    def test_named_periods_are_whole_calendar_units(self):
        expected = {
            "this_month": (date(2026, 11, 1), date(2026, 11, 30)),
            "last_month": (date(2026, 10, 1), date(2026, 10, 31)),
            "this_quarter": (date(2026, 10, 1), date(2026, 12, 31)),
            "last_quarter": (date(2026, 7, 1), date(2026, 9, 30)),
            "this_year": (date(2026, 1, 1), date(2026, 12, 31)),
            "last_year": (date(2025, 1, 1), date(2025, 12, 31)),
            "all": (None, None),
        }
        self.assertEqual({key: period_bounds(key, TODAY) for key in expected}, expected)
        self.assertEqual({*expected, "custom"}, set(PERIODS))

    def test_a_custom_period_may_be_open_on_either_side(self):
        self.assertEqual(period_bounds("custom", TODAY, TODAY, None), (TODAY, None))
        self.assertEqual(period_bounds("custom", TODAY, None, TODAY), (None, TODAY))

    def test_a_period_that_ends_before_it_starts_is_refused(self):
        with self.assertRaises(ValueError):
            period_bounds("custom", TODAY, date(2026, 2, 1), date(2026, 1, 1))

    def test_an_unknown_period_is_refused(self):
        with self.assertRaises(ValueError):
            period_bounds("fortnight", TODAY)

    def test_a_finished_month_is_compared_with_the_month_before(self):
        self.assertEqual(
            previous_bounds(date(2026, 3, 1), date(2026, 3, 31), TODAY),
            (date(2026, 2, 1), date(2026, 2, 28)),
        )

    def test_a_running_year_is_compared_with_the_same_stretch_of_the_year_before(self):
        self.assertEqual(
            previous_bounds(date(2026, 1, 1), date(2026, 12, 31), TODAY),
            (date(2025, 1, 1), date(2025, 11, 20)),
        )

    def test_any_other_span_is_compared_with_as_many_days_before(self):
        self.assertEqual(
            previous_bounds(date(2026, 3, 10), date(2026, 3, 12), TODAY),
            (date(2026, 3, 7), date(2026, 3, 9)),
        )

    def test_an_open_period_has_nothing_to_be_compared_with(self):
        self.assertIsNone(previous_bounds(None, TODAY, TODAY))
        self.assertIsNone(previous_bounds(TODAY, None, TODAY))

    def test_buckets_cover_every_unit_between_two_days(self):
        self.assertEqual(
            buckets(date(2025, 12, 1), date(2026, 2, 15), "month"),
            [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)],
        )
        self.assertEqual(len(buckets(date(2026, 1, 1), date(2026, 12, 31), "day")), 365)
        self.assertEqual(len(buckets(date(2026, 1, 5), date(2026, 2, 1), "week")), 4)

    def test_a_unit_starts_on_its_first_day(self):
        self.assertEqual(start_of(TODAY, "quarter"), date(2026, 10, 1))
        self.assertEqual(start_of(TODAY, "year"), date(2026, 1, 1))
