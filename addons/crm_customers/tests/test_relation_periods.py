from datetime import date

from odoo.tests import BaseCase

from ..tools.relation_periods import fold_periods

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


class TestRelationPeriods(BaseCase):
    """Periods of one relation that overlap become one; others stay as they are."""

    def test_apart_nothing_changes(self):
        rows = [(1, "a", JAN, FEB, 0), (2, "a", MAR, APR, 1), (3, "b", JAN, APR, 0)]
        self.assertEqual(fold_periods(rows), ({}, []))

    def test_overlapping_are_joined_on_the_survivors_row(self):
        rows = [(1, "a", JAN, MAR, 1), (2, "a", FEB, APR, 0)]
        self.assertEqual(fold_periods(rows), ({2: (JAN, APR)}, [1]))

    def test_the_last_day_is_included(self):
        rows = [(1, "a", JAN, FEB, 0), (2, "a", FEB, MAR, 0)]
        self.assertEqual(fold_periods(rows), ({1: (JAN, MAR)}, [2]))

    def test_open_ends_stay_open(self):
        rows = [(1, "a", FEB, None, 0), (2, "a", None, MAR, 1), (3, "a", APR, APR, 1)]
        self.assertEqual(fold_periods(rows), ({1: (None, None)}, [2, 3]))

    def test_one_that_covers_the_others_is_kept_unchanged(self):
        rows = [(5, "a", None, None, 0), (6, "a", JAN, FEB, 1), (7, "a", MAR, None, 1)]
        self.assertEqual(fold_periods(rows), ({}, [6, 7]))
