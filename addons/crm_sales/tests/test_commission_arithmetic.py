from decimal import Decimal
from random import Random

from odoo.tests import BaseCase, tagged

from ..tools.commission import (
    SLICE,
    WHOLE,
    Slice,
    commission,
    make_tiers,
    slices,
    step,
    step_slices,
)
from ..tools.shares import largest_remainder

TIERS = make_tiers([(0, 1), (100000, 2), (300000, "3.5")])


@tagged("post_install", "-at_install")
class TestCommissionArithmetic(BaseCase):
    """Worked numbers of tiers, caps and shares; no database."""

    def test_each_slice_earns_its_own_rate(self):
        for base, expected in (
            (0, "0.00"),
            (50000, "500.00"),
            (100000, "1000.00"),
            (100001, "1000.02"),
            (250000, "4000.00"),
            (300000, "5000.00"),
            (400000, "8500.00"),
        ):
            self.assertEqual(commission(base, TIERS, SLICE, 2), Decimal(expected), base)

    def test_the_tier_reached_applies_to_the_whole(self):
        for base, expected in (
            (99999, "999.99"),
            (100000, "2000.00"),
            (299999, "5999.98"),
            (300000, "10500.00"),
        ):
            self.assertEqual(commission(base, TIERS, WHOLE, 2), Decimal(expected), base)

    def test_a_cap_ends_the_period(self):
        self.assertEqual(commission(400000, TIERS, SLICE, 2, cap=6000), Decimal("6000.00"))
        self.assertEqual(step(300000, 100000, TIERS, SLICE, 2, cap=6000), Decimal("1000.00"))
        self.assertEqual(step(400000, 50000, TIERS, SLICE, 2, cap=6000), Decimal("0.00"))
        self.assertEqual(step(450000, -150000, TIERS, SLICE, 2, cap=6000), Decimal("-1000.00"))

    def test_the_last_unit_is_rounded_half_up_in_the_currency(self):
        tiers = make_tiers([(0, "0.5")])
        self.assertEqual(commission("101.00", tiers, SLICE, 2), Decimal("0.51"))
        self.assertEqual(commission("101.00", tiers, SLICE, 3), Decimal("0.505"))
        self.assertEqual(commission(1299, tiers, SLICE, 0), Decimal("6"))

    def test_more_taken_back_than_brought_in_counts_at_the_first_rate(self):
        self.assertEqual(commission(-20000, TIERS, SLICE, 2), Decimal("-200.00"))
        self.assertEqual(commission(-20000, TIERS, WHOLE, 2), Decimal("-200.00"))

    def test_lines_add_up_to_the_period_in_any_order(self):
        """Every line is a difference, so nothing is won or lost by the order of payments."""
        random = Random(33)
        for mode in (SLICE, WHOLE):
            for cap in (0, 3000):
                deltas = [Decimal(random.randint(-5000000, 9000000)) / 100 for _i in range(60)]
                for _shuffle in range(5):
                    random.shuffle(deltas)
                    standing = total = Decimal(0)
                    for delta in deltas:
                        total += step(standing, delta, TIERS, mode, 2, cap)
                        standing += delta
                    self.assertEqual(total, commission(standing, TIERS, mode, 2, cap))

    def test_what_came_and_went_leaves_nothing(self):
        for mode in (SLICE, WHOLE):
            for before in (0, 99999, 250000):
                gained = step(before, 120000, TIERS, mode, 2)
                lost = step(before + 120000, -120000, TIERS, mode, 2)
                self.assertEqual(gained + lost, 0)

    def test_the_reasons_name_the_slices_that_were_filled(self):
        self.assertEqual(
            step_slices(90000, 20000, TIERS),
            [
                Slice(Decimal(1), Decimal(10000), Decimal(100)),
                Slice(Decimal(2), Decimal(10000), Decimal(200)),
            ],
        )
        self.assertEqual(
            step_slices(110000, -20000, TIERS),
            [
                Slice(Decimal(1), Decimal(-10000), Decimal(-100)),
                Slice(Decimal(2), Decimal(-10000), Decimal(-200)),
            ],
        )
        self.assertEqual(slices(0, TIERS, SLICE), [])

    def test_tiers_that_leave_gaps_are_refused(self):
        for pairs in ([], [(10, 1)], [(0, 1), (0, 2)], [(0, -1)]):
            with self.assertRaises(ValueError):
                make_tiers(pairs)

    def test_shares_add_up_and_the_remainder_goes_where_most_was_lost(self):
        self.assertEqual(
            largest_remainder("100.00", [1, 1, 1], 2),
            [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")],
        )
        self.assertEqual(
            largest_remainder("0.05", ["33.33", "33.33", "33.34"], 2),
            [Decimal("0.02"), Decimal("0.01"), Decimal("0.02")],
        )
        self.assertEqual(largest_remainder(10, [50, 30, 20], 0), [5, 3, 2])
        self.assertEqual(largest_remainder(11, [50, 30, 20], 0), [6, 3, 2])

    def test_what_is_taken_back_is_shared_as_it_was_given(self):
        random = Random(35)
        for _i in range(200):
            amount = Decimal(random.randint(1, 10**9)) / 100
            weights = [random.randint(0, 10000) for _j in range(random.randint(1, 7))] + [1]
            given = largest_remainder(amount, weights, 2)
            self.assertEqual(sum(given), amount)
            self.assertEqual([-part for part in given], largest_remainder(-amount, weights, 2))

    def test_nobody_and_negative_shares_are_refused(self):
        for weights in ([], [0, 0], [-1, 2]):
            with self.assertRaises(ValueError):
                largest_remainder(10, weights, 2)
