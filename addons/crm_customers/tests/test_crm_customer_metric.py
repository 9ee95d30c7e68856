from datetime import date, timedelta

from odoo import Command
from odoo.tests import tagged

from ..models.crm_customer_metric_refresh import FIGURES
from ..tools import health, rfm
from .common import CrmCommon

AMOUNTS = (
    "invoiced_total",
    "invoiced_year",
    "invoiced_before",
    "collected_total",
    "open_amount",
    "overdue_amount",
)


@tagged("post_install", "-at_install")
class TestCrmCustomerMetric(CrmCommon):
    """Figures of customers are those of the ledger, whole or piecemeal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.metrics = cls.env["crm.customer.metric"]
        cls.today = cls.metrics._get_today(cls.company)
        cls.others = cls.env["res.partner"].create(
            [
                {
                    "name": f"指标客户{number}有限公司",
                    "is_company": True,
                    "company_id": cls.company.id,
                }
                for number in range(4)
            ]
        )
        cls.env["crm.customer.metric.queue"]._take()

    def _invoice(self, amount, days_ago, due_days=30, partner=None, **values):
        day = self.today - timedelta(days=days_ago)
        return self._create_invoice(
            amount,
            partner_id=(partner or self.customer).id,
            invoice_date=day,
            invoice_payment_term_id=False,
            invoice_date_due=day + timedelta(days=due_days),
            **values,
        )

    def _pay_on(self, invoice, days_ago, amount=None, **values):
        return self._pay(
            invoice, amount, payment_date=self.today - timedelta(days=days_ago), **values
        )

    def _row(self, partner=None):
        return self.metrics.search(
            [
                ("partner_id", "=", (partner or self.customer).id),
                ("company_id", "=", self.company.id),
            ]
        )

    def _make_history(self):
        """Invoices of three years, a partial payment, a write-off, a refund, money on account."""
        self._invoice(900, 500)
        self._pay_on(self._invoice(1000, 300), 280)
        part = self._invoice(1200, 75)
        self._pay_on(part, 40, 500)
        written = self._invoice(100, 60)
        self._pay_on(
            written,
            50,
            90,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company.default_cash_difference_expense_account_id.id
            or self.env["account.account"].search([("account_type", "=", "expense")], limit=1).id,
        )
        self._invoice(150, 20, move_type="out_refund")
        self._invoice(70, 5, partner=self.others[0])
        self._invoice(5000, 2, post=False)
        self._invoice(33, 3, partner=self.signatory)

    def _by_hand(self, partner):
        """The same figures, record by record."""
        moves = self.env["account.move"].search(
            [
                ("commercial_partner_id", "=", partner.id),
                ("company_id", "=", self.company.id),
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
            ]
        )
        year = self.today.replace(year=self.today.year - 1)
        before = self.today.replace(year=self.today.year - 2)
        lines = self.env["account.move.line"].search(
            [
                ("partner_id.commercial_partner_id", "=", partner.id),
                ("company_id", "=", self.company.id),
                ("parent_state", "=", "posted"),
                ("account_type", "=", "asset_receivable"),
                ("amount_residual", "!=", 0),
            ]
        )
        due = lines.filtered(lambda line: line.date_maturity < self.today)
        cash = moves._cash_received()
        return {
            "invoiced_total": sum(moves.mapped("amount_untaxed_signed")),
            "invoiced_year": sum(
                moves.filtered(lambda m: m.invoice_date > year).mapped("amount_untaxed_signed")
            ),
            "invoiced_before": sum(
                moves.filtered(lambda m: before < m.invoice_date <= year).mapped(
                    "amount_untaxed_signed"
                )
            ),
            "collected_total": sum(one.amount_company for one in cash.values()),
            "open_amount": sum(lines.mapped("amount_residual")),
            "overdue_amount": sum(due.mapped("amount_residual")),
        }

    def test_figures_equal_the_ledger_to_the_cent(self):
        self._make_history()
        self.metrics._refresh(self.company)
        for partner in (self.customer, self.others[0]):
            row, expected = self._row(partner), self._by_hand(partner)
            for name in AMOUNTS:
                self.assertAlmostEqual(row[name], expected[name], 2, name)
            self.assertAlmostEqual(
                row.open_amount, partner._open_receivable(company=self.company)[partner.id], 2
            )
        row = self._row()
        self.assertEqual(row.invoiced_total, 900 + 1000 + 1200 + 100 - 150 + 33)
        self.assertEqual(row.invoiced_before, 900)
        self.assertEqual(row.collected_total, 1000 + 500 + 90)
        self.assertEqual(row.overdue_since, self.today - timedelta(days=470))
        self.assertEqual(row.invoice_count, 5)
        self.assertEqual(row.last_invoice_date, self.today - timedelta(days=3))
        self.assertFalse(self._row(self.others[1]), "without documents there is nothing to store")

    def test_piecemeal_gives_what_a_full_run_gives(self):
        self._make_history()
        self.assertEqual(self.metrics._refresh_changed(), 2)
        piecemeal = {row.partner_id: row.read([*FIGURES, *AMOUNTS])[0] for row in self._all()}
        self._all().unlink()
        self.metrics._refresh(self.company)
        for row in self._all():
            expected = piecemeal[row.partner_id] | {"id": row.id}
            self.assertEqual(row.read([*FIGURES, *AMOUNTS])[0], expected)

    def _all(self):
        return self.metrics.search([("company_id", "=", self.company.id)])

    def test_a_second_run_writes_nothing(self):
        self._make_history()
        self.assertEqual(self.metrics._refresh(self.company), 2)
        self.assertEqual(self.metrics._refresh(self.company), 0)
        self.assertEqual(self.metrics._rank(self.company), 2)
        self.assertEqual(self.metrics._rank(self.company), 0)

    def test_every_change_of_documents_marks_its_customer(self):
        queue = self.env["crm.customer.metric.queue"]
        invoice = self._invoice(100, 40)
        self.assertEqual(queue._take(), self.customer.ids)
        payment = self._pay_on(invoice, 1)
        self.assertEqual(queue._take(), self.customer.ids)
        payment.action_draft()
        self.assertEqual(queue._take(), self.customer.ids)
        payment.action_post()
        queue._take()
        invoice.button_draft()
        self.assertEqual(queue._take(), self.customer.ids)
        self._pay_on_account(40)
        self.assertEqual(queue._take(), self.customer.ids, "money that settles no invoice yet")

    def _pay_on_account(self, amount):
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "partner_type": "customer",
                "payment_type": "inbound",
                "amount": amount,
                "date": self.today - timedelta(days=1),
                "company_id": self.company.id,
            }
        )
        payment.action_post()
        return payment

    def test_money_on_account_lowers_what_is_open(self):
        self._invoice(100, 40)
        self._pay_on_account(30)
        self.metrics._refresh_changed()
        row = self._row()
        self.assertEqual((row.open_amount, row.overdue_amount), (70, 70))
        self.assertEqual(row.collected_total, 0, "it is collected once it settles an invoice")

    def test_a_payment_reset_to_draft_is_open_again(self):
        payment = self._pay_on(self._invoice(100, 40), 1)
        self.metrics._refresh_changed()
        self.assertEqual((self._row().open_amount, self._row().collected_total), (0, 100))
        payment.move_id.button_draft()
        self.metrics._refresh(self.company)
        self.assertEqual((self._row().open_amount, self._row().collected_total), (100, 0))

    def test_who_has_no_documents_any_more_has_no_row(self):
        invoice = self._invoice(100, 40)
        self.metrics._refresh_changed()
        self.assertTrue(self._row())
        invoice.button_draft()
        self.metrics._refresh_changed()
        self.assertFalse(self._row())

    def test_the_nightly_job_ranks_and_notes_its_day(self):
        self._make_history()
        self.metrics._cron_refresh_all()
        run = self.env["crm.customer.metric.run"].search([("company_id", "=", self.company.id)])
        self.assertEqual(run.date, self.today)
        self.assertFalse(self.env["crm.customer.metric.queue"]._take())
        self.assertTrue(all(row.rfm_class for row in self._all()))

    def test_scores_and_ranks_in_sql_are_those_of_the_tools(self):
        cases = [(10, 5, 100), (40, 30, 250), (200, 30, 40), (400, 10, 900), (700, 30, 60)]
        partners = self.others | self.customer
        for partner, (days, due, amount) in zip(partners, cases, strict=True):
            self._invoice(amount, days, due, partner=partner)
            self._invoice(amount / 4, days, due, partner=partner)
        self._invoice(5000, 500, 30, partner=partners[1])
        self._invoice(900, 1, move_type="out_refund", partner=partners[2])
        self.env["res.partner"].flush_model()
        for partner, days in zip(partners[:3], (2, 100, 300), strict=True):
            partner._stamp_followup(self.env.cr.now() - timedelta(days=days))
        self.metrics._refresh(self.company)
        self.metrics._rank(self.company)
        rows = self._all().filtered("last_invoice_date")
        self.assertEqual(len(rows), 5)
        for row in rows:
            followup = row.partner_id.crm_last_followup
            points = health.score(self.metrics._make_facts(row, followup, self.today))
            self.assertEqual((row.score, row.level), (points, health.level(points)))
        expected = rfm.scores(
            (row.last_invoice_date, row.invoice_count_year, row.invoiced_year) for row in rows
        )
        self.assertEqual(
            [(row.rfm_recency, row.rfm_frequency, row.rfm_monetary) for row in rows], expected
        )
        for row in rows:
            self.assertEqual(
                row.rfm_class,
                rfm.name_class(row.rfm_recency, row.rfm_frequency, row.rfm_monetary),
            )

    def test_figures_are_in_company_currency_without_tax(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": dollar.id,
                "company_id": self.company.id,
                "name": date(2020, 1, 1),
                "rate": 0.125,
            }
        )
        tax = self.env["account.tax"].create(
            {"name": "13", "amount": 13, "company_id": self.company.id}
        )
        invoice = self._invoice(100, 5, currency_id=dollar.id, post=False)
        invoice.invoice_line_ids.tax_ids = [Command.set(tax.ids)]
        invoice.action_post()
        self.metrics._refresh_changed()
        self.assertEqual(self._row().invoiced_total, 800)
        self.assertAlmostEqual(self._row().open_amount, 904)

    def test_queries_do_not_grow_with_customers(self):
        for partner in self.others:
            self._invoice(10, 5, partner=partner)
        self.env["crm.customer.metric.queue"]._take()
        self._invoice(10, 5)
        self.env.flush_all()
        companies = self.company

        def count(ids):
            before = self.cr.sql_log_count
            self.metrics._refresh(companies, ids)
            return self.cr.sql_log_count - before

        count(self.customer.ids)
        self.assertEqual(count(self.customer.ids), count((self.others | self.customer).ids))
