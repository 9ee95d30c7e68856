from datetime import datetime
from unittest import TestCase

from ..tools.bots import is_automatic_click
from ..tools.members import RANKS, states_before
from ..tools.returns import CampaignFigures, budget_alert, collected_share


class TestReturns(TestCase):
    """The ratios marketers judge a campaign by, without a database."""

    def test_return_of_the_worked_example(self):
        figures = CampaignFigures(cost=4000, invoiced=2790, collected=1750, leads=50, buyers=2)
        self.assertAlmostEqual(figures.roi, -0.5625)
        self.assertAlmostEqual(figures.roas, 0.6975)
        self.assertEqual(figures.cost_per_lead, 80)
        self.assertEqual(figures.cost_per_customer, 2000)

    def test_without_cost_every_ratio_is_blank(self):
        figures = CampaignFigures(cost=0, collected=1750, leads=50, buyers=2)
        self.assertIsNone(figures.roi)
        self.assertIsNone(figures.roas)
        self.assertIsNone(figures.cost_per_lead)
        self.assertIsNone(figures.cost_per_customer)

    def test_more_credited_than_billed_is_no_cost(self):
        self.assertIsNone(CampaignFigures(cost=-10, collected=100).roi)

    def test_without_leads_or_buyers_their_cost_is_blank(self):
        figures = CampaignFigures(cost=4000)
        self.assertEqual(figures.roi, -1)
        self.assertIsNone(figures.cost_per_lead)
        self.assertIsNone(figures.cost_per_customer)

    def test_budget_alert_at_80_and_100_percent(self):
        for spent, alert in (
            (0, "ok"),
            (799.99, "ok"),
            (800, "warning"),
            (999.99, "warning"),
            (1000, "over"),
            (1200, "over"),
        ):
            self.assertEqual(budget_alert(1000, spent), alert, spent)

    def test_cost_without_budget_is_over_and_nothing_at_all_is_silent(self):
        self.assertEqual(budget_alert(0, 1), "over")
        self.assertIsNone(budget_alert(0, 0))

    def test_collected_is_the_untaxed_share_at_the_rate_of_the_invoice(self):
        self.assertEqual(collected_share(untaxed=7000, total=1130, cash=565), 3500)

    def test_a_paid_out_credit_note_is_negative(self):
        self.assertEqual(collected_share(untaxed=-1420, total=226, cash=-226), -1420)

    def test_a_document_over_nothing_collects_nothing(self):
        self.assertEqual(collected_share(untaxed=0, total=0, cash=0), 0)


class TestBots(TestCase):
    """Mail scanners click at once, people later."""

    def test_a_click_within_moments_of_sending_is_a_machine(self):
        sent = datetime(2026, 3, 1, 9, 0, 0)
        self.assertTrue(is_automatic_click(sent, datetime(2026, 3, 1, 9, 0, 2)))
        self.assertFalse(is_automatic_click(sent, datetime(2026, 3, 1, 9, 0, 3)))

    def test_a_click_without_known_sending_is_a_person(self):
        self.assertFalse(is_automatic_click(None, datetime(2026, 3, 1, 9, 0, 2)))


class TestMembers(TestCase):
    """A member only moves on."""

    def test_a_reply_moves_the_invited_on_but_not_those_who_came(self):
        self.assertIn("invited", states_before("responded"))
        self.assertNotIn("attended", states_before("responded"))

    def test_nothing_comes_before_planned(self):
        self.assertEqual(states_before("planned"), [])
        self.assertEqual(len(states_before("converted")), len(RANKS) - 1)
