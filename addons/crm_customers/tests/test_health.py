from datetime import date

from odoo.tests import BaseCase, tagged

from ..tools import health, rfm
from ..tools.health import Facts, Reason


@tagged("post_install", "-at_install")
class TestHealth(BaseCase):
    """A customer's health is arithmetic, and each point lost has its reason."""

    def test_a_customer_who_buys_pays_and_is_cared_for_has_100(self):
        facts = Facts(silent_days=10, untouched_days=5, invoiced=1000, invoiced_before=900)
        self.assertEqual(health.score(facts), 100)
        self.assertEqual(health.explain(facts), [])

    def test_12000_overdue_for_45_days_costs_30(self):
        facts = Facts(12000, 45, 10, 5, invoiced=50000)
        self.assertEqual(health.explain(facts), [Reason("overdue", -30, 45)])
        self.assertEqual(health.score(facts), 70)

    def test_who_was_never_invoiced_has_no_score(self):
        self.assertIsNone(health.score(Facts(untouched_days=1)))
        self.assertIsNone(health.level(None))

    def test_a_rest_below_one_percent_of_the_year_costs_little(self):
        facts = Facts(0.99, 200, 10, 5, invoiced=100)
        self.assertEqual(health.explain(facts), [Reason("overdue_minor", -5, 200)])
        at_limit = facts._replace(overdue_amount=1.0)
        self.assertEqual(health.explain(at_limit), [Reason("overdue", -50, 200)])

    def test_credits_beyond_what_is_due_are_not_overdue(self):
        self.assertEqual(health.score(Facts(-5, 40, 10, 5)), 100)

    def test_the_edges_of_the_bands(self):
        for days, points in ((90, 0), (91, -10), (180, -10), (181, -20), (365, -20), (366, -30)):
            facts = Facts(silent_days=days, untouched_days=0)
            self.assertEqual(health.score(facts), 100 + points, days)
        for days, points in ((1, 10), (15, 10), (16, 20), (31, 30), (61, 40), (90, 40), (91, 50)):
            self.assertEqual(health.score(Facts(9, days, 1, 1)), 100 - points, days)

    def test_buying_less_than_the_year_before(self):
        for now, points in ((100, 0), (81, 0), (80, -8), (51, -8), (50, -15), (-20, -15)):
            facts = Facts(silent_days=1, untouched_days=1, invoiced=now, invoiced_before=100)
            self.assertEqual(health.score(facts), 100 + points, now)

    def test_nobody_talking_to_the_customer_is_a_reason(self):
        self.assertEqual(health.explain(Facts(silent_days=1)), [Reason("never", -10, 0)])
        self.assertEqual(health.score(Facts(silent_days=1, untouched_days=91)), 95)

    def test_a_score_never_falls_below_zero_and_the_heaviest_reason_comes_first(self):
        facts = Facts(500, 400, 400, None, invoiced=0, invoiced_before=100)
        self.assertEqual(health.score(facts), 0)
        points = [reason.points for reason in health.explain(facts)]
        self.assertEqual(points, [-50, -30, -15, -10])

    def test_levels(self):
        self.assertEqual(
            [health.level(points) for points in (100, 80, 79, 60, 59, 0)],
            ["good", "good", "watch", "watch", "risk", "risk"],
        )


@tagged("post_install", "-at_install")
class TestRfm(BaseCase):
    """RFM as defined: 1 + floor(5 * (rank - 1) / N), equals are equal."""

    def test_six_equal_customers_are_in_one_fifth(self):
        self.assertEqual(rfm.fifths([1, 1, 1, 1, 1, 1, 2, 3, 5, 9]), [1, 1, 1, 1, 1, 1, 4, 4, 5, 5])

    def test_the_order_of_the_list_says_nothing(self):
        self.assertEqual(rfm.fifths([9, 1, 5, 3, 2]), [5, 1, 4, 3, 2])

    def test_who_brought_no_money_has_monetary_1(self):
        rows = [
            (date(2026, 1, 1), 1, -50.0),
            (date(2026, 2, 1), 2, 0.0),
            (date(2026, 3, 1), 3, 10.0),
            (date(2026, 4, 1), 4, 20.0),
            (date(2026, 5, 1), 5, 30.0),
        ]
        self.assertEqual(rfm.scores(rows), [(1, 1, 1), (2, 2, 1), (3, 3, 3), (4, 4, 4), (5, 5, 5)])
        self.assertEqual(rfm.scores([]), [])

    def test_every_combination_has_exactly_one_name(self):
        for recency in range(1, 6):
            for value in range(1, 6):
                fitting = [
                    row[0]
                    for row in rfm.CLASSES
                    if row[1] <= recency <= row[2] and row[3] <= value <= row[4]
                ]
                self.assertTrue(fitting)
                self.assertEqual(rfm.name_class(recency, value, 1), fitting[0])
        self.assertEqual(rfm.name_class(5, 5, 5), "champion")
        self.assertEqual(rfm.name_class(1, 5, 1), "fading")
        self.assertEqual(rfm.name_class(1, 1, 1), "lapsed")
