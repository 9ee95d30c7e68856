from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .common import ReportsCommon


@tagged("post_install", "-at_install")
class TestLedgerReports(ReportsCommon):
    """Money in the analyses is the money of the ledger."""

    def _buckets(self, user):
        rows = (
            self.env["crm.receivable.report"]
            .with_user(user)
            ._get_figures(["residual:sum"], ["bucket"])
        )
        return {row["bucket"][0]: row["residual:sum"] for row in rows}

    def _get_expense_account(self):
        return self.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)], limit=1
        )

    def test_receivables_by_age_equal_the_ledger_at_the_day(self):
        with freeze_time("2026-03-31 04:00:00"):
            for amount, due in ((1000, date(2026, 3, 31)), (500, date(2026, 3, 30))):
                self._create_invoice(amount, invoice_date=date(2026, 1, 31), invoice_date_due=due)
            old = self._create_invoice(
                1000, invoice_date=date(2026, 1, 31), invoice_date_due=date(2026, 2, 28)
            )
            self._pay(old, 200, payment_date=date(2026, 3, 10))
            self._pay(old, 300, payment_date=date(2026, 4, 5))
            self._create_invoice(
                150,
                move_type="out_refund",
                invoice_date=date(2026, 3, 15),
                invoice_date_due=date(2026, 3, 15),
            )
            self.assertEqual(
                self._buckets(self.reader), {"not_due": 1000, "days_30": 350, "days_60": 800}
            )
            ledger = self.customer._open_receivable(date(2026, 3, 31), self.company)
            self.assertEqual(ledger[self.customer.id], 2150)
            payload = self._tile(self.reader, "finance_ageing")
            self.assertEqual(payload["totals"][0]["value"], 2150)
            self.assertEqual(
                [row["cells"][0]["value"] for row in payload["rows"]], [1000, 350, 800, 0, 0, 0]
            )

    def test_receivables_of_an_earlier_day_and_as_recorded_until_a_day(self):
        invoice = self._create_invoice(
            1000, invoice_date=date(2026, 1, 1), invoice_date_due=date(2026, 1, 31)
        )
        self._pay(invoice, 400, payment_date=date(2026, 2, 10))
        self._pay(invoice, 600, payment_date=date(2026, 3, 10))
        report = self.env["crm.receivable.report"].with_user(self.reader)
        for as_of, recorded_to, expected in (
            ("2025-12-31", None, {}),
            ("2026-01-31", None, {"not_due": 1000}),
            ("2026-02-28", None, {"days_30": 600}),
            ("2026-03-31", None, {}),
            ("2026-03-31", "2026-02-28", {"days_60": 600}),
            ("2026-03-31", "2026-01-31", {"days_60": 1000}),
            ("2026-02-05", "2026-03-31", {"days_30": 1000}),
        ):
            with self.subTest(as_of=as_of, recorded_to=recorded_to):
                rows = report.with_context(
                    crm_as_of=as_of, crm_recorded_to=recorded_to
                )._get_figures(["residual:sum"], ["bucket"])
                found = {row["bucket"][0]: row["residual:sum"] for row in rows}
                self.assertEqual(found, expected)

    def test_an_invoice_is_late_by_the_days_until_it_was_settled_in_full(self):
        dates = {"invoice_date": date(2026, 1, 1), "invoice_date_due": date(2026, 1, 31)}
        late, early, _open = (self._create_invoice(amount, **dates) for amount in (100, 50, 30))
        self._pay(late, 40, payment_date=date(2026, 1, 20))
        self._pay(late, 60, payment_date=date(2026, 2, 10))
        self._pay(early, 50, payment_date=date(2026, 1, 11))
        report = self.env["crm.settlement.report"].with_user(self.reader)
        measures = [
            "__count", "amount:sum", "settled_amount:sum", "late_amount:sum", "late_rate:avg",
            "days_to_settle:avg", "days_late:avg", "days_late:max",
        ]  # fmt: skip
        [row] = report._get_figures(measures)
        self.assertEqual([row[measure] for measure in measures], [3, 180, 150, 100, 50, 25, 5, 10])
        rows = {row.move_id: row for row in report.search([])}
        self.assertEqual((rows[late].date_settled, rows[late].days_late), (date(2026, 2, 10), 10))
        self.assertEqual((rows[early].is_late, rows[early].days_late), (False, 0))
        self.assertFalse(rows[_open].date_settled)
        self.customer.invalidate_recordset()
        customer = self.customer.with_user(self.reader).with_company(self.company)
        self.assertEqual((customer.crm_days_to_settle, customer.crm_days_late), (25, 5))

    def test_a_line_is_in_the_bucket_of_its_days_overdue(self):
        for days in (0, 1, 30, 31, 60, 61, 90, 91, 120, 121):
            due = date.fromordinal(date(2026, 11, 20).toordinal() - days)
            self._create_invoice(1000 + days, invoice_date=date(2026, 6, 1), invoice_date_due=due)
        rows = self.env["crm.receivable.report"].with_user(self.reader).search([])
        self.assertEqual(
            {row.days_overdue: row.bucket for row in rows},
            {
                0: "not_due", 1: "days_30", 30: "days_30", 31: "days_60", 60: "days_60",
                61: "days_90", 90: "days_90", 91: "days_120", 120: "days_120", 121: "older",
            },
        )  # fmt: skip

    def test_collected_is_the_cash_truth_and_not_what_is_settled(self):
        written_off = self._create_invoice(100)
        self._pay(
            written_off,
            60,
            payment_difference_handling="reconcile",
            writeoff_account_id=self._get_expense_account().id,
        )
        self._pay(self._create_invoice(339), 100)
        refund = self._create_invoice(50, move_type="out_refund")
        self._pay(refund)
        [row] = (
            self.env["crm.collection.report"]
            .with_user(self.reader)
            ._get_figures(["amount:sum", "__count"])
        )
        self.assertEqual(row, {"amount:sum": 110, "__count": 3})

    def test_collections_carry_the_day_the_seller_and_the_contract_of_the_money(self):
        contract = self._create_planned_contract()
        invoice = self._invoice(contract.plan_line_ids.sorted("sequence")[0])
        self._pay(invoice, 1000, payment_date=date(2026, 10, 12))
        row = self.env["crm.collection.report"].with_user(self.salesperson).search([])
        self.assertEqual(row.contract_id, contract)
        self.assertEqual(row.date, date(2026, 10, 12))
        self.assertEqual(row.user_id, self.salesperson)
        self.assertEqual(row.days_to_pay, (date(2026, 10, 12) - invoice.invoice_date).days)
        self.assertEqual(row.action_open_source()["res_id"], invoice.id)

    def test_instalments_show_what_was_agreed_and_what_arrived(self):
        contract = self._create_planned_contract()
        first = contract.plan_line_ids.sorted("sequence")[0]
        self._pay(self._invoice(first), 20000)
        rows = (
            self.env["crm.instalment.report"]
            .with_user(self.salesperson)
            .search([("contract_id", "=", contract.id)])
        )
        self.assertEqual(sum(rows.mapped("amount")), contract.amount_total)
        row = rows.filtered(lambda one: one.line_id == first)
        self.assertEqual((row.amount, row.collected), (first.amount, 20000))
        self.assertEqual(row.outstanding, first.amount - 20000)

    def test_a_foreign_instalment_counts_at_the_rate_of_its_day(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        self.env["res.currency.rate"].create(
            [
                {
                    "name": day,
                    "currency_id": usd.id,
                    "rate": rate,
                    "company_id": self.company.id,
                }
                for day, rate in (("2026-01-01", 0.125), ("2026-06-01", 0.2), ("2026-12-01", 0.5))
            ]
        )
        contract = self._create_contract(currency_id=usd.id, amount_total=300)
        self.env["crm.payment.plan.line"].create(
            [
                {
                    "contract_id": contract.id,
                    "name": str(day),
                    "amount_fixed": 100,
                    "event": "date",
                    "date_fixed": day,
                }
                for day in (date(2026, 3, 1), date(2026, 7, 1), date(2027, 1, 1))
            ]
        )
        rows = (
            self.env["crm.instalment.report"]
            .with_user(self.salesperson)
            .search([("contract_id", "=", contract.id)], order="date_expected")
        )
        self.assertEqual(rows.mapped("amount"), [800, 500, 500])
        self.assertEqual(rows.currency_id, self.company.currency_id)

    def test_a_foreign_instalment_without_any_rate_says_so_and_counts_nothing(self):
        currency = self.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        contract = self._create_contract(currency_id=currency.id, amount_total=100)
        self.env["crm.payment.plan.line"].create(
            {
                "contract_id": contract.id,
                "name": "All",
                "amount_fixed": 100,
                "event": "date",
                "date_fixed": date(2026, 3, 1),
            }
        )
        row = (
            self.env["crm.instalment.report"]
            .with_user(self.salesperson)
            .search([("contract_id", "=", contract.id)])
        )
        self.assertTrue(row.rate_missing)
        self.assertEqual(row.amount, 0)

    def test_campaign_money_equals_the_figures_of_the_campaign(self):
        self.customer.crm_campaign_id = self.campaign
        self._budget(5000)
        self._bill(3000)
        self._bill(1200)
        self._bill(200, move_type="in_refund")
        self._pay(self._create_invoice(1130), 565)
        figures = self.campaign.with_user(self.marketing_manager)._crm_figures()[self.campaign.id]
        [row] = (
            self.env["crm.campaign.report"]
            .with_user(self.marketer)
            ._get_figures(
                ["cost:sum", "invoiced:sum", "collected:sum", "budget:sum"], ["campaign_id"]
            )
        )
        self.assertEqual(row["campaign_id"][0], self.campaign.id)
        self.assertEqual(row["cost:sum"], 4000)
        self.assertEqual(row["cost:sum"], figures.cost)
        self.assertEqual(row["invoiced:sum"], figures.invoiced)
        self.assertEqual(row["collected:sum"], figures.collected)
        self.assertEqual(row["budget:sum"], 5000)
