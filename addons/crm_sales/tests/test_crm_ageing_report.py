from datetime import date, timedelta
from random import Random

from odoo import Command
from odoo.exceptions import AccessError
from odoo.fields import Date
from odoo.tests import tagged
from odoo.tools import SQL

from ..tools.instalments import allocate
from .receipt_common import ReceiptCommon

# What the ledger says by itself: each posted receivable line less what was reconciled until then
# with lines that are posted. Written from the tables, without any method of the suite.
LEDGER = """
    SELECT line.move_id, SUM(line.balance)
           - SUM(COALESCE((SELECT SUM(p.amount) FROM account_partial_reconcile p
                            JOIN account_move_line c ON c.id = p.credit_move_id
                            JOIN account_move cm ON cm.id = c.move_id AND cm.state = 'posted'
                           WHERE p.debit_move_id = line.id
                             AND p.max_date <= %(day)s), 0))
           + SUM(COALESCE((SELECT SUM(p.amount) FROM account_partial_reconcile p
                            JOIN account_move_line d ON d.id = p.debit_move_id
                            JOIN account_move dm ON dm.id = d.move_id AND dm.state = 'posted'
                           WHERE p.credit_move_id = line.id
                             AND p.max_date <= %(day)s), 0))
      FROM account_move_line line
      JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
      JOIN account_account account ON account.id = line.account_id
     WHERE account.account_type = 'asset_receivable'
       AND line.company_id = %(company)s AND line.date <= %(day)s
     GROUP BY line.move_id
"""


@tagged("post_install", "-at_install")
class TestCrmAgeingReport(ReceiptCommon):
    """Ageing by salesperson, contract and instalment ties to the ledger at any past date."""

    def _ageing(self, day, user=None):
        rows = self.env["crm.ageing.report"].with_context(crm_as_of=Date.to_string(day))
        rows = rows.with_user(user) if user else rows
        self.env.flush_all()
        rows.invalidate_model()
        return rows.search([("company_id", "=", self.company.id)])

    def _ledger_at(self, day):
        self.env.flush_all()
        rows = self.env.execute_query(SQL(LEDGER, day=day, company=self.company.id))
        return {move: float(amount) for move, amount in rows if amount}

    def _assert_ties(self, day):
        """Assert that the report is the ledger of that day, document by document."""
        rows, ledger = self._ageing(day), self._ledger_at(day)
        by_move = {
            move.id: sum(own.mapped("residual")) for move, own in rows.grouped("move_id").items()
        }
        self.assertEqual(set(by_move), set(ledger), day)
        for move_id, amount in ledger.items():
            self.assertAlmostEqual(by_move[move_id], amount, 6, msg=f"{day} {move_id}")
        total = self.customer._open_receivable(day, self.company)[self.customer.id]
        self.assertAlmostEqual(sum(rows.mapped("residual")), total, 6)

    def test_open_items_stand_with_contract_instalment_salesperson_and_age(self):
        line = self._create_instalments(1000)
        line.move_ids.invoice_date_due = date(2026, 10, 1)
        self._pay(line.move_ids, 400)
        rows = self._ageing(date(2026, 11, 20))
        self.assertEqual(
            (rows.contract_id, rows.plan_line_id, rows.user_id, rows.partner_id),
            (line.contract_id, line, self.salesperson, self.customer),
        )
        self.assertEqual((rows.residual, rows.overdue, rows.days_overdue), (600, 600, 50))
        self.assertEqual((rows.bucket, rows.planned), ("2_days_60", "planned"))
        before = self._ageing(date(2026, 10, 11))
        self.assertEqual((before.residual, before.bucket), (1000, "1_days_30"))
        self.assertEqual(self._ageing(date(2026, 10, 1)).bucket, "0_not_due")
        self.assertFalse(self._ageing(date(2026, 9, 27)))

    def test_one_invoice_for_two_instalments_is_divided_to_the_cent(self):
        first, second = self._create_instalments(100, 200, invoice=False)
        invoice = self._create_invoice(
            1,
            post=False,
            invoice_line_ids=[
                Command.create(
                    {
                        "name": line.name,
                        "price_unit": price,
                        "tax_ids": [Command.clear()],
                        "crm_plan_line_id": line.id,
                    }
                )
                for line, price in (
                    (first, 33.34),
                    (second, 33.33),
                    (self.env["crm.payment.plan.line"], 33.33),
                )
            ],
        )
        invoice.action_post()
        self._pay(invoice, 0.01)
        rows = self._ageing(date(2026, 12, 31))
        shares = {row.plan_line_id: row.residual for row in rows}
        parts = map(float, allocate("99.99", ["33.34", "33.33", "33.33"], 2))
        self.assertEqual(list(shares.values()), list(parts))
        self.assertEqual(round(sum(shares.values()), 2), 99.99)
        unplanned = rows.filtered(lambda row: row.planned == "not_planned")
        self.assertFalse(unplanned.plan_line_id)
        self._assert_ties(date(2026, 12, 31))

    def test_credits_and_money_on_account_are_negative_and_not_planned(self):
        self._create_instalments(1000)
        receipt = self._register(1300)
        receipt.with_user(self.biller).action_confirm()
        rows = self._ageing(date(2026, 12, 31))
        self.assertEqual(sorted(rows.mapped("residual")), [-1300, 1000])
        credit = rows.filtered(lambda row: row.residual < 0)
        self.assertEqual((credit.planned, credit.user_id), ("not_planned", self.salesperson))
        self._assert_ties(date(2026, 12, 31))

    def test_any_history_ties_to_the_ledger_at_any_past_date(self):
        """Invoices, currencies, credit notes, partial payments, resets; then fifteen dates."""
        random, usd = Random(20261122), self.env.ref("base.USD")
        self._set_rate(usd, 0.137)
        start = date(2026, 1, 5)
        lines = self._create_instalments(1200, 800, 450.45, invoice=False)
        foreign = self._create_instalments(77.77, 33.33, currency=usd, invoice=False)
        invoices = self.env["account.move"]
        for index, line in enumerate(lines | foreign):
            invoice = self._invoice(line, post=False)
            invoice.invoice_date = start + timedelta(days=23 * index)
            invoice.action_post()
            invoices |= invoice
        invoices |= self._create_invoice(333.33, invoice_date=start)
        payments = self.env["account.payment"]
        for _step in range(18):
            invoice = random.choice(invoices)
            kind, day = random.random(), start + timedelta(days=random.randrange(240))
            day = max(day, invoice.invoice_date)
            if kind < 0.6 and invoice.amount_residual > 1:
                amount = round(random.uniform(1, invoice.amount_residual), 2)
                currency = random.choice(invoice.currency_id | self.company.currency_id)
                payments |= self._pay(invoice, amount, payment_date=day, currency_id=currency.id)
            elif kind < 0.75:
                refund = invoice._reverse_moves([{"invoice_date": day, "date": day}])
                refund.invoice_line_ids.filtered("price_unit").price_unit = 7.77
                refund.action_post()
                if random.random() < 0.5:
                    (invoice + refund).line_ids.filtered(
                        lambda row: row.account_id.account_type == "asset_receivable"
                    ).filtered(lambda row: not row.reconciled).reconcile()
            elif kind < 0.85 and payments:
                random.choice(payments).action_draft()
            elif payments:
                random.choice(payments).move_id.line_ids.remove_move_reconcile()
        for step in range(15):
            self._assert_ties(start + timedelta(days=step * 20))

    def test_each_sees_his_own_and_finance_all(self):
        self._create_instalments(1000)
        day = date(2026, 12, 31)
        self.assertTrue(self._ageing(day, self.salesperson))
        self.assertFalse(self._ageing(day, self.colleague))
        for user in (self.sales_manager, self.biller, self.reader):
            self.assertTrue(self._ageing(day, user), user.login)
        plain = self._create_user("ageing_plain", "base.group_user")
        with self.assertRaises(AccessError):
            self._ageing(day, plain)

    def test_the_wizard_opens_the_day_asked_for_and_drills_to_the_document(self):
        line = self._create_instalments(1000)
        wizard = (
            self.env["crm.ageing.open"]
            .with_user(self.salesperson)
            .create({"as_of": "2026-10-02", "group": "contract_id"})
        )
        action = wizard.action_open()
        self.assertEqual(action["context"]["crm_as_of"], "2026-10-02")
        self.assertIn("2026-10-02", action["name"])
        row = self._ageing(date(2026, 10, 2), self.salesperson)
        self.assertEqual(row.action_open_item()["res_id"], line.move_ids.id)

    def test_groups_add_up_and_cost_one_query_each(self):
        self._create_instalments(1000, 500)
        rows = self.env["crm.ageing.report"].with_context(crm_as_of="2026-12-31")
        self.env.flush_all()
        for field in ("user_id", "contract_id", "plan_line_id", "bucket"):
            groups = rows._read_group(
                [("company_id", "=", self.company.id)], [field], ["residual:sum"]
            )
            self.assertAlmostEqual(sum(total for _key, total in groups), 1500, 6)
