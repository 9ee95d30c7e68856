from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .commission_common import CommissionCommon


@tagged("post_install", "-at_install")
class TestCrmCommissionStatement(CommissionCommon):
    """Locked statements; dispute; own statement only; a vendor bill, once."""

    def _earn(self, amount=50000, user=None):
        self._pay(self._sell(amount, user))
        return self._statements(user)

    def test_a_statement_per_seller_and_month_opens_by_itself(self):
        self._create_plan(basis="invoiced")
        self._sell(100, invoice_date=date(2026, 9, 30))
        self._sell(200, invoice_date=date(2026, 10, 1))
        self._sell(300, self.colleague, invoice_date=date(2026, 10, 1))
        statements = self._statements()
        self.assertEqual(
            statements.mapped(lambda row: (str(row.date_from), row.amount_total)),
            [("2026-09-01", 1), ("2026-10-01", 2)],
        )
        self.assertEqual(set(statements.mapped("state")), {"draft"})
        self.assertEqual(self._statements(self.colleague).amount_total, 3)

    def test_it_is_submitted_approved_and_billed_each_by_his_role(self):
        self._create_plan()
        statement = self._earn()
        steps = (
            ("action_submit", self.sales_manager, (self.salesperson, self.biller), "submitted"),
            ("action_approve", self.biller, (self.salesperson, self.sales_manager), "approved"),
            ("action_create_bill", self.biller, (self.salesperson, self.sales_manager), "billed"),
        )
        for method, who, others, state in steps:
            for other in others:
                with self.subTest(method=method, who=other.login), self.assertRaises(AccessError):
                    getattr(statement.with_user(other), method)()
            getattr(statement.with_user(who), method)()
            statement.invalidate_recordset()
            self.assertEqual(statement.state, state)
        bill = statement.sudo().bill_id
        self.assertEqual((bill.move_type, bill.amount_total), ("in_invoice", 500))
        self.assertEqual(bill.partner_id, self.salesperson.partner_id)
        bill.with_user(self.biller).invoice_date = date(2026, 11, 2)
        bill.with_user(self.biller).action_post()

    def test_it_is_billed_once_and_again_only_when_its_bill_is_cancelled(self):
        self._create_plan()
        statement = self._earn()
        self._settle(statement)
        billing = statement.with_user(self.biller)
        billing.action_create_bill()
        bill = billing.bill_id
        billing.action_create_bill()
        self.assertEqual(billing.bill_id, bill)
        bill.button_cancel()
        billing.action_create_bill()
        self.assertNotEqual(billing.bill_id, bill)

    def test_a_statement_below_zero_becomes_a_vendor_credit_note(self):
        self._create_plan()
        invoice = self._sell(50000)
        self._pay(invoice)
        first = self._statements()
        self._settle(first)
        invoice.line_ids.remove_move_reconcile()
        second = self._statements() - first
        self._settle(second)
        second.with_user(self.biller).action_create_bill()
        bill = second.sudo().bill_id
        self.assertEqual((bill.move_type, bill.amount_total), ("in_refund", 500))

    def test_what_comes_to_nothing_and_what_is_not_approved_is_not_billed(self):
        self._create_plan()
        statement = self._earn()
        with self.assertRaisesRegex(UserError, "Approve"):
            statement.with_user(self.biller).action_create_bill()
        self.env["account.move"].search(
            [("partner_id", "=", self.customer.id)]
        ).line_ids.remove_move_reconcile()
        self._process()
        self._settle(statement)
        with self.assertRaisesRegex(UserError, "comes to nothing"):
            statement.with_user(self.biller).action_create_bill()

    def test_the_seller_disputes_with_a_reason_and_it_is_not_approved_meanwhile(self):
        self._create_plan()
        statement = self._earn()
        with self.assertRaisesRegex(UserError, "not possible now"):
            self._dispute(statement)
        statement.with_user(self.sales_manager).action_submit()
        self._dispute(statement)
        self.assertEqual((statement.state, statement.dispute_reason), ("disputed", "Too low"))
        with self.assertRaises(UserError):
            statement.with_user(self.biller).action_approve()
        statement.with_user(self.sales_manager).action_submit()
        self.assertEqual(statement.state, "submitted")

    def test_nobody_disputes_or_moves_another_ones_statement(self):
        self._create_plan()
        statement = self._earn()
        statement.with_user(self.sales_manager).action_submit()
        with self.assertRaises(AccessError):
            self._dispute(statement.with_user(self.colleague))
        for user in (self.salesperson, self.sales_manager, self.biller):
            with self.subTest(who=user.login), self.assertRaises(AccessError):
                statement.with_user(user).write({"state": "approved"})

    def _dispute(self, statement):
        wizard = (
            statement.env["crm.commission.dispute"]
            .with_context(active_id=statement.id)
            .create({"reason": "Too low"})
        )
        return wizard.action_dispute()

    def test_what_is_submitted_takes_no_more_lines(self):
        self._create_plan()
        statement = self._earn(1000)
        statement.with_user(self.sales_manager).action_submit()
        both = self._earn(2000)
        self.assertEqual(statement.amount_total, 10)
        self.assertEqual((both - statement).amount_total, 20)
        statement.with_user(self.sales_manager).action_reopen()
        self._earn(3000)
        self.assertEqual(statement.amount_total, 40)

    def test_a_seller_reads_his_own_statement_only_and_why_each_amount(self):
        self._create_plan()
        self._earn(120000)
        self._earn(1000, self.colleague)
        lines = self._lines()
        self.assertEqual(lines.user_id, self.salesperson)
        text = lines.explanation
        for part in ("Your share is 100 %", "1% of", "2 % of", "Commission:"):
            self.assertIn(part.replace("1% of", "1 % of"), text)
        self.assertIn("1,400.00", text)
        foreign = (
            self.env["crm.commission.statement"]
            .sudo()
            .search([("user_id", "=", self.colleague.id)])
        )
        with self.assertRaises(AccessError):
            foreign.with_user(self.salesperson).read(["amount_total"])
        with self.assertRaises(AccessError):
            foreign.line_ids.with_user(self.salesperson).read(["amount"])

    def test_why_this_amount_is_read_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self._create_plan()
        self._earn(120000)
        self.assertIn("佣金", self._lines().with_context(lang="zh_CN").explanation)

    def test_lines_are_never_changed_or_deleted(self):
        self._create_plan()
        self._earn()
        line = self._lines().sudo()
        with self.assertRaises(UserError):
            line.amount = 1
        with self.assertRaises(UserError):
            line.unlink()

    def test_roles_read_what_they_should_and_nobody_writes(self):
        self._create_plan()
        self._earn()
        plain = new_test_user(self.env, login="plain_c", groups="base.group_user")
        models = ("crm.commission.statement", "crm.commission.line", "crm.commission.tally")
        for model in models:
            records = self.env[model].search([("company_id", "=", self.company.id)])
            self.assertTrue(records)
            for user in (self.salesperson, self.sales_manager, self.biller, self.reader):
                self.assertEqual(
                    records.with_user(user).search([("id", "in", records.ids)]),
                    records,
                    f"{model} {user.login}",
                )
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(self.env[model].with_user(user).has_access(operation))
            self.assertFalse(records.with_user(self.colleague).search([("id", "in", records.ids)]))
            self.assertFalse(self.env[model].with_user(plain).has_access("read"))
        plans = self.env["crm.commission.plan"]
        self.assertTrue(plans.with_user(self.salesperson).search([]))
        for user in (self.salesperson, self.biller, self.reader):
            self.assertFalse(plans.with_user(user).has_access("write"))
        self.assertTrue(plans.with_user(self.sales_manager).has_access("create"))
