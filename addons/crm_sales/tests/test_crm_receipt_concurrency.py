from odoo.tests import tagged
from odoo.tools import mute_logger

from .concurrency_common import TwoSessions


@tagged("post_install", "-at_install")
class TestCrmReceiptConcurrency(TwoSessions):
    """Two real sessions at the same time: one payment, one claim."""

    def _receipt(self, env):
        receipt = env["crm.receipt"].create(
            {
                "partner_id": self.ids["customer"],
                "company_id": self.ids["company"],
                "currency_id": env.ref("base.CNY").id,
                "amount": 1000,
            }
        )
        receipt.action_submit()
        return receipt.id

    def _in_company(self, work):
        company = [self.ids["company"]]
        return self._committed(lambda env: work(env(context={"allowed_company_ids": company})))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_finance_people_confirm_at_once_and_one_payment_is_made(self):
        receipt_id = self._in_company(self._receipt)
        outcomes = self._race(lambda env: env["crm.receipt"].browse(receipt_id).action_confirm())
        self.assertEqual(outcomes.count(True), 1, outcomes)
        second = next(text for text in outcomes if text is not True)
        self.assertIn("Confirmed", second)
        self.assertIn("Reload the page", second)
        payments = self._in_company(
            lambda env: env["account.payment"].search_count(
                [("company_id", "=", self.ids["company"])]
            )
        )
        self.assertEqual(payments, 1)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_salespeople_claim_at_once_and_one_claim_is_made(self):
        def bank_line(env):
            journal = env["account.journal"].search(
                [("company_id", "=", self.ids["company"]), ("type", "=", "bank")], limit=1
            )
            return (
                env["account.bank.statement.line"]
                .create({"journal_id": journal.id, "amount": 700, "payment_ref": "Unknown"})
                .id
            )

        line_id = self._in_company(bank_line)
        outcomes = self._race(
            lambda env: bool(env["crm.unclaimed.receipt"].browse(2 * line_id).action_claim())
        )
        self.assertEqual(outcomes.count(True), 1, outcomes)
        self.assertIn("claimed this money", next(text for text in outcomes if text is not True))
