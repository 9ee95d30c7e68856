from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import SalesCommon


@tagged("post_install", "-at_install")
class TestCreditHold(SalesCommon):
    """An order above the limit waits, visibly, with an owner who is told; money lets it go on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.controller = cls._create_user(
            "suite_controller", "base.group_user,account.group_account_readonly"
        )
        cls.company.write({"crm_credit_hold": True, "crm_credit_controller_id": cls.controller.id})
        cls._limit(150000)

    @classmethod
    def _limit(cls, amount, customer=None):
        (customer or cls.customer).with_company(cls.company).credit_limit = amount

    def _order(self, price=100000, **values):
        """Return a quotation of the salesperson over 113 % of the price."""
        return self._create_order(price, confirm=False, **values)

    def _today(self):
        return fields.Date.context_today(self.company.with_user(self.biller))

    def _hold(self, order):
        return order.sudo().crm_credit_hold_id

    def test_an_order_above_the_limit_waits_with_an_owner_who_is_told(self):
        self._order().action_confirm()
        order = self._order()
        message = order.action_confirm()
        self.assertEqual(message["tag"], "display_notification")
        self.assertIn(order.name, message["params"]["message"])
        self.assertEqual((order.state, order.crm_credit_state), ("draft", "held"))
        hold = self._hold(order)
        self.assertEqual(
            (hold.state, hold.owner_id, hold.amount, hold.over, hold.orders, hold.receivable),
            ("waiting", self.controller, 113000, 76000, 113000, 0),
        )
        self.assertEqual(hold.activity_ids.user_id, self.controller)
        order.action_confirm()
        self.assertEqual(len(order.sudo().crm_credit_hold_ids), 1)

    def test_within_the_limit_and_without_a_limit_nothing_waits(self):
        self._limit(113000)
        self._order().action_confirm()
        self._limit(0)
        order = self._order(900000)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self._limit(1)
        self.company.crm_credit_hold = False
        order = self._order()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_ledger_and_orders_not_invoiced_are_counted_once(self):
        first = self._order()
        first.action_confirm()
        accounts = self.env["crm.credit.account"]
        exposure = accounts._read_exposure(self.company, self.customer)[self.customer.id]
        self.assertEqual((exposure.receivable, exposure.orders), (0, 113000))
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=first.ids)
            .create({"advance_payment_method": "fixed", "fixed_amount": 13000})
        )
        wizard._create_invoices(first).action_post()
        exposure = accounts._read_exposure(self.company, self.customer)[self.customer.id]
        self.assertEqual((exposure.receivable, exposure.orders), (13000, 100000))
        self._pay(first.invoice_ids, 13000)
        exposure = accounts._read_exposure(self.company, self.customer)[self.customer.id]
        self.assertEqual((exposure.receivable, exposure.orders), (0, 100000))

    def test_foreign_orders_are_counted_at_the_rate_of_the_order(self):
        usd = self.env.ref("base.USD")
        self._set_rate(usd, 0.125)
        pricelist = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": usd.id, "company_id": self.company.id}
        )
        order = self._order(20000, pricelist_id=pricelist.id)
        order.action_confirm()
        self.assertEqual(self._hold(order).amount, 180800)

    def test_no_way_round_by_remote_call_or_portal(self):
        self._limit(10)
        order = self._order(require_signature=True, require_payment=False)
        with self.assertRefused("Above the credit limit"):
            order.write({"state": "sale"})
        with self.assertRefused("Above the credit limit"):
            self._order(state="sale")
        order.action_quotation_sent()
        visitor = order.with_user(self.env.ref("base.public_user")).sudo()
        visitor._validate_order()
        self.assertEqual((order.state, order.crm_credit_state), ("sent", "held"))

    def test_the_salesperson_reads_no_limit_but_how_much_is_missing(self):
        self._limit(100000)
        order = self._order()
        order.action_confirm()
        hold = order.crm_credit_hold_id.with_user(self.salesperson)
        self.assertEqual(hold.over, 13000)
        for name in ("limit", "receivable", "orders"):
            with self.assertRaises(AccessError):
                hold.read([name])
        self.assertFalse(
            self.env["crm.credit.hold"].with_user(self.colleague).search([("id", "=", hold.id)])
        )

    def test_what_was_prepaid_is_exempt(self):
        self._limit(10)
        order = self._order(require_payment=True, prepayment_percent=1.0)
        order.action_quotation_sent()
        transaction = (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "amount": order.amount_total,
                    "currency_id": order.currency_id.id,
                    "provider_id": self.env["payment.provider"].sudo().search([], limit=1).id,
                    "payment_method_id": self.env["payment.method"]
                    .sudo()
                    .with_context(active_test=False)
                    .search([], limit=1)
                    .id,
                    "reference": "prepaid",
                    "state": "done",
                    "partner_id": self.customer.id,
                    "sale_order_ids": [Command.set(order.ids)],
                }
            )
        )
        self.assertEqual(transaction._check_amount_and_confirm_order(), order)
        self.assertEqual((order.state, order.crm_credit_state), ("sale", "none"))

    def test_money_on_account_counts_as_prepaid(self):
        self._limit(10)
        order = self._order()
        order.action_confirm()
        self.assertEqual(order.crm_credit_state, "held")
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 113000,
                "company_id": self.company.id,
                "journal_id": self.env["account.journal"]
                .search([("company_id", "=", self.company.id), ("type", "=", "bank")], limit=1)
                .id,
            }
        )
        payment.action_post()
        self.env.cr.flush()
        self.assertEqual(self._hold(order).state, "lifted")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_the_hold_is_lifted_when_payment_arrives_and_the_seller_is_told(self):
        first = self._order()
        first.action_confirm()
        invoice = first._create_invoices()
        invoice.action_post()
        order = self._order()
        order.action_confirm()
        hold = self._hold(order)
        self._pay(invoice, 13000)
        self.env.cr.flush()
        self.assertEqual(hold.state, "waiting")
        self._pay(invoice, 100000)
        self.env.cr.flush()
        self.assertEqual((hold.state, order.crm_credit_state), ("lifted", "none"))
        self.assertFalse(hold.activity_ids)
        told = self.env["mail.message"].search_count(
            [
                ("model", "=", "crm.credit.hold"),
                ("res_id", "=", hold.id),
                ("notified_partner_ids", "in", self.salesperson.partner_id.ids),
            ]
        )
        self.assertTrue(told)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_higher_limit_lifts_the_hold(self):
        self._limit(10)
        order = self._order()
        order.action_confirm()
        self._limit(500000)
        self.env.cr.flush()
        self.assertEqual(order.crm_credit_state, "none")

    def test_money_for_one_order_does_not_lift_two(self):
        self._limit(120000)
        blocker = self._create_invoice(110000)
        first, second = self._order(), self._order()
        (first | second).action_confirm()
        self.assertEqual((first.crm_credit_state, second.crm_credit_state), ("held", "held"))
        self._pay(blocker)
        self.env.cr.flush()
        self.assertEqual((first.crm_credit_state, second.crm_credit_state), ("none", "held"))

    def test_orders_confirmed_together_use_up_the_limit_one_after_the_other(self):
        first, second = self._order(), self._order()
        (first | second).action_confirm()
        self.assertEqual((first.state, second.state), ("sale", "draft"))
        self.assertEqual(second.crm_credit_state, "held")

    def test_finance_releases_with_reason_and_validity_and_nobody_his_own(self):
        self._limit(10)
        order = self._order()
        order.action_confirm()
        hold = order.crm_credit_hold_id
        tomorrow = self._today() + timedelta(days=1)
        for user in (self.salesperson, self.sales_manager):
            with self.assertRaises(AccessError):
                hold.with_user(user)._release("Please", tomorrow)
        with self.assertRefused("Give the reason"):
            hold.with_user(self.biller)._release(" ", tomorrow)
        with self.assertRefused("valid for today"):
            hold.with_user(self.biller)._release("Guarantee", self._today() - timedelta(days=1))
        action = hold.with_user(self.controller).action_release()
        wizard = Form(
            self.env["crm.credit.release"]
            .with_user(self.controller)
            .with_context(**action["context"])
        )
        wizard.reason = "Bank guarantee"
        wizard.valid_until = tomorrow
        wizard.save().action_release()
        self.assertEqual((hold.state, order.crm_credit_state), ("released", "released"))
        self.assertEqual(hold.sudo().released_uid, self.controller)
        with self.assertRefused("no longer on hold"):
            hold.with_user(self.biller)._release("Again", tomorrow)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_release_ends_with_its_day_and_covers_its_amount_only(self):
        self._limit(10)
        order, other = self._order(), self._order()
        (order | other).action_confirm()
        holds = order.crm_credit_hold_id | other.crm_credit_hold_id
        holds.with_user(self.biller)._release("Guarantee", self._today())
        order.order_line.price_unit = 200000
        order.action_confirm()
        self.assertEqual((order.state, order.crm_credit_state), ("draft", "held"))
        other.crm_credit_hold_id.sudo().valid_until = self._today() - timedelta(days=1)
        other.action_confirm()
        self.assertEqual((other.state, other.crm_credit_state), ("draft", "held"))

    def test_a_cancelled_order_waits_no_longer(self):
        self._limit(10)
        order = self._order()
        order.action_confirm()
        hold = order.crm_credit_hold_id
        order._action_cancel()
        self.assertEqual((hold.state, order.crm_credit_state), ("cancelled", "none"))

    def test_holds_are_written_by_nobody(self):
        self._limit(10)
        order = self._order()
        order.action_confirm()
        for user in (self.salesperson, self.biller, self.sales_manager):
            with self.assertRaises(AccessError):
                order.crm_credit_hold_id.with_user(user).state = "released"

    def test_contacts_share_the_credit_of_their_company(self):
        order = self._order(200000, partner_id=self.signatory.id)
        order.action_confirm()
        self.assertEqual(self._hold(order).partner_id, self.customer)

    def test_a_hundred_orders_are_counted_with_the_queries_of_one(self):
        self._limit(10)
        counts = []
        for size in (1, 1, 100):
            orders = self.env["sale.order"].browse([self._order().id for _index in range(size)])
            self.env.flush_all()
            orders.invalidate_recordset()
            count = self.env.cr.sql_log_count
            self.assertEqual(len(orders._find_over_limit(self.company)), size)
            counts.append(self.env.cr.sql_log_count - count)
        self.assertLessEqual(counts[2], counts[1] + 2, counts)
