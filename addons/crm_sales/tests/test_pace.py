from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..tools.pace import Pace, measure, raised, rank, spread


@tagged("post_install", "-at_install")
class TestPace(BaseCase):
    """Worked numbers of pace, ranking and a year's targets; no database."""

    def test_a_target_is_measured_against_the_working_time_gone_by(self):
        self.assertEqual(
            measure(100000, 30000, worked=50, whole=200, digits=2),
            Pace(percent=30.0, elapsed=25.0, expected=25000.0, ahead=5000.0, projected=120000.0),
        )

    def test_before_the_month_nothing_is_expected_and_after_it_all(self):
        self.assertEqual(measure(1000, 0, 0, 200, 2), Pace(0.0, 0.0, 0.0, 0.0, 0.0))
        self.assertEqual(measure(1000, 900, 200, 200, 2), Pace(90.0, 100.0, 1000.0, -100.0, 900.0))

    def test_a_month_without_work_and_a_target_of_nothing_do_not_divide_by_zero(self):
        self.assertEqual(measure(0, 50, 0, 0, 2), Pace(0.0, 100.0, 0.0, 50.0, 50.0))

    def test_equal_values_share_the_better_place(self):
        self.assertEqual(rank([10, 30, 20, 30]), [4, 1, 3, 1])
        self.assertEqual(rank([]), [])

    def test_a_year_is_spread_by_working_days_exactly(self):
        days = [20, 15, 22, 21, 18, 21, 23, 21, 22, 17, 21, 23]
        months = spread("1000000.00", days, 2)
        self.assertEqual(sum(months), Decimal("1000000.00"))
        self.assertEqual(months[0], Decimal("81967.21"))
        self.assertEqual(spread(100, [0] * 12, 2)[0], Decimal("8.34"))

    def test_last_year_raised_adds_up_to_the_year_raised(self):
        months = raised(["33.33"] * 12, 10, 2)
        self.assertEqual(sum(months), Decimal("439.96"))
        self.assertEqual(raised([0] * 12, 10, 2), [0] * 12)
