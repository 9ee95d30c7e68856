from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from ..tools.approval import fingerprint, is_reached
from .approval_common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestCrmApprovalContent(ApprovalCommon):
    """An approval is bound to the content; its history stays; approvers are told and reminded."""

    # -- bound to the content ------------------------------------------------------------------

    def test_any_later_change_of_what_was_judged_asks_again(self):
        self._rule("discount", 10)
        other_term = self.env.ref("account.account_payment_term_30days")
        for change in (
            lambda order: order.order_line.write({"discount": 16}),
            lambda order: order.order_line.write({"product_uom_qty": 2}),
            lambda order: order.order_line.write({"purchase_price": 5}),
            lambda order: order.write({"payment_term_id": other_term.id}),
            lambda order: order.write({"partner_id": self._other_customer().id}),
        ):
            order = self._quote(discount=15, payment_term_id=False)
            request = self._ask(order)
            self._decide(request, self.leader)
            order.invalidate_recordset()
            self.assertEqual(order.crm_approval_state, "approved")
            order.write({"client_order_ref": "Does not matter"})
            self.assertEqual(order.crm_approval_state, "approved")
            change(order)
            order.invalidate_recordset()
            self.assertEqual(order.crm_approval_state, "needed")
            with self.assertRefused("needs approval"):
                order.action_confirm()

    def _other_customer(self):
        return self.env["res.partner"].create(
            {"name": "宁波他山贸易有限公司", "is_company": True, "user_id": self.salesperson.id}
        )

    def test_what_changed_while_it_waited_is_not_decided(self):
        self._rule("discount", 10)
        order = self._quote(discount=15)
        request = self._ask(order)
        order.order_line.discount = 30
        answer = (
            self.env["crm.approval.answer"]
            .with_user(self.leader)
            .create({"kind": "approve", "request_ids": [Command.set(request.ids)]})
        )
        self.assertEqual(answer.action_apply()["tag"], "display_notification")
        self.assertEqual(request.state, "outdated")
        order.invalidate_recordset()
        self.assertEqual(order.crm_approval_state, "needed")

    def test_a_confirmed_order_keeps_to_what_was_approved(self):
        self._rule("discount", 10)
        order = self._quote(discount=5)
        order.action_confirm()
        with self.assertRefused("this change needs approval"):
            order.order_line.discount = 20
        order.invalidate_recordset()
        with self.assertRefused("this change needs approval"):
            order.order_line = [
                Command.create({"product_id": self.product.id, "price_unit": 1, "discount": 50})
            ]
        order.invalidate_recordset()
        order.order_line.product_uom_qty = 2
        approved = self._quote(discount=15)
        self._decide(self._ask(approved), self.leader)
        approved.invalidate_recordset()
        approved.action_confirm()
        self.assertEqual(approved.state, "sale")

    # -- asking, history, rights ---------------------------------------------------------------

    def test_asking_twice_or_for_nothing_is_refused(self):
        order = self._quote(discount=15)
        with self.assertRefused("needs no approval"):
            self._ask(order)
        self._rule("discount", 10)
        self._ask(order)
        with self.assertRefused("asked for already"):
            self._ask(order)

    def test_who_asked_takes_it_back_and_others_do_not(self):
        self._rule("discount", 10)
        order = self._quote(discount=15)
        request = self._ask(order)
        with self.assertRaises(AccessError):
            request.with_user(self.leader)._withdraw()
        order.with_user(self.salesperson).action_crm_withdraw_approval()
        self.assertEqual(request.state, "withdrawn")
        self.assertFalse(request.sudo().activity_ids)
        order.invalidate_recordset()
        self.assertEqual(order.crm_approval_state, "needed")

    def test_history_is_append_only_and_requests_are_written_by_nobody(self):
        self._rule("discount", 10)
        request = self._ask(self._quote(discount=15))
        for user in (self.salesperson, self.leader, self.sales_manager):
            with self.assertRaises(AccessError):
                request.with_user(user).state = "approved"
            with self.assertRaises(AccessError):
                request.with_user(user).step_ids.state = "approved"
            with self.assertRaises(UserError):
                request.with_user(user).event_ids.note = "Nothing"
        with self.assertRefused("never changed"):
            request.sudo().event_ids[0].note = "Nothing"
        with self.assertRaises(AccessError):
            self.env["crm.approval.rule"].with_user(self.salesperson).create({"name": "Mine"})

    def test_colleagues_do_not_see_the_requests_of_others(self):
        self._rule("discount", 10)
        request = self._ask(self._quote(discount=15))
        self.assertFalse(
            self.env["crm.approval.request"]
            .with_user(self.colleague)
            .search([("id", "=", request.id)])
        )
        self.assertEqual(request.with_user(self.leader).reasons, request.reasons)

    def test_approvers_and_who_asked_are_told(self):
        self._rule("discount", 10)
        request = self._ask(self._quote(discount=15))
        self.assertEqual(request.sudo().activity_ids.user_id, self.leader)
        self._decide(request, self.leader, comment="Good luck")
        told = self.env["mail.message"].search(
            [
                ("model", "=", "crm.approval.request"),
                ("res_id", "=", request.id),
                ("notified_partner_ids", "in", self.salesperson.partner_id.ids),
            ]
        )
        self.assertIn("Good luck", told[0].body)
        self.assertFalse(request.sudo().activity_ids)

    def test_the_approver_is_reminded_after_his_working_days(self):
        self.env["resource.calendar.leaves"].create(
            {
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "name": "Holiday",
                "date_from": "2026-09-29 16:00:00",
                "date_to": "2026-09-30 15:59:59",
            }
        )
        self._rule("discount", 10, days=2)
        with freeze_time("2026-09-28 02:00:00"):
            request = self._ask(self._quote(discount=15))
        step = request.sudo().step_ids
        # Monday, Tuesday works, Wednesday is a holiday
        self.assertEqual(step.deadline, date(2026, 10, 1))
        with freeze_time("2026-10-01 02:00:00"):
            self.env["crm.approval.step"]._cron_remind()
        self.assertNotIn("reminded", request.sudo().event_ids.mapped("event"))
        with freeze_time("2026-10-02 02:00:00"):
            self.env["crm.approval.step"]._cron_remind()
            self.env["crm.approval.step"]._cron_remind()
        self.assertEqual(request.sudo().event_ids.mapped("event").count("reminded"), 1)
        self.assertGreater(step.deadline, date(2026, 10, 2))

    def test_the_form_asks_and_the_list_approves(self):
        self._rule("discount", 10)
        order = self._quote(discount=15)
        action = order.action_crm_ask_approval()
        wizard = Form(
            self.env["crm.approval.answer"]
            .with_user(self.salesperson)
            .with_context(**action["context"])
        )
        self.assertIn("discount 1", wizard.reasons)
        wizard.comment = "Please"
        wizard.save().action_apply()
        request = order.crm_approval_request_ids
        self.assertEqual((request.state, request.note), ("waiting", "Please"))
        self.assertTrue(order.with_user(self.leader).crm_may_approve)
        self.assertFalse(order.with_user(self.salesperson).crm_may_approve)
        action = request.with_user(self.leader).action_approve()
        Form(
            self.env["crm.approval.answer"].with_user(self.leader).with_context(**action["context"])
        ).save().action_apply()
        self.assertEqual(request.state, "approved")

    def test_a_hundred_quotations_are_judged_with_the_queries_of_one(self):
        self._rule("margin", 5)
        self._rule("amount", 100)
        counts = []
        for size in (1, 1, 100):
            orders = self.env["sale.order"].browse([self._quote().id for _index in range(size)])
            orders[:1].with_user(self.salesperson)._ask_approval()
            self.env.flush_all()
            self.env.invalidate_all()
            orders.mapped("order_line.product_id.name")
            count = self.env.cr.sql_log_count
            orders._judge_approval()
            counts.append(self.env.cr.sql_log_count - count)
        self.assertLessEqual(counts[2], counts[1] + 2, counts)

    def test_the_arithmetic(self):
        self.assertTrue(is_reached("amount", 100.0, 100))
        self.assertFalse(is_reached("discount", 10.0, 10))
        self.assertTrue(is_reached("discount", 10.01, 10))
        self.assertFalse(is_reached("margin", 8.0, 8))
        self.assertTrue(is_reached("margin", 7.99, 8))
        self.assertFalse(is_reached("margin", None, 8))
        self.assertTrue(is_reached("always", None, 0))
        self.assertEqual(
            fingerprint({"a": 1, "b": [0.1 + 0.2]}), fingerprint({"b": [0.3], "a": 1.0})
        )
        self.assertNotEqual(fingerprint({"a": 1}), fingerprint({"a": 2}))
