from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Date
from odoo.tests import freeze_time, tagged

from .receipt_common import ReceiptCommon

TODAY = "2026-10-12"


@tagged("post_install", "-at_install")
class TestCrmCollection(ReceiptCommon):
    """Promise to pay, dispute and collection log; broken promises are counted."""

    def setUp(self):
        super().setUp()
        clock = freeze_time(TODAY)
        clock.start()
        self.addCleanup(clock.stop)
        self.line = self._create_instalments(1000)
        self.invoice = self.line.move_ids

    def _promise(self, amount=600, day="2026-10-20", user=None, **values):
        target = values or {"plan_line_id": self.line.id}
        return (
            self.env["crm.payment.promise"]
            .with_user(user or self.salesperson)
            .create({"amount": amount, "date": day, **target})
        )

    def _later(self, day):
        clock = freeze_time(day)
        clock.start()
        self.addCleanup(clock.stop)
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=3600.0):
            self.env["crm.payment.promise"]._cron_judge()

    # -- promises ----------------------------------------------------------------------------

    def test_a_promise_is_kept_by_the_money_that_arrives_in_time(self):
        self._pay(self.invoice, 300)
        promise = self._promise(600)
        self.assertEqual((promise.state, promise.collected), ("open", 0))
        self.assertEqual(self.line.promise_date, Date.to_date("2026-10-20"))
        self._pay(self.invoice, 500, payment_date="2026-10-19")
        self.assertEqual((promise.state, promise.collected), ("open", 500))
        self._pay(self.invoice, 100, payment_date="2026-10-20")
        self.assertEqual((promise.state, promise.collected), ("kept", 600))
        self.assertFalse(self.line.promise_date)

    def test_money_that_comes_late_or_not_at_all_breaks_the_promise_and_is_counted(self):
        promise = self._promise(600)
        self._pay(self.invoice, 600, payment_date="2026-10-21")
        self.assertEqual(promise.state, "open", "its day is not over")
        self._later("2026-10-21 03:00:00")
        self.assertEqual((promise.state, promise.collected), ("broken", 0))
        self.assertEqual((self.line.broken_promises, self.line.promise_date), (1, False))

    def test_a_write_off_and_a_credit_note_do_not_keep_a_promise(self):
        promise = self._promise(600)
        refund = self.invoice._reverse_moves([{"invoice_date": TODAY, "date": TODAY}], cancel=True)
        self.assertEqual(refund.state, "posted")
        self.assertEqual(promise.state, "open")

    def test_a_payment_taken_back_breaks_the_promise_it_had_kept(self):
        promise = self._promise(600)
        payment = self._pay(self.invoice, 600, payment_date="2026-10-15")
        self.assertEqual(promise.state, "kept")
        self._later("2026-10-22 03:00:00")
        self.assertEqual(promise.state, "kept")
        payment.action_draft()
        self.assertEqual(promise.state, "broken")
        payment.action_post()
        self.assertEqual(promise.state, "kept")

    def test_a_promise_about_an_invoice_without_plan(self):
        invoice = self._create_invoice(500, invoice_user_id=self.salesperson.id)
        promise = self._promise(500, move_id=invoice.id)
        self.assertEqual(
            (promise.partner_id, promise.salesperson_id), (self.customer, self.salesperson)
        )
        self.assertEqual(invoice.crm_promise_date, Date.to_date("2026-10-20"))
        self._pay(invoice, 500)
        self.assertEqual(promise.state, "kept")

    def test_promises_are_withdrawn_but_not_changed(self):
        promise = self._promise()
        with self.assertRaisesRegex(UserError, "Withdraw it"):
            promise.amount = 1
        with self.assertRaisesRegex(UserError, "not deleted"):
            promise.sudo().unlink()
        promise.action_withdraw()
        self._later("2026-11-01 03:00:00")
        self.assertEqual((promise.state, self.line.broken_promises), ("withdrawn", 0))
        with self.assertRaisesRegex(UserError, "Only open"):
            promise.action_withdraw()
        with self.assertRaisesRegex(ValidationError, "today or a later"):
            self._promise(day="2026-10-01")

    def test_a_hundred_promises_are_judged_with_the_queries_of_one(self):
        counts = []
        for size in (1, 1, 100):
            promises = self.env["crm.payment.promise"].browse(
                self._promise(1).id for _index in range(size)
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            promises._judge()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 3, counts)

    # -- disputes ----------------------------------------------------------------------------

    def test_a_dispute_has_a_reason_and_an_owner_and_ends_with_a_resolution(self):
        dispute = (
            self.env["crm.payment.dispute"]
            .with_user(self.biller)
            .create(
                {
                    "plan_line_id": self.line.id,
                    "reason": "quality",
                    "description": "Report module fails",
                    "owner_id": self.salesperson.id,
                }
            )
        )
        self.assertTrue(self.line.is_disputed and self.invoice.crm_disputed)
        self.assertEqual(dispute.activity_ids.user_id, self.salesperson)
        own = dispute.with_user(self.salesperson)
        with self.assertRaisesRegex(ValidationError, "how the dispute was cleared"):
            own.action_close()
        own.resolution = "Mended on 12 October"
        own.action_close()
        self.assertEqual((own.state, own.date_closed), ("closed", Date.to_date(TODAY)))
        self.assertFalse(self.line.is_disputed or self.invoice.crm_disputed)

    # -- log ---------------------------------------------------------------------------------

    def test_the_log_tells_everything_and_is_never_changed(self):
        self._promise().action_withdraw()
        row = (
            self.env["crm.collection.log"]
            .with_user(self.salesperson)
            .create({"plan_line_id": self.line.id, "kind": "call", "summary": "Pays next week"})
        )
        self.assertEqual(
            set(self.line.collection_log_ids.mapped("kind")),
            {"promise", "promise_withdrawn", "call"},
        )
        self.assertEqual(row.user_id, self.salesperson)
        with self.assertRaises(UserError):
            row.sudo().summary = "Never said"
        with self.assertRaises(UserError):
            row.sudo().unlink()

    # -- who ---------------------------------------------------------------------------------

    def test_sales_see_their_own_and_finance_needs_no_sales_rights(self):
        promise = self._promise(user=self.biller)
        models = ("crm.payment.promise", "crm.collection.log")
        for user, seen in (
            (self.salesperson, True),
            (self.colleague, False),
            (self.sales_manager, True),
            (self.biller, True),
            (self.reader, True),
        ):
            for model in models:
                rows = self.env[model].with_user(user).search([("plan_line_id", "=", self.line.id)])
                self.assertEqual(bool(rows), seen, (user.login, model))
        with self.assertRaises(AccessError):
            promise.with_user(self.colleague).action_withdraw()
        with self.assertRaises(AccessError):
            self._promise(user=self.reader)
        with self.assertRaises(AccessError):
            self._promise(user=self.colleague)

    def test_finance_lists_and_groups_invoices_by_promise_dispute_and_instalment(self):
        self._promise()
        moves = self.env["account.move"].with_user(self.biller)
        domain = [("company_id", "=", self.company.id), ("move_type", "=", "out_invoice")]
        groups = moves._read_group(
            domain, ["crm_main_plan_line_id", "crm_promise_date:day", "crm_disputed"]
        )
        self.assertEqual(
            groups, [(self.line.with_user(self.biller), Date.to_date("2026-10-20"), False)]
        )
        tomorrow = Date.to_date(TODAY) + timedelta(days=1)
        self.assertTrue(moves.search([*domain, ("crm_promise_date", ">", tomorrow)]))
