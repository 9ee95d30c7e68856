from datetime import date

from odoo import Command
from odoo.tests import tagged

from .common import SalesCommon


@tagged("post_install", "-at_install")
class TestCrmPaymentPlanCash(SalesCommon):
    """Collected is money that arrived; the figures follow every change of the ledger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expense = cls.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", cls.company.ids)], limit=1
        )

    def _instalment(self, amount):
        """Return an invoiced instalment over ``amount`` and its invoice."""
        order = self._create_order(lines=[{"price_unit": amount * 2, "tax_ids": [Command.clear()]}])
        line = self._create_planned_contract(order, percents=[50, 50]).plan_line_ids[0]
        return line, self._invoice(line)

    def _figures(self, line):
        return (
            line.amount_invoiced,
            line.amount_credited,
            line.amount_collected,
            line.amount_refunded,
            line.amount_residual,
            line.state,
        )

    def test_a_partial_payment_is_collected_with_what_was_paid(self):
        line, invoice = self._instalment(339)
        self._pay(invoice, 100)
        self.assertEqual(self._figures(line), (339, 0, 100, 0, 239, "partial"))
        self._pay(invoice, 239)
        self.assertEqual(self._figures(line), (339, 0, 339, 0, 0, "paid"))

    def test_a_write_off_settles_the_instalment_but_is_not_collected(self):
        line, invoice = self._instalment(100)
        self._pay(
            invoice,
            60,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.expense.id,
        )
        self.assertEqual(self._figures(line), (100, 0, 60, 0, 0, "settled"))

    def test_a_credit_note_is_not_collected(self):
        line, invoice = self._instalment(339)
        self._pay(invoice, 100)
        refund = invoice._reverse_moves([{"invoice_date": date(2026, 10, 9)}])
        refund.invoice_line_ids.filtered("price_unit").price_unit = 239
        refund.action_post()
        self.assertEqual(self._figures(line), (339, 239, 100, 0, 0, "paid"))
        (invoice + refund).line_ids.filtered(
            lambda row: row.account_id.account_type == "asset_receivable" and not row.reconciled
        ).reconcile()
        self.assertEqual(self._figures(line), (339, 239, 100, 0, 0, "paid"))

    def test_a_draft_payment_is_not_collected(self):
        line, invoice = self._instalment(100)
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
        self.assertEqual(self._figures(line), (100, 0, 0, 0, 100, "invoiced"))

    def test_a_payment_reset_to_draft_is_open_again_although_the_host_says_paid(self):
        line, invoice = self._instalment(100)
        payment = self._pay(invoice)
        self.assertEqual(self._figures(line), (100, 0, 100, 0, 0, "paid"))
        payment.action_draft()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._figures(line), (100, 0, 0, 0, 100, "invoiced"))
        payment.action_post()
        self.assertEqual(self._figures(line), (100, 0, 100, 0, 0, "paid"))

    def test_a_cancelled_payment_is_taken_back(self):
        line, invoice = self._instalment(100)
        self._pay(invoice).action_cancel()
        self.assertEqual(self._figures(line), (100, 0, 0, 0, 100, "invoiced"))

    def test_unreconciling_takes_the_cash_back(self):
        line, invoice = self._instalment(100)
        self._pay(invoice)
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self._figures(line), (100, 0, 0, 0, 100, "invoiced"))

    def test_an_invoice_reset_to_draft_is_drafted_again(self):
        line, invoice = self._instalment(100)
        invoice.button_draft()
        self.assertEqual(self._figures(line), (0, 0, 0, 0, 0, "drafted"))
        self.assertEqual(line.amount_drafted, 100)

    def test_a_refund_paid_out_is_refunded(self):
        line, invoice = self._instalment(100)
        self._pay(invoice)
        refund = invoice._reverse_moves([{"invoice_date": date(2026, 10, 9)}])
        refund.invoice_line_ids.filtered("price_unit").price_unit = 40
        refund.action_post()
        self.assertEqual(self._figures(line), (100, 40, 100, 0, -40, "partial"))
        self._pay(refund)
        self.assertEqual(self._figures(line), (100, 40, 100, 40, 0, "paid"))

    def test_foreign_money_is_collected_in_the_currency_of_the_contract(self):
        usd = self.env.ref("base.USD")
        self._set_rate(usd, 0.14)
        pricelist = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": usd.id, "company_id": self.company.id}
        )
        order = self._create_order(
            lines=[{"price_unit": 2260, "tax_ids": [Command.clear()]}], pricelist_id=pricelist.id
        )
        line = self._create_planned_contract(order, percents=[50, 50]).plan_line_ids[0]
        self.assertEqual(line.currency_id, usd)
        invoice = self._invoice(line)
        self._pay(invoice, 565, currency_id=usd.id)
        self.assertEqual(self._figures(line), (1130, 0, 565, 0, 565, "partial"))
        self._pay(invoice, currency_id=usd.id)
        self.assertEqual(self._figures(line), (1130, 0, 1130, 0, 0, "paid"))

    def test_an_invoice_for_two_instalments_is_divided_to_the_cent(self):
        contract = self._create_planned_contract(percents=[30, 30, 40])
        first, second, _third = contract.plan_line_ids
        invoice = self._invoice(first, post=False)
        extra = invoice.invoice_line_ids.filtered(lambda row: row.display_type == "product").copy(
            {"price_unit": 10000, "crm_plan_line_id": second.id, "extra_tax_data": False}
        )
        self.assertTrue(extra)
        invoice.invoice_date = date(2026, 10, 1)
        invoice.action_post()
        self._pay(invoice, 100)
        self.assertEqual((first.amount_invoiced, second.amount_invoiced), (33900, 11300))
        self.assertEqual((first.amount_collected, second.amount_collected), (75, 25))

    def test_the_contract_and_the_customer_sum_their_instalments(self):
        line, invoice = self._instalment(1000)
        contract = line.contract_id
        self._pay(invoice, 250)
        self.assertEqual(
            (contract.amount_invoiced, contract.amount_collected, contract.amount_residual),
            (1000, 250, 750),
        )
        self.assertEqual(contract.collected_percent, 12.5)
        self.assertEqual(contract.invoice_count, 1)
        customer = self.customer.with_user(self.salesperson)
        self.assertEqual(
            (customer.crm_plan_amount, customer.crm_plan_collected, customer.crm_plan_residual),
            (2000, 250, 750),
        )
        self.assertEqual(self.signatory.crm_plan_collected, 250)
        statistics = customer._compute_application_statistics_hook()[customer.id]
        self.assertIn("Open instalments", [entry["label"] for entry in statistics])

    def test_a_salesperson_reads_the_figures_though_he_may_not_read_payments(self):
        line, invoice = self._instalment(100)
        self._pay(invoice, 60)
        own = line.with_user(self.salesperson)
        own.invalidate_recordset()
        self.assertFalse(self.env["account.payment"].with_user(self.salesperson).has_access("read"))
        self.assertEqual(
            (own.amount_collected, own.amount_residual, own.state), (60, 40, "partial")
        )
        self.assertEqual(own.contract_id.amount_collected, 60)
        self.assertEqual(own.move_ids, invoice)

    def _many_instalments(self, count):
        """Return ``count`` invoiced instalments over 10 each, of one contract."""
        contract = self._create_contract(amount_total=10 * count)
        contract.plan_line_ids = [
            Command.create({"name": f"Month {index}", "amount_fixed": 10, "event": "signed"})
            for index in range(count)
        ]
        contract.action_sign()
        invoices = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "invoice_date": date(2026, 9, 28),
                    "company_id": self.company.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": line.name,
                                "price_unit": 10,
                                "tax_ids": [Command.clear()],
                                "crm_plan_line_id": line.id,
                            }
                        )
                    ],
                }
                for line in contract.plan_line_ids
            ]
        )
        invoices.action_post()
        return contract.plan_line_ids

    def _count_queries(self, work):
        """Return the number of queries of ``work`` on a cold cache, its flush included."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_one_payment_costs_the_same_whatever_the_number_of_instalments(self):
        counts = []
        for history in (1, 100):
            line = self.env["crm.payment.plan.line"].browse(self._many_instalments(history)[0].id)
            self._pay(line.move_ids, 4)
            counts.append(self._count_queries(line.move_ids._on_cash_changed))
            self.assertEqual(line.amount_collected, 4)
        self.assertEqual(counts[0], counts[1])

    def test_a_hundred_instalments_are_computed_with_the_queries_of_one(self):
        lines = self._many_instalments(100)
        field = lines._fields["amount_collected"]
        counts = [
            self._count_queries(lambda some=some: self.env.add_to_compute(field, some))
            for some in (lines[:1], lines[:1], lines)
        ]
        self.assertEqual(counts[1], counts[2])
