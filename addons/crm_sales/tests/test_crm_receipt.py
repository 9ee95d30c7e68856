from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .receipt_common import PAID_ON, ReceiptCommon


@tagged("post_install", "-at_install")
class TestCrmReceipt(ReceiptCommon):
    """回款登记: sales registers, finance confirms, and the payment is really in the ledger."""

    # -- sales registers ---------------------------------------------------------------------

    def test_sales_registers_with_slip_and_hands_in(self):
        line = self._create_instalments(1000)
        receipt = self._register(
            1000,
            (line, 1000),
            method="acceptance",
            payer_name="上海试点机械有限公司财务部",
            slip=b"c2xpcA==",
            slip_name="slip.pdf",
            note="By acceptance draft",
        )
        self.assertRegex(receipt.name, r"^HK2026")
        self.assertEqual((receipt.state, receipt.source), ("waiting", "registered"))
        self.assertFalse(receipt.sudo().entry_id, "nothing is booked before finance confirms")
        self.assertEqual(self._ledger(line), (0, 1000, "invoiced"))

    def test_what_is_open_is_proposed_oldest_first_and_not_twice(self):
        first, second = self._create_instalments(300, 700)
        receipt = self._register(800, submit=False)
        receipt.action_propose()
        self.assertEqual(
            receipt.allocation_ids.mapped(lambda row: (row.plan_line_id, row.amount)),
            [(first, 300), (second, 500)],
        )
        receipt.action_submit()
        other = self._register(800, submit=False)
        other.action_propose()
        self.assertEqual(other.allocation_ids.mapped("amount"), [200])
        self.assertEqual(other.amount_on_account, 600)

    def test_what_cannot_be_right_is_refused_with_what_to_do(self):
        line = self._create_instalments(1000)
        with self.assertRaisesRegex(UserError, "Lower an allocation"):
            self._register(900, (line, 1000))
        with self.assertRaisesRegex(UserError, "Correct the date"):
            self._register(900, date="2126-01-01")
        with self.assertRaisesRegex(UserError, "choose the customer"):
            self._register(900, partner_id=False)
        with self.assertRaisesRegex(ValidationError, "customer that"):
            self._register(900, partner_id=self.signatory.id)
        stranger = self.customer.copy({"name": "Another customer"})
        with self.assertRaisesRegex(ValidationError, "another customer"):
            self._register(900, (line, 900), partner_id=stranger.id)

    def test_handed_in_means_fixed_until_withdrawn_or_returned(self):
        line = self._create_instalments(1000)
        receipt = self._register(1000, (line, 1000))
        with self.assertRaisesRegex(UserError, "Withdraw it"):
            receipt.amount = 500
        with self.assertRaisesRegex(UserError, "Withdraw it"):
            receipt.allocation_ids.amount = 500
        with self.assertRaisesRegex(UserError, "Withdraw it"):
            receipt.unlink()
        receipt.action_withdraw()
        receipt.write({"amount": 500, "allocation_ids": [Command.clear()]})
        receipt.action_submit()
        receipt.with_user(self.biller)._return("The bank shows 600")
        self.assertEqual((receipt.state, receipt.decision_note), ("returned", "The bank shows 600"))
        receipt.amount = 600
        receipt.action_submit()
        self.assertEqual(receipt.state, "waiting")

    # -- finance confirms --------------------------------------------------------------------

    def test_finance_confirms_and_the_payment_is_posted_and_reconciled(self):
        line = self._create_instalments(1000)
        receipt = self._register(1000, (line, 1000))
        receipt.with_user(self.biller).action_confirm()
        payment = receipt.sudo().entry_id.origin_payment_id
        self.assertEqual(
            (payment.partner_id, payment.amount, payment.date, payment.journal_id),
            (self.customer, 1000, PAID_ON, self.bank),
        )
        self.assertEqual(payment.move_id.state, "posted")
        self.assertTrue(payment.outstanding_account_id, "Community books on an outstanding account")
        self.assertEqual(line.move_ids.payment_state, "paid")
        self.assertEqual(line.move_ids._cash_received()[line.move_ids.id].amount_currency, 1000)
        self.assertEqual(self._ledger(line), (1000, 0, "paid"))
        self.assertEqual((receipt.state, receipt.amount_settled), ("confirmed", 1000))
        self.assertEqual(receipt.allocation_ids.amount_settled, 1000)
        self.assertEqual(receipt.decided_uid, self.biller)

    def test_partial_payment_leaves_the_rest_of_the_invoice_open(self):
        line = self._create_instalments(1000)
        self._register(400, (line, 400)).with_user(self.biller).action_confirm()
        self.assertEqual(self._ledger(line), (400, 600, "partial"))
        self._register(600, (line.move_ids, 600)).with_user(self.biller).action_confirm()
        self.assertEqual(self._ledger(line), (1000, 0, "paid"))

    def test_each_part_settles_what_it_was_meant_for(self):
        first, second = self._create_instalments(800, 600)
        receipt = self._register(1000, (first, 500), (second, 500))
        receipt.with_user(self.biller).action_confirm()
        self.assertEqual(self._ledger(first), (500, 300, "partial"))
        self.assertEqual(self._ledger(second), (500, 100, "partial"))

    def test_an_overpayment_stays_open_on_the_customers_account(self):
        line = self._create_instalments(1000)
        receipt = self._register(1300, (line, 1000))
        before = self.customer._open_receivable()[self.customer.id]
        receipt.with_user(self.biller).action_confirm()
        self.assertEqual(self._ledger(line), (1000, 0, "paid"))
        self.assertEqual((receipt.amount_settled, receipt.amount_open), (1000, 300))
        self.assertEqual(self.customer._open_receivable()[self.customer.id], before - 1300)

    def test_money_for_an_instalment_not_invoiced_yet_settles_its_invoice_later(self):
        line = self._create_instalments(1000, invoice=False)
        receipt = self._register(1000, (line, 1000))
        receipt.with_user(self.biller).action_confirm()
        self.assertEqual((receipt.amount_settled, receipt.amount_open), (0, 1000))
        self._invoice(line)
        receipt.with_user(self.biller).action_reconcile()
        self.assertEqual(self._ledger(line), (1000, 0, "paid"))
        self.assertEqual((receipt.amount_settled, receipt.amount_open), (1000, 0))

    def test_foreign_money_settles_foreign_instalments_at_the_rate_of_the_day(self):
        usd = self.env.ref("base.USD")
        self._set_rate(usd, 0.14)
        first, second = self._create_instalments(100, 33.33, currency=usd)
        receipt = self._register(133.33, (first, 100), (second, 33.33), currency_id=usd.id)
        receipt.with_user(self.biller).action_confirm()
        entry = receipt.sudo().entry_id
        self.assertAlmostEqual(sum(entry.line_ids.mapped("balance")), 0, 6)
        self.assertEqual(self._ledger(first), (100, 0, "paid"))
        self.assertEqual(self._ledger(second), (33.33, 0, "paid"))

    def test_home_currency_settles_a_foreign_instalment(self):
        usd = self.env.ref("base.USD")
        self._set_rate(usd, 0.125)
        line = self._create_instalments(100, currency=usd)
        receipt = self._register(800, (line, 800))
        receipt.with_user(self.biller).action_confirm()
        self.assertEqual(self._ledger(line), (100, 0, "paid"))

    # -- and takes back ----------------------------------------------------------------------

    def test_cancelling_takes_the_payment_out_of_the_ledger(self):
        line = self._create_instalments(1000)
        receipt = self._register(1000, (line, 1000))
        receipt.with_user(self.biller).action_confirm()
        wizard = (
            self.env["crm.receipt.decide"]
            .with_user(self.biller)
            .create({"receipt_ids": receipt.ids, "decision": "cancelled", "reason": "Twice"})
        )
        wizard.action_decide()
        self.assertEqual(self._ledger(line), (0, 1000, "invoiced"))
        self.assertEqual((receipt.state, receipt.decision_note), ("cancelled", "Twice"))
        self.assertEqual((receipt.amount_settled, receipt.amount_open), (0, 0))
        self.assertEqual(receipt.sudo().entry_id.origin_payment_id.state, "canceled")

    def test_the_status_is_the_ledgers(self):
        line = self._create_instalments(1000)
        receipt = self._register(1000, (line, 1000))
        receipt.with_user(self.biller).action_confirm()
        payment = receipt.sudo().entry_id.origin_payment_id
        payment.action_draft()
        self.assertEqual(receipt.state, "reset")
        self.assertEqual(self._ledger(line), (0, 1000, "invoiced"))
        payment.action_post()
        self.assertEqual((receipt.state, receipt.amount_settled), ("confirmed", 1000))
        line.move_ids.line_ids.remove_move_reconcile()
        self.assertEqual((receipt.amount_settled, receipt.amount_open), (0, 1000))
        payment.action_cancel()
        self.assertEqual(receipt.state, "cancelled")

    # -- who ---------------------------------------------------------------------------------

    def test_who_may_do_what(self):
        line = self._create_instalments(1000)
        receipt = self._register(1000, (line, 1000))
        for user in (self.salesperson, self.sales_manager, self.reader):
            with self.assertRaises(AccessError):
                receipt.with_user(user).action_confirm()
        with self.assertRaises(AccessError):
            receipt.with_user(self.colleague).action_withdraw()
        with self.assertRaises(AccessError):
            receipt.with_user(self.reader).write({"note": "Mine"})
        with self.assertRaises(AccessError):
            self._register(10, decision="confirmed", submit=False)
        receipt.with_user(self.sales_manager).action_withdraw()
        with self.assertRaises(AccessError):
            receipt.decision = "confirmed"
        receipts = self.env["crm.receipt"]
        self.assertFalse(receipts.with_user(self.colleague).search([("id", "=", receipt.id)]))
        self.assertTrue(receipts.with_user(self.reader).search([("id", "=", receipt.id)]))

    def test_confirmed_twice_is_told_who_was_first(self):
        receipt = self._register(1000)
        receipt.with_user(self.biller).action_confirm()
        with self.assertRaisesRegex(UserError, "Confirmed.*suite_biller"):
            receipt.with_user(self.biller).action_confirm()
        self.assertEqual(self.env["account.payment"].search_count([("memo", "=", receipt.name)]), 1)

    def test_finance_corrects_the_allocation_before_confirming(self):
        first, second = self._create_instalments(1000, 1000)
        receipt = self._register(1000, (first, 1000)).with_user(self.biller)
        receipt.allocation_ids.plan_line_id = second
        receipt.action_confirm()
        self.assertEqual(self._ledger(second), (1000, 0, "paid"))
