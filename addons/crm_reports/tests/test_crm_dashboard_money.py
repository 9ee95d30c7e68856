from odoo import Command
from odoo.tests import tagged

from .common import ReportsCommon


@tagged("post_install", "-at_install")
class TestDashboardMoney(ReportsCommon):
    """Amounts of different currencies are converted at one printed rate, or not shown."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.env.ref("base.USD")
        cls.usd.active = True
        cls.abroad = cls.env["res.company"].create(
            {"name": "Abroad", "currency_id": cls.usd.id, "country_id": cls.env.ref("base.us").id}
        )
        cls.sales_manager.company_ids = [Command.link(cls.abroad.id)]
        cls.customer.company_id = False
        cls._create_lead(700, "won")
        cls._create_lead(100, "won", company_id=cls.abroad.id, user_id=cls.sales_manager.id)
        cls.boards = cls.env["crm.dashboard"].with_user(cls.sales_manager)

    def _read(self, xmlid, companies, **filters):
        tile = self.env.ref(f"crm_reports.crm_dashboard_tile_{xmlid}")
        return self.boards.with_context(allowed_company_ids=companies.ids).get_tile(
            tile.id, {"period": "all", **filters}
        )

    def _set_rate(self, rate=0.125):
        self.env["res.currency.rate"].create(
            {
                "name": "2026-01-01",
                "currency_id": self.usd.id,
                "rate": rate,
                "company_id": self.company.id,
            }
        )

    def test_amounts_of_one_company_are_in_its_own_currency(self):
        for company, value, name in ((self.company, 700, "CNY"), (self.abroad, 100, "USD")):
            tile = self._read("sales_won", company)
            self.assertEqual(tile["totals"][0]["value"], value)
            self.assertEqual(tile["currency"]["name"], name)
            self.assertFalse(tile["rate_basis"])

    def test_two_currencies_are_converted_at_the_printed_rate(self):
        self._set_rate()
        for xmlid in ("sales_won", "sales_people", "sales_won_month"):
            tile = self._read(xmlid, self.company | self.abroad)
            self.assertEqual(tile["totals"][0]["value"], 700 + 100 * 8, xmlid)
            self.assertEqual(tile["currency"]["name"], "CNY")
            self.assertIn("1 USD = 8 CNY", tile["rate_basis"])
            self.assertIn("2026-11-20", tile["rate_basis"])
            if tile["rows"]:
                parts = sum(row["cells"][0]["value"] for row in tile["rows"])
                self.assertEqual(parts, 1500, xmlid)

    def test_other_figures_of_a_converted_tile_stay_as_they_are(self):
        self._set_rate()
        tile = self._read("sales_teams", self.company | self.abroad)
        totals = [total["value"] for total in tile["totals"]]
        self.assertEqual(totals, [1500, 2, 0, 100])

    def test_each_converted_cell_is_the_sum_of_its_records_at_the_rate(self):
        self._set_rate()
        tile = self._read("sales_people", self.company | self.abroad)
        self.assertEqual(len(tile["rows"]), 2)
        rows = self.env["crm.opportunity.report"].with_user(self.sales_manager)
        rows = rows.with_context(allowed_company_ids=(self.company | self.abroad).ids)
        factors = {self.usd: 8, self.company.currency_id: 1}
        for row in tile["rows"]:
            records = rows.search(row["cells"][0]["domain"])
            expected = sum(record.won_value * factors[record.currency_id] for record in records)
            self.assertEqual(row["cells"][0]["value"], expected)

    def test_a_missing_rate_is_an_error_that_says_what_to_do_and_never_one(self):
        self.env["res.currency.rate"].search([("currency_id", "=", self.usd.id)]).unlink()
        tile = self._read("sales_won", self.company | self.abroad)
        self.assertIn("USD", tile["error"]["message"])
        self.assertIn("exchange rate", tile["error"]["message"])

    def test_the_company_filter_narrows_to_one_currency(self):
        tile = self._read("sales_won", self.company | self.abroad, company_ids=self.abroad.ids)
        self.assertEqual((tile["totals"][0]["value"], tile["currency"]["name"]), (100, "USD"))

    def test_the_average_over_currencies_weighs_records_and_not_currencies(self):
        self._set_rate()
        self._create_lead(300, "won")
        tile = self.env.ref("crm_reports.crm_dashboard_tile_sales_won")
        tile.measure_ids.aggregator = "avg"
        payload = self._read("sales_won", self.company | self.abroad)
        self.assertEqual(payload["totals"][0]["value"], (700 + 300 + 800) / 3)

    def test_a_median_over_currencies_is_refused(self):
        self._set_rate()
        tile = self.env.ref("crm_reports.crm_dashboard_tile_sales_won")
        tile.measure_ids.aggregator = "median"
        payload = self._read("sales_won", self.company | self.abroad)
        self.assertIn("median", payload["error"]["message"])
