from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..tools.receipts import Evidence, find_numbers, propose
from .receipt_common import PAID_ON, ReceiptCommon


@tagged("post_install", "-at_install")
class TestCrmUnclaimedReceipt(ReceiptCommon):
    """到款认领: money of the bank that nobody knows is claimed, and confirmed for real."""

    def _unclaimed(self, user=None):
        rows = self.env["crm.unclaimed.receipt"].with_user(user or self.salesperson)
        rows.invalidate_model()
        return rows.search([("company_id", "=", self.company.id)])

    def _claim(self, row):
        action = row.action_claim()
        return self.env["crm.receipt"].with_user(row.env.user).browse(action["res_id"])

    def _pay_unknown(self, amount, **values):
        payment = (
            self.env["account.payment"]
            .with_user(self.biller)
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "amount": amount,
                    "date": PAID_ON,
                    "journal_id": self.bank.id,
                    **values,
                }
            )
        )
        payment.action_post()
        return payment

    # -- the list ----------------------------------------------------------------------------

    def test_unreconciled_statement_lines_and_payments_are_listed(self):
        line = self._create_statement_line(500)
        payment = self._pay_unknown(700)
        self._create_statement_line(-80)
        reconciled = self._create_invoice(40)
        self._pay(reconciled)
        rows = self._unclaimed()
        self.assertEqual(
            sorted(rows.mapped(lambda row: (row.kind, row.amount))),
            [("payment", 700), ("statement", 500)],
        )
        self.assertEqual(set(rows.ids), {2 * line.id, 2 * payment.id + 1})

    def test_what_sales_see_is_masked_as_the_company_wants(self):
        self._create_statement_line(
            500, partner_name="上海试点机械有限公司", payment_ref="6222021234567890 INV/2026/00008"
        )
        for mask, payer, amount, reference in (
            ("none", "上海试点机械有限公司", 500, "6222021234567890 INV/2026/00008"),
            ("payer", "上海***", 500, "****7890 INV/2026/00008"),
            ("amount", "上海***", 0, "****7890 INV/2026/00008"),
        ):
            self.company.crm_claim_mask = mask
            self.env.flush_all()
            row = self._unclaimed()
            with self.subTest(mask=mask):
                self.assertEqual(
                    (row.payer_name, row.amount, row.reference), (payer, amount, reference)
                )
        found = self._unclaimed().search([("amount", "=", 500)])
        self.assertFalse(found, "what is hidden cannot be searched for either")

    def test_only_sales_and_finance_see_the_list(self):
        plain = self._create_user("claim_plain", "base.group_user")
        with self.assertRaises(AccessError):
            self._unclaimed(plain)
        for user in (self.salesperson, self.biller, self.reader):
            self.assertFalse(self._unclaimed(user))

    # -- suggestions -------------------------------------------------------------------------

    def test_the_match_is_suggested_by_number_payer_and_amount(self):
        first, second = self._create_instalments(1000, 700)
        contract = first.contract_id.name
        by_number = self._create_statement_line(55, payment_ref=f"货款 {contract.lower()} 首付")
        by_name = self._create_statement_line(56, partner_name="上海试点机械")
        by_amount = self._create_statement_line(700)
        nothing = self._create_statement_line(57, partner_name="Nobody")
        rows = {row.id // 2: row.suggestion for row in self._unclaimed()}
        self.assertIn(first.name, rows[by_number.id])
        self.assertIn("contract number", rows[by_number.id])
        self.assertIn("payer", rows[by_name.id])
        self.assertIn(f"{second.name} (amount)", rows[by_amount.id])
        self.assertFalse(rows[nothing.id])

    def test_a_colleagues_customer_is_not_suggested(self):
        self._create_instalments(700)
        self._create_statement_line(700)
        self.assertTrue(self._unclaimed().suggestion)
        self.assertFalse(self._unclaimed(self.colleague).suggestion)

    def test_a_page_of_suggestions_costs_the_queries_of_one(self):
        self._create_instalments(*range(1, 41), invoice=False)
        counts = []
        for amounts in ([100], range(1, 41)):
            for amount in amounts:
                self._create_statement_line(amount)
            rows = self._unclaimed()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows.mapped("suggestion")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 5, counts)

    # -- claiming ----------------------------------------------------------------------------

    def test_a_statement_line_is_claimed_and_reconciled_for_real(self):
        line = self._create_instalments(1000)
        statement = self._create_statement_line(1000, partner_name="上海试点机械有限公司")
        receipt = self._claim(self._unclaimed())
        self.assertEqual((receipt.source, receipt.amount), ("claimed", 1000))
        self.assertEqual(receipt.partner_id, self.customer)
        self.assertEqual(receipt.allocation_ids.plan_line_id, line)
        receipt.action_submit()
        receipt.with_user(self.biller).action_confirm()
        self.assertEqual(statement.partner_id, self.customer)
        self.assertTrue(statement.is_reconciled)
        self.assertEqual(self._ledger(line), (1000, 0, "paid"))
        self.assertEqual((receipt.state, receipt.amount_settled), ("confirmed", 1000))
        self.assertFalse(self._unclaimed())

    def test_a_payment_without_customer_is_claimed_and_reconciled_for_real(self):
        first, second = self._create_instalments(1000, 500)
        payment = self._pay_unknown(1200, memo="unknown")
        number = payment.name
        receipt = self._claim(self._unclaimed())
        receipt.partner_id = self.customer
        receipt.action_propose()
        receipt.action_submit()
        receipt.with_user(self.biller).action_confirm()
        self.assertEqual((payment.partner_id, payment.name), (self.customer, number))
        self.assertEqual(payment.move_id.line_ids.partner_id, self.customer)
        self.assertEqual(self._ledger(first), (1000, 0, "paid"))
        self.assertEqual(self._ledger(second), (200, 300, "partial"))

    def test_a_foreign_statement_line_keeps_its_amounts(self):
        usd = self.env.ref("base.USD")
        self._set_rate(usd, 0.14)
        line = self._create_instalments(100, currency=usd)
        statement = self._create_statement_line(
            715, foreign_currency_id=usd.id, amount_currency=100
        )
        receipt = self._claim(self._unclaimed())
        self.assertEqual((receipt.amount, receipt.currency_id), (100, usd))
        receipt.action_submit()
        receipt.with_user(self.biller).action_confirm()
        self.assertEqual(statement.amount, 715)
        self.assertEqual(self._ledger(line), (100, 0, "paid"))

    def test_a_claimed_amount_is_the_banks(self):
        self._create_statement_line(1000)
        receipt = self._claim(self._unclaimed())
        with self.assertRaisesRegex(UserError, "the bank's"):
            receipt.amount = 900

    def test_money_is_claimed_once(self):
        self._create_statement_line(1000)
        row = self._unclaimed()
        self._claim(row)
        self.assertEqual(row.claimant_id, self.salesperson)
        with self.assertRaisesRegex(UserError, "claimed this money already"):
            self._unclaimed(self.colleague).action_claim()

    def test_a_draft_claim_deleted_frees_the_money(self):
        self._create_statement_line(1000)
        self._claim(self._unclaimed()).unlink()
        self.assertFalse(self._unclaimed().claimed)

    def test_a_cancelled_claim_gives_the_money_back_to_the_list(self):
        line = self._create_instalments(1000)
        statement = self._create_statement_line(1000)
        payment = self._pay_unknown(1000)
        for row in self._unclaimed():
            receipt = self._claim(row)
            receipt.partner_id = self.customer
            receipt.action_submit()
            receipt.with_user(self.biller).action_confirm()
            receipt.with_user(self.biller)._cancel("Another customer's")
        self.assertFalse(statement.partner_id or payment.partner_id)
        self.assertEqual(self._ledger(line), (0, 1000, "invoiced"))
        self.assertEqual(self._unclaimed().mapped("claimed"), [False, False])

    def test_money_used_otherwise_meanwhile_is_not_confirmed(self):
        invoice = self._create_invoice(300)
        payment = self._pay_unknown(300, partner_id=self.customer.id)
        receipt = self._claim(self._unclaimed())
        receipt.partner_id = self.customer
        receipt.action_submit()
        (invoice + payment.move_id).line_ids.filtered(
            lambda row: row.account_id.account_type == "asset_receivable"
        ).reconcile()
        with self.assertRaisesRegex(UserError, "in the meantime"):
            receipt.with_user(self.biller).action_confirm()


@tagged("post_install", "-at_install")
class TestReceiptTools(ReceiptCommon):
    """The arithmetic of receipts, without the ledger."""

    def test_money_is_shared_out_until_it_is_used_up(self):
        self.assertEqual([float(part) for part in propose(10, [4, 4, 4], 2)], [4, 4, 2])
        self.assertEqual([float(part) for part in propose("0.03", ["0.01", -5], 2)], [0.01, 0])
        with self.assertRaises(ValueError):
            propose(-1, [], 2)

    def test_numbers_are_found_in_the_banks_words(self):
        self.assertEqual(find_numbers("货款ｈｔ2026-00012，首付"), ["HT2026-00012"])
        self.assertEqual(find_numbers("INV/2026/00003 inv/2026/00003"), ["INV/2026/00003"])
        self.assertEqual(find_numbers("6222021234567890"), [])
        self.assertEqual(find_numbers(None), [])

    def test_the_number_outweighs_name_and_amount_together(self):
        number, rest = Evidence(True, False, False), Evidence(False, True, True)
        self.assertGreater(number.score, rest.score)
