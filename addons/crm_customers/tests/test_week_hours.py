from odoo.tests import BaseCase

from ..tools.week_hours import DaysAlike, clock, group_week


class TestWeekHours(BaseCase):
    """Hours of a week in short; no database is needed."""

    def test_days_in_a_row_with_the_same_hours_stand_together(self):
        week = [(day, start, end) for day in range(5) for start, end in ((9, 12), (13, 18))]
        self.assertEqual(group_week(week), [DaysAlike(0, 4, ((540, 720), (780, 1080)))])

    def test_another_day_and_a_gap_stand_for_themselves(self):
        week = [(0, 9, 17), (1, 9, 17), (3, 9, 17), (5, 9, 12.5)]
        self.assertEqual(
            group_week(week),
            [
                DaysAlike(0, 1, ((540, 1020),)),
                DaysAlike(3, 3, ((540, 1020),)),
                DaysAlike(5, 5, ((540, 750),)),
            ],
        )

    def test_hours_that_touch_are_one(self):
        self.assertEqual(group_week([(2, 12, 24), (2, 0, 12)]), [DaysAlike(2, 2, ((0, 1440),))])

    def test_no_hours_no_days(self):
        self.assertEqual(group_week([]), [])

    def test_the_end_of_a_day_is_24(self):
        self.assertEqual([clock(0), clock(545), clock(1440)], ["00:00", "09:05", "24:00"])
