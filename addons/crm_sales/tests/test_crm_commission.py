from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .commission_common import CommissionCommon
from .common import SIGNED_ON


@tagged("post_install", "-at_install")
class TestCrmCommission(CommissionCommon):
    """Commission on signed, invoiced, collected and margin; tiers, caps, effective dates."""

    def _amounts(self, user=None):
        return self._lines(user).mapped("amount")

    # -- row 33: bases -----------------------------------------------------------------------

    def test_collected_money_earns_commission_linked_to_its_reconciliation(self):
        plan = self._create_plan()
        invoice = self._sell(50000)
        self.assertFalse(self._lines())
        self._pay(invoice, 20000)
        line = self._lines()
        self.assertEqual((line.plan_id, line.user_id), (plan.sudo(), self.salesperson))
        self.assertEqual((line.base, line.amount, line.kind), (20000, 200, "earned"))
        self.assertEqual(line.date, date(2026, 10, 12))
        self.assertTrue(line.sudo().partial_id)
        self.assertEqual(line.sudo().partial_id.debit_move_id.move_id, invoice)
        self.assertEqual(line.document, invoice.name)
        self.assertTrue(line.payment_name)

    def test_a_write_off_and_a_draft_payment_earn_nothing(self):
        self._create_plan()
        invoice = self._sell(100)
        expense = self.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)], limit=1
        )
        self._pay(
            invoice,
            60,
            payment_difference_handling="reconcile",
            writeoff_account_id=expense.id,
        )
        self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "payment_type": "inbound",
                "partner_type": "customer",
                "amount": 40,
                "company_id": self.company.id,
            }
        )
        self.assertEqual(self._lines().mapped("base"), [60])

    def test_commission_is_on_amounts_before_tax_unless_the_plan_counts_taxes(self):
        self._create_plan()
        taxed = self._create_plan(name="Taxed", with_tax=True)
        lines = [
            Command.create(
                {"name": "x", "price_unit": 1000, "tax_ids": [Command.set(self.tax_13.ids)]}
            )
        ]
        invoice = self._sell(0, invoice_line_ids=lines)
        self._pay(invoice, 565)
        bases = {line.plan_id.id: line.base for line in self._lines().sudo()}
        self.assertEqual(bases[taxed.id], 565)
        self.assertEqual(sorted(bases.values()), [500, 565])

    def test_a_signed_contract_earns_commission_and_its_order_does_not_count_twice(self):
        self._create_plan(basis="signed")
        order = self._create_order()
        self.assertEqual(self._lines().mapped("base"), [100000])
        self._create_planned_contract(order)
        lines = self._lines()
        self.assertEqual(sum(lines.mapped("base")), 100000)
        self.assertEqual(sum(lines.mapped("amount")), 1000)
        self.assertIn(SIGNED_ON, lines.mapped("date"))

    def test_a_cancelled_order_is_taken_back(self):
        self._create_plan(basis="signed")
        order = self._create_order(5000)
        self._process()
        order.with_user(self.salesperson)._action_cancel()
        self.assertEqual(self._amounts(), [50, -50])

    def test_the_margin_of_an_order_earns_commission(self):
        self._create_plan(basis="margin", tiers=[(0, 10)])
        self.product.standard_price = 60
        self._create_order(lines=[{"price_unit": 100, "product_uom_qty": 3}])
        self.assertEqual(self._lines().mapped("base"), [120])
        self.assertEqual(self._amounts(), [12])

    def test_a_confirmed_order_that_grows_earns_the_difference(self):
        self._create_plan(basis="signed")
        order = self._create_order(5000)
        self._process()
        order.order_line.price_unit = 6000
        self.assertEqual(self._amounts(), [50, 10])
        self.assertEqual(self._lines()[1].kind, "adjusted")

    def test_a_credit_note_is_negative_commission(self):
        """Others pay positive commission on credit notes."""
        self._create_plan(basis="invoiced")
        invoice = self._sell(1000)
        refund = invoice._reverse_moves([{"invoice_date": date(2026, 10, 9)}])
        refund.invoice_line_ids.price_unit = 400
        refund.action_post()
        lines = self._lines()
        self.assertEqual(lines.mapped("base"), [1000, -400])
        self.assertEqual(lines.mapped("amount"), [10, -4])
        self.assertEqual(lines[1].kind, "clawback")

    def test_a_foreign_invoice_counts_in_the_currency_of_the_company(self):
        self._create_plan(basis="invoiced")
        usd = self.env.ref("base.USD")
        self._set_rate(usd, 0.14)
        self._sell(140, currency_id=usd.id)
        self.assertEqual(self._lines().mapped("base"), [1000])

    # -- row 33: tiers, caps, effective dates ---------------------------------------------------

    def test_tiers_are_filled_by_what_a_month_brings_in(self):
        self._create_plan(basis="invoiced")
        self._sell(90000)
        self._sell(20000)
        self._sell(10000, invoice_date=date(2026, 10, 2))
        self.assertEqual(self._amounts(), [900, 300, 100])

    def test_a_cap_ends_what_a_period_earns(self):
        self._create_plan(basis="invoiced", cap=1000)
        for _i in range(3):
            self._sell(60000)
        self.assertEqual(self._amounts(), [600, 400, 0])

    def test_the_tier_reached_can_apply_to_the_whole_quarter(self):
        self._create_plan(basis="invoiced", mode="whole", period="quarter")
        self._sell(90000, invoice_date=date(2026, 7, 1))
        self._sell(20000, invoice_date=date(2026, 9, 30))
        self.assertEqual(self._amounts(), [900, 1300])

    def test_a_plan_counts_between_its_days_only(self):
        self._create_plan(basis="invoiced", date_from=date(2026, 9, 10), date_to=date(2026, 9, 20))
        for day in (9, 10, 20, 21):
            self._sell(day, invoice_date=date(2026, 9, day))
        self.assertEqual(self._lines().mapped("base"), [10, 20])

    def test_a_seller_counts_while_he_takes_part(self):
        plan = self._create_plan(basis="invoiced")
        self._sell(100, invoice_date=date(2026, 9, 1))
        self._sell(200, invoice_date=date(2026, 10, 1))
        self._process()
        plan.member_ids.filtered(lambda member: member.user_id == self.salesperson).date_to = date(
            2026, 9, 30
        )
        self.assertEqual(self._lines().mapped("base"), [100, 200, -200])

    def test_a_plan_that_starts_late_counts_what_happened_since_its_first_day(self):
        self._sell(1000)
        self._process()
        self._create_plan(basis="invoiced")
        self.assertEqual(self._lines().mapped("base"), [1000])

    def test_a_running_plan_keeps_its_promise(self):
        plan = self._create_plan(basis="invoiced")
        for change in (
            lambda: plan.write({"cap": 5}),
            lambda: plan.tier_ids[0].write({"rate": 9}),
            lambda: plan.tier_ids[0].unlink(),
            lambda: plan.member_ids[0].unlink(),
        ):
            with self.assertRaisesRegex(UserError, "running"):
                change()

    def test_a_new_version_takes_over_where_the_old_one_ends(self):
        plan = self._create_plan(basis="invoiced")
        self._sell(1000, invoice_date=date(2026, 9, 30))
        self._sell(1000, invoice_date=date(2026, 10, 1))
        self._process()
        self.assertEqual(self._amounts(), [10, 10])
        newer = plan.browse(plan.action_new_version()["res_id"])
        newer.date_from = date(2026, 10, 1)
        newer.tier_ids[0].rate = 5
        newer.action_start()
        self.assertEqual(plan.date_to, date(2026, 9, 30))
        self.assertEqual(sum(self._amounts()), 60)
        by_plan = {line.plan_id.id: 0.0 for line in self._lines().sudo()}
        for line in self._lines().sudo():
            by_plan[line.plan_id.id] += line.amount
        self.assertEqual(by_plan, {plan.id: 10, newer.id: 50})

    def test_a_plan_needs_a_tier_from_zero_on_and_sellers(self):
        with self.assertRaisesRegex(UserError, "from zero"):
            self._create_plan(tiers=[(10, 1)])
        with self.assertRaisesRegex(UserError, "sellers"):
            self._create_plan(member_ids=[])

    # -- row 34: clawback ----------------------------------------------------------------------

    def test_every_way_to_undo_a_payment_takes_the_commission_back(self):
        undo = {
            "unreconciled": lambda invoice, _payment: invoice.line_ids.remove_move_reconcile(),
            "reset to draft": lambda _invoice, payment: payment.action_draft(),
            "cancelled": lambda _invoice, payment: payment.action_cancel(),
            "invoice reset": lambda invoice, _payment: invoice.button_draft(),
        }
        self._create_plan()
        for name, work in undo.items():
            with self.subTest(undo=name):
                invoice = self._sell(50000)
                payment = self._pay(invoice)
                before = self._lines()
                work(invoice, payment)
                line = self._lines() - before
                self.assertEqual((line.base, line.amount), (-50000, -500))
                self.assertEqual(line.kind, "clawback")
                self.assertEqual(line.document, before[-1].document)

    def test_a_line_stays_readable_when_its_reconciliation_is_deleted(self):
        self._create_plan()
        invoice = self._sell(50000)
        payment = self._pay(invoice)
        line = self._lines()
        invoice.line_ids.remove_move_reconcile()
        self._process()
        line.invalidate_recordset()
        self.assertFalse(line.sudo().partial_id)
        self.assertEqual((line.document, line.amount), (invoice.name, 500))
        self.assertEqual(line.payment_name, payment.move_id.name)
        self.assertIn(payment.move_id.name, line.explanation)

    def test_a_payment_posted_again_earns_again(self):
        self._create_plan()
        invoice = self._sell(50000)
        payment = self._pay(invoice)
        self._process()
        payment.action_draft()
        self._process()
        payment.action_post()
        self.assertEqual(self._amounts(), [500, -500, 500])
        self.assertEqual(self._lines().mapped("number"), [1, 2, 3])

    def test_collect_settle_refund_then_the_next_statement_nets_to_zero(self):
        self._create_plan()
        invoice = self._sell(150000)
        self._pay(invoice)
        first = self._statements()
        self.assertEqual(first.amount_total, 2000)
        self._settle(first)
        refund = invoice._reverse_moves([{"invoice_date": date(2026, 10, 20)}])
        refund.action_post()
        self._pay(refund)
        both = self._statements()
        self.assertEqual(both[0], first)
        self.assertEqual(first.amount_total, 2000)
        self.assertEqual(len(both), 2)
        self.assertEqual(both[1].amount_total, -2000)
        self.assertEqual(sum(both.mapped("amount_total")), 0)

    def test_what_is_undone_after_the_statement_is_locked_goes_into_a_later_one(self):
        self._create_plan()
        invoice = self._sell(50000)
        self._pay(invoice)
        first = self._statements()
        self._settle(first)
        invoice.line_ids.remove_move_reconcile()
        later = self._statements() - first
        self.assertEqual(later.amount_total, -500)
        self.assertEqual(later.amount_taken_back, -500)
        self.assertGreater(later.date_from, first.date_from)
        self.assertEqual(later.state, "draft")

    def test_what_is_undone_in_an_open_month_stays_in_it(self):
        self._create_plan()
        invoice = self._sell(50000)
        self._pay(invoice)
        first = self._statements()
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self._statements(), first)
        self.assertEqual((first.amount_earned, first.amount_taken_back), (500, -500))

    def test_what_is_taken_back_follows_the_tiers_it_was_earned_in(self):
        """The month's commission is that of what is left of it, whatever came and went."""
        self._create_plan()
        invoices = [self._sell(60000) for _i in range(3)]
        for invoice in invoices:
            self._pay(invoice)
        self.assertEqual(sum(self._amounts()), 1000 + 1600)
        invoices[0].line_ids.remove_move_reconcile()
        self.assertEqual(sum(self._amounts()), 1000 + 400)
        invoices[2].line_ids.remove_move_reconcile()
        self.assertEqual(sum(self._amounts()), 600)
        invoices[1].line_ids.remove_move_reconcile()
        self.assertEqual(sum(self._amounts()), 0)

    def test_doing_nothing_twice_changes_nothing(self):
        self._create_plan()
        invoice = self._sell(50000)
        self._pay(invoice)
        lines = self._lines()
        invoice._on_cash_changed()
        self.env["crm.sales.queue"]._mark_all()
        self.assertEqual(self._lines(), lines)

    def test_a_contract_handed_over_takes_nobodys_commission(self):
        self._create_plan(basis="signed")
        contract = self._create_planned_contract()
        before = self._lines()
        contract.sudo().user_id = self.colleague
        self.assertEqual(self._lines(), before)
        self.assertFalse(self._lines(self.colleague))

    def test_a_terminated_contract_counts_with_what_was_invoiced(self):
        self._create_plan(basis="signed")
        contract = self._create_planned_contract()
        self._invoice(contract.plan_line_ids[0])
        self._process()
        contract._raise_event("terminated", date(2026, 11, 1))
        self.assertEqual(sum(self._lines().mapped("base")), 30000)

    # -- cost ----------------------------------------------------------------------------------

    def test_one_payment_costs_the_same_whatever_was_settled_before(self):
        self._create_plan()
        counts = []
        for payments in (1, 10, 1000):
            self._fake_history(payments)
            invoice = self._sell(1000)
            self._process()
            self._pay(invoice, 10)
            counts.append(self._count_process())
        self.assertEqual(counts[1], counts[2])

    def _fake_history(self, count):
        """Settle ``count`` invoices of their own, in one go."""
        user, plan = self.salesperson, self.env["crm.commission.plan"].search([])[:1]
        keys = [f"move:{10**8 + index}" for index in range(count)]
        existing = self.env["crm.commission.line"].search_count([])
        snapshot = {
            "date": date(2026, 10, 12),
            "document": "INV",
            "payment_name": "PAY",
            "percent": 100,
            "document_amount": 10,
            "contract_id": False,
            "order_id": False,
            "move_id": False,
            "partial_id": False,
            "partner_id": self.customer.id,
        }
        lines = self.env["crm.commission.line"]
        lines.create(
            lines._prepare_lines(
                [
                    (
                        (f"{key}:{existing}", plan, user, date(2026, 10, 1)),
                        10.0,
                        {**snapshot, "doc_key": key},
                        1,
                    )
                    for key in keys
                ]
            )
        )
        self.env.flush_all()

    def _count_process(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.assertEqual(self.env["crm.sales.credit"]._process(), 1)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before
