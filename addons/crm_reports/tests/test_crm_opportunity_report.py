from datetime import date, datetime

from odoo import Command
from odoo.tests import tagged

from .common import ReportsCommon


@tagged("post_install", "-at_install")
class TestOpportunityReport(ReportsCommon):
    """What the opportunity analyses count and how they measure it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_teams()
        cls.report = cls.env["crm.opportunity.report"].with_user(cls.sales_manager)
        cls.product_report = cls.env["crm.opportunity.product.report"].with_user(cls.sales_manager)
        cls.gadget = cls.env["product.product"].create({"name": "Gadget", "list_price": 300})

    def _figures(self, *measures, groupby=(), domain=()):
        return self.report._get_figures(list(measures), list(groupby), list(domain))

    def test_each_outcome_has_its_own_column_and_lost_ones_count_although_archived(self):
        self._create_lead(100, "won")
        self._create_lead(40, "lost")
        self._create_lead(7)
        [row] = self._figures(
            "value:sum", "won_value:sum", "lost_value:sum", "open_value:sum",
            "won_count:sum", "lost_count:sum", "open_count:sum", "__count",
        )  # fmt: skip
        self.assertEqual(list(row.values()), [147, 100, 40, 7, 1, 1, 1, 3])

    def test_leads_and_opportunities_archived_without_being_lost_do_not_count(self):
        self._create_lead(5, type="lead")
        parked = self._create_lead(6)
        parked.with_context(active_test=False).active = False
        parked.probability = 30
        self.env.flush_all()
        self.assertFalse(self.report.search([]))

    def test_win_rate_leaves_open_opportunities_out(self):
        for _index in range(3):
            self._create_lead(1, "won")
        self._create_lead(1, "lost")
        self._create_lead(1)
        [row] = self._figures("win_rate:avg")
        self.assertEqual(row["win_rate:avg"], 75)

    def test_mean_and_median_of_days_to_close(self):
        start = date(2026, 1, 1)
        for days in (10, 20, 12):
            self._create_lead(1, "won", opened=start, closed=date(2026, 1, 1 + days))
        self._create_lead(1, opened=date(2025, 1, 1))
        [row] = self._figures(
            "days_to_close:avg", "days_to_close:median", domain=[("outcome", "=", "won")]
        )
        self.assertEqual(row["days_to_close:avg"], 14)
        self.assertEqual(row["days_to_close:median"], 12)

    def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle(self):
        for value in (1, 2, 10, 50):
            self._create_lead(value, "won")
        [row] = self._figures("won_value:median")
        self.assertEqual(row["won_value:median"], 6)

    def test_the_median_obeys_the_rules_of_the_reader(self):
        self._create_lead(10, "won", self.salesperson)
        self._create_lead(1000, "won", self.colleague)
        [row] = self.report.with_user(self.salesperson)._get_figures(["won_value:median"])
        self.assertEqual(row["won_value:median"], 10)

    def test_forecast_is_the_weighted_open_value_plus_what_is_won(self):
        for value, probability in ((100000, 20), (50000, 60)):
            self._create_lead(value).probability = probability
        self._create_lead(30000, "won")
        [row] = self._figures("weighted_value:sum", "won_value:sum")
        self.assertEqual(row["weighted_value:sum"], 50000)
        self.assertEqual(row["weighted_value:sum"] + row["won_value:sum"], 80000)

    def test_days_are_those_at_the_companys_place_for_every_reader(self):
        late_evening_utc = datetime(2026, 3, 31, 20)
        self._create_lead(9, "won", closed=late_evening_utc)
        for time_zone in ("Asia/Shanghai", "America/New_York"):
            self.sales_manager.tz = time_zone
            report = self.report.with_user(self.sales_manager).with_context(tz=time_zone)
            [row] = report._get_figures(["won_value:sum"], ["date_closed:month"])
            self.assertEqual(row["date_closed:month"][0], date(2026, 4, 1), time_zone)

    def test_an_office_stands_above_its_teams_and_a_top_team_is_its_own_office(self):
        self._create_lead(1, "won", team_id=self.sales_team.id)
        self._create_lead(2, "won", team_id=self.office.id)
        [row] = self._figures("won_value:sum", groupby=["office_id"])
        self.assertEqual(row, {"office_id": (self.office.id, "East"), "won_value:sum": 3})
        self.assertEqual(
            self._figures("won_value:sum", groupby=["manager_id"])[0]["manager_id"][0],
            self.sales_manager.id,
        )

    def test_groups_come_with_value_and_label_and_empty_ones_as_false(self):
        industry = self.env["res.partner.industry"].create({"name": "Machines"})
        self.customer.industry_id = industry
        self._create_lead(1, "won", closed=date(2026, 5, 4), partner_id=self.signatory.id)
        self._create_lead(2, partner_id=False)
        rows = self._figures("__count", "won_value:sum", groupby=["industry_id", "outcome"])
        self.assertEqual(
            rows,
            [
                {
                    "industry_id": (industry.id, "Machines"),
                    "outcome": ("won", "Won"),
                    "__count": 1,
                    "won_value:sum": 1,
                },
                {
                    "industry_id": (False, ""),
                    "outcome": ("open", "Open"),
                    "__count": 1,
                    "won_value:sum": 0.0,
                },
            ],
        )

    def test_the_customer_of_an_opportunity_is_the_company_of_its_contact(self):
        self._create_lead(1, partner_id=self.signatory.id)
        self.assertEqual(self.report.search([]).partner_id, self.customer)

    # -- products ----------------------------------------------------------------------------

    def _lines(self, *specs):
        return [
            Command.create({"product_id": product.id, "quantity": quantity, "price_unit": price})
            for product, quantity, price in specs
        ]

    def test_the_value_of_an_opportunity_is_shared_out_to_the_cent(self):
        for value in (100, 99.99, 0.01, 0):
            self._create_lead(
                value,
                "won",
                crm_line_ids=self._lines(
                    (self.product, 1, 10), (self.gadget, 1, 10), (self.gadget, 1, 10)
                ),
            )
        self._create_lead(55.55, "won")
        rows = self.product_report.search([])
        self.assertEqual(len(rows), 13)
        for lead in rows.lead_id:
            shares = rows.filtered(lambda row, lead=lead: row.lead_id == lead).mapped("value")
            self.assertEqual(round(sum(shares), 2), lead.expected_revenue)
        [total] = self._figures("won_value:sum")
        [by_product] = self.product_report._get_figures(["won_value:sum"])
        self.assertEqual(by_product["won_value:sum"], total["won_value:sum"])

    def test_shares_follow_the_amounts_of_the_lines_and_are_equal_without_any(self):
        self._create_lead(
            300, crm_line_ids=self._lines((self.product, 2, 10), (self.gadget, 1, 10))
        )
        self._create_lead(10, crm_line_ids=self._lines((self.product, 1, 0), (self.gadget, 1, 0)))
        rows = self.product_report.search([], order="id")
        self.assertEqual(rows.mapped("value"), [200, 100, 5, 5])

    def test_list_value_is_quantity_times_the_catalogue_price_of_the_day(self):
        lead = self._create_lead(1, "won", crm_line_ids=self._lines((self.gadget, 3, 10)))
        self.gadget.list_price = 9999
        [row] = self.product_report._get_figures(["list_value:sum", "line_value:sum"])
        expected = lead.crm_line_ids.list_price * 3
        self.assertTrue(expected)
        self.assertEqual(row["list_value:sum"], expected)
        self.assertEqual(row["line_value:sum"], 30)

    def test_value_in_percent_of_list_value_is_the_ratio_of_the_sums(self):
        for value, quantity in ((50, 1), (1000, 3)):
            self._create_lead(value, "won", crm_line_ids=self._lines((self.gadget, quantity, 1)))
        [row] = self.product_report._get_figures(["list_value_pct:avg"])
        self.assertAlmostEqual(row["list_value_pct:avg"], 1050 * 100 / (300 * 4))

    def test_opportunities_by_product_count_each_opportunity_once(self):
        self._create_lead(
            1, "won", crm_line_ids=self._lines((self.gadget, 1, 1), (self.gadget, 2, 1))
        )
        [row] = self.product_report._get_figures(["lead_id:count_distinct"], ["product_id"])
        self.assertEqual(row["lead_id:count_distinct"], 1)

    def test_an_opportunity_without_products_stands_in_the_product_analysis(self):
        lead = self._create_lead(77, "won")
        row = self.product_report.search([])
        self.assertEqual((row.lead_id, row.value, row.product_id.id), (lead, 77, False))
        self.assertEqual(row.action_open_source()["res_id"], lead.id)
