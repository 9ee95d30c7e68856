"""Property tests of the pure arithmetic; no database is needed."""

import unittest
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools.due_dates import Pause, due_date
from ..tools.instalments import allocate, money, plan_amounts, split, unit

DIGITS = st.sampled_from([0, 2, 3])
MANY = settings(max_examples=500, deadline=None, derandomize=True)


@st.composite
def percentages(draw):
    """Positive percentages with up to four decimals that add up to 100."""
    count = draw(st.integers(1, 12))
    cuts = draw(
        st.lists(st.integers(1, 999_999), min_size=count - 1, max_size=count - 1, unique=True)
    )
    edges = [0, *sorted(cuts), 1_000_000]
    return [Decimal(after - before) / 10_000 for before, after in pairwise(edges)]


@st.composite
def amounts(draw):
    """An amount of a currency and the number of its decimals."""
    digits = draw(DIGITS)
    return Decimal(draw(st.integers(0, 10**12))) * unit(digits), digits


class TestInstalments(unittest.TestCase):
    """However an amount is split, the parts are the whole."""

    @MANY
    @given(amounts(), percentages())
    def test_the_parts_add_up_to_the_total_exactly_and_none_is_negative(self, amount, percents):
        total, digits = amount
        parts = split(total, percents, digits)
        self.assertEqual(sum(parts), total)
        self.assertTrue(all(part >= 0 for part in parts))
        self.assertTrue(all(part == money(part, digits) for part in parts))

    @MANY
    @given(amounts(), percentages())
    def test_only_the_last_part_is_more_than_its_share(self, amount, percents):
        total, digits = amount
        parts = split(total, percents, digits)
        for part, percent in zip(parts[:-1], percents[:-1], strict=True):
            self.assertTrue(0 <= total * percent / 100 - part < unit(digits))
        self.assertTrue(0 <= parts[-1] - total * percents[-1] / 100 < unit(digits) * len(parts))

    @MANY
    @given(amounts(), percentages())
    def test_a_plan_of_percentages_is_the_split(self, amount, percents):
        total, digits = amount
        self.assertEqual(plan_amounts(total, percents, [], digits), split(total, percents, digits))

    @MANY
    @given(amounts(), st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=8))
    def test_an_allocation_adds_up_to_the_amount_exactly(self, amount, weights):
        total, digits = amount
        self.assertEqual(sum(allocate(total, weights, digits)), total)

    @MANY
    @given(amounts(), st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
    def test_an_allocation_is_off_by_less_than_one_unit(self, amount, weights):
        total, digits = amount
        if not sum(weights):
            return
        for part, weight in zip(allocate(total, weights, digits), weights, strict=True):
            self.assertLess(abs(part - total * weight / sum(weights)), unit(digits) + unit(9))

    def test_the_customary_split_of_an_odd_amount(self):
        self.assertEqual(
            split("100000.01", [30, 40, 30], 2),
            [Decimal("30000.00"), Decimal("40000.00"), Decimal("30000.01")],
        )
        self.assertEqual(split("0.01", [50, 50], 2), [Decimal("0.00"), Decimal("0.01")])
        self.assertEqual(split(14543.77, [50, 50], 2), [Decimal("7271.88"), Decimal("7271.89")])
        self.assertEqual(split(1001, [33.33, 33.33, 33.34], 0), [333, 333, 335])

    def test_fixed_amounts_and_percentages_that_make_up_the_total_leave_no_gap(self):
        self.assertEqual(plan_amounts("1000.01", [30, 50], ["200.00"], 2)[-1], Decimal("500.01"))

    def test_a_plan_that_does_not_add_up_shows_its_gap(self):
        self.assertEqual(sum(plan_amounts(1000, [30, 30], [], 2)), 600)
        self.assertEqual(sum(plan_amounts(1000, [80], [300], 2)), 800)

    def test_nonsense_is_refused(self):
        for percents in ([], [50, 49], [100, 0], [150, -50]):
            with self.assertRaises(ValueError):
                split(100, percents, 2)
        with self.assertRaises(ValueError):
            split(-1, [100], 2)
        with self.assertRaises(ValueError):
            unit(-1)
        with self.assertRaises(ValueError):
            allocate(1, [], 2)


class FiveDayWeek:
    """Monday to Friday, no holidays."""

    def nth_working_day(self, day, count):
        """Return the count-th weekday after day."""
        if not count and day.weekday() < 5:
            return day
        count = max(count, 1)
        while count:
            day += timedelta(days=1)
            count -= day.weekday() < 5
        return day


class TestDueDates(unittest.TestCase):
    """A period in working days stands still while its contract is suspended."""

    def test_working_days_are_counted_after_the_event(self):
        monday = date(2026, 3, 2)
        self.assertEqual(due_date(FiveDayWeek(), monday, 5), date(2026, 3, 9))
        self.assertEqual(due_date(FiveDayWeek(), monday, 0), monday)
        self.assertEqual(due_date(FiveDayWeek(), date(2026, 3, 7), 0), date(2026, 3, 9))

    def test_days_of_a_suspension_do_not_count(self):
        monday = date(2026, 3, 2)
        pause = Pause(date(2026, 3, 4), date(2026, 3, 18))
        self.assertEqual(due_date(FiveDayWeek(), monday, 5, [pause]), date(2026, 3, 23))

    def test_a_period_over_before_the_suspension_is_not_moved(self):
        pause = Pause(date(2026, 3, 10), date(2026, 4, 10))
        self.assertEqual(due_date(FiveDayWeek(), date(2026, 3, 2), 5, [pause]), date(2026, 3, 9))

    @settings(MANY, max_examples=150)
    @given(
        st.dates(date(2026, 1, 1), date(2027, 1, 1)),
        st.integers(0, 40),
        st.integers(0, 60),
        st.integers(0, 60),
    )
    def test_what_was_left_before_a_suspension_is_left_after_it(self, event, days, after, length):
        grid = FiveDayWeek()
        plain = due_date(grid, event, days)
        pause = Pause(event + timedelta(days=after), event + timedelta(days=after + length))
        moved = due_date(grid, event, days, [pause])
        if plain <= pause.start:
            self.assertEqual(moved, plain)
        else:
            left = sum(1 for n in range(1, 50) if pause.start < _nth(grid, pause.start, n) <= plain)
            self.assertEqual(moved, _nth(grid, pause.end, left))


def _nth(grid, day, count):
    return grid.nth_working_day(day, count)


if __name__ == "__main__":
    unittest.main()
