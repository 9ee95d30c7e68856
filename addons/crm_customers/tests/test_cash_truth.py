from datetime import date

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CrmCommon


@tagged("post_install", "-at_install")
class TestCashTruth(CrmCommon):
    """Collected is money that arrived, whatever the document's payment state says."""

    def _cash(self, move, as_of=None):
        return move._cash_received(as_of)[move.id].amount_currency

    def test_partial_payment_counts_with_what_was_paid(self):
        invoice = self._create_invoice(339)
        self._pay(invoice, 100)
        self.assertEqual(self._cash(invoice), 100)

    def test_a_write_off_settles_but_is_not_cash(self):
        invoice = self._create_invoice(100)
        self._pay(
            invoice,
            60,
            payment_difference_handling="reconcile",
            writeoff_account_id=self._expense_account().id,
        )
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._cash(invoice), 60)

    def test_a_credit_note_settles_but_is_not_cash(self):
        invoice = self._create_invoice(339)
        self._pay(invoice, 100)
        refund = self._create_invoice(239, move_type="out_refund")
        self._reconcile(invoice, refund)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._cash(invoice), 100)
        self.assertEqual(self._cash(refund), 0)

    def test_a_paid_out_credit_note_is_negative_cash(self):
        refund = self._create_invoice(50, move_type="out_refund")
        self._pay(refund)
        self.assertEqual(self._cash(refund), -50)

    def test_a_draft_payment_is_no_cash(self):
        invoice = self._create_invoice(100)
        self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "payment_type": "inbound",
                "partner_type": "customer",
                "amount": 100,
                "invoice_ids": [Command.set(invoice.ids)],
                "company_id": self.company.id,
            }
        )
        self.assertEqual(self._cash(invoice), 0)

    def test_a_payment_reset_to_draft_is_no_cash_although_the_invoice_says_paid(self):
        invoice = self._create_invoice(100)
        payment = self._pay(invoice)
        self.assertEqual(self._cash(invoice), 100)
        payment.action_draft()
        self.assertEqual(self._cash(invoice), 0)
        payment.action_post()
        self.assertEqual(self._cash(invoice), 100)

    def test_unreconciling_takes_the_cash_away(self):
        invoice = self._create_invoice(100)
        self._pay(invoice)
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self._cash(invoice), 0)

    def test_a_cancelled_payment_is_no_cash(self):
        invoice = self._create_invoice(100)
        payment = self._pay(invoice)
        payment.action_cancel()
        self.assertEqual(self._cash(invoice), 0)

    def test_a_bank_entry_without_payment_is_cash_and_an_expense_entry_is_not(self):
        for account, expected in ((self._bank_account(), 70), (self._expense_account(), 0)):
            invoice = self._create_invoice(70)
            entry = self._create_entry(account, 70)
            (invoice.line_ids + entry.line_ids).filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            ).reconcile()
            self.assertEqual(self._cash(invoice), expected, account.name)

    def test_cash_is_in_the_invoice_currency_and_at_the_payments_rate(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        self._set_rates(usd, {date(2026, 9, 1): 7.0, date(2026, 10, 1): 7.2})
        invoice = self._create_invoice(1130, currency_id=usd.id)
        self._pay(invoice, 565, currency_id=usd.id)
        cash = invoice._cash_received()[invoice.id]
        self.assertEqual(cash.amount_currency, 565)
        self.assertAlmostEqual(cash.amount_company, 565 * 7.2, 2)

    def test_paying_the_rest_leaves_an_exchange_difference_that_is_no_cash(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        self._set_rates(usd, {date(2026, 9, 1): 7.0, date(2026, 10, 1): 7.2})
        invoice = self._create_invoice(1000, currency_id=usd.id)
        self._pay(invoice, currency_id=usd.id)
        self.assertEqual(self._cash(invoice), 1000)
        self.assertAlmostEqual(invoice._cash_received()[invoice.id].amount_company, 7200, 2)

    def test_one_payment_over_several_invoices_adds_up_to_its_cash_to_the_cent(self):
        invoices = self.env["account.move"]
        for amount in (33.33, 33.33, 33.34):
            invoices |= self._create_invoice(amount)
        payment = self._pay(
            invoices,
            70.01,
            group_payment=True,
            payment_difference_handling="reconcile",
            writeoff_account_id=self._expense_account().id,
        )
        self.assertEqual(len(payment), 1)
        self.assertEqual(set(invoices.mapped("amount_residual")), {0})
        total = sum(row.amount_currency for row in invoices._cash_received().values())
        self.assertAlmostEqual(total, 70.01, 6)

    def test_a_past_date_ignores_what_came_later(self):
        invoice = self._create_invoice(100)
        self._pay(invoice, 40)
        self._pay(invoice, 60, payment_date=date(2026, 11, 2))
        self.assertEqual(self._cash(invoice, date(2026, 10, 11)), 0)
        self.assertEqual(self._cash(invoice, date(2026, 10, 12)), 40)
        self.assertEqual(self._cash(invoice), 100)

    def test_the_open_receivable_at_a_past_date_is_what_the_ledger_said_then(self):
        invoice = self._create_invoice(1000)
        self._pay(invoice, 200)
        self._pay(invoice, 300, payment_date=date(2026, 11, 2))
        for as_of, expected in (
            (date(2026, 9, 27), 0),
            (date(2026, 9, 28), 1000),
            (date(2026, 10, 12), 800),
            (date(2026, 11, 2), 500),
        ):
            owed = self.customer._open_receivable(as_of, self.company)
            self.assertEqual(owed[self.customer.id], expected, as_of)
        self.assertEqual(
            self.customer._open_receivable(date(2026, 12, 31), self.company)[self.customer.id],
            invoice.amount_residual,
        )

    def test_a_payment_reset_to_draft_leaves_the_receivable_open(self):
        invoice = self._create_invoice(100)
        payment = self._pay(invoice)
        as_of = date(2026, 12, 31)
        self.assertEqual(self.customer._open_receivable(as_of, self.company)[self.customer.id], 0)
        payment.action_draft()
        owed = self.customer._open_receivable(as_of, self.company)
        self.assertEqual(owed[self.customer.id], 100)

    def test_a_payment_reset_to_draft_leaves_the_document_open(self):
        invoice, other = self._create_invoice(100), self._create_invoice(40)
        payment = self._pay(invoice)
        self.assertEqual(
            (invoice | other)._open_residuals(), {invoice.id: 0, other.id: other.amount_residual}
        )
        payment.action_draft()
        self.assertEqual(invoice._open_residuals(), {invoice.id: 100})

    def test_the_documents_may_be_chosen_by_a_query(self):
        paid, together, other = (self._create_invoice(amount) for amount in (100, 40, 7))
        self._pay(paid | together, group_payment=True)
        self._pay(other)
        moves = self.env["account.move"]
        moves._flush_cash_sources()
        query = SQL("SELECT id FROM account_move WHERE id = %s", paid.id)
        rows = self.env.execute_query_dict(moves._cash_entries_sql(move_ids=query))
        self.assertEqual(
            {row["move_id"]: row["amount_currency"] for row in rows},
            {paid.id: 100, together.id: 40},
        )
        self.assertEqual(
            rows, self.env.execute_query_dict(moves._cash_entries_sql(move_ids=paid.ids))
        )
        self.assertFalse(self.env.execute_query_dict(moves._cash_entries_sql(move_ids=[])))

    def test_the_cost_does_not_grow_with_the_number_of_invoices(self):
        invoices = self.env["account.move"]
        for _index in range(20):
            invoices |= self._create_invoice(10)
        self._pay(invoices, group_payment=True)
        invoices[:1]._cash_received()
        self.env.flush_all()
        with self.assertQueryCount(1):
            invoices[:1]._cash_received()
        with self.assertQueryCount(1):
            result = invoices._cash_received()
        self.assertEqual(sum(row.amount_currency for row in result.values()), 200)

    # -- helpers -------------------------------------------------------------------------------

    def _expense_account(self):
        return self._account("expense")

    def _bank_account(self):
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        return journal.default_account_id

    def _account(self, account_type):
        return self.env["account.account"].search(
            [("account_type", "=", account_type), ("company_ids", "in", self.company.ids)],
            limit=1,
        )

    def _reconcile(self, *moves):
        lines = self.env["account.move.line"].union(*(move.line_ids for move in moves))
        lines.filtered(lambda line: line.account_id.account_type == "asset_receivable").reconcile()

    def _create_entry(self, account, amount):
        receivable = self.customer.with_company(self.company).property_account_receivable_id
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": date(2026, 10, 12),
                "company_id": self.company.id,
                "line_ids": [
                    Command.create({"account_id": account.id, "debit": amount}),
                    Command.create(
                        {
                            "account_id": receivable.id,
                            "credit": amount,
                            "partner_id": self.customer.id,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        return entry

    def _set_rates(self, currency, rates):
        self.env["res.currency.rate"].search([("currency_id", "=", currency.id)]).unlink()
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": currency.id,
                    "company_id": self.company.id,
                    "name": day,
                    "inverse_company_rate": rate,
                }
                for day, rate in rates.items()
            ]
        )
