from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .approval_common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestCrmApproval(ApprovalCommon):
    """Approval matrix by discount, margin, amount and payment terms."""

    # -- grounds -------------------------------------------------------------------------------

    def test_each_ground_stops_the_confirmation_and_says_why(self):
        far = self.env["account.payment.term"].create(
            {
                "name": "90 days",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 100, "nb_days": 90})
                ],
            }
        )
        self.product.standard_price = 95000
        for values, quote in (
            ({"ground": "discount", "threshold": 10}, {"discount": 15}),
            ({"ground": "margin", "threshold": 8}, {}),
            ({"ground": "amount", "threshold": 113000}, {}),
            ({"ground": "payment_days", "threshold": 60}, {"payment_term_id": far.id}),
            (
                {"ground": "payment_terms", "payment_term_ids": [Command.set(far.ids)]},
                {"payment_term_id": far.id},
            ),
            ({"ground": "always"}, {}),
        ):
            rule = self._rule(**values)
            order = self._quote(**quote)
            with (
                self.subTest(ground=values["ground"]),
                self.assertRefused(f"needs approval; ask for it.*\n- {rule.name}"),
            ):
                order.action_confirm()
            rule.active = False
            order.action_confirm()
            self.assertEqual(order.state, "sale")

    def test_what_stays_within_the_limits_needs_nobody(self):
        self._rule("discount", 10)
        self._rule("amount", 200000)
        self._rule("margin", 5)
        order = self._quote(discount=10)
        self.assertEqual(order.crm_approval_state, "none")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_price_lowered_by_hand_is_a_discount(self):
        self._rule("discount", 10)
        order = self._quote(price=85000)
        self.assertEqual(order.crm_approval_state, "needed")
        self.assertIn("15", order.crm_approval_reasons)

    def test_amounts_are_compared_in_the_companys_currency(self):
        usd = self.env.ref("base.USD")
        self._set_rate(usd, 0.125)
        pricelist = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": usd.id, "company_id": self.company.id}
        )
        self._rule("amount", 100000)
        order = self._quote(price=12500, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, usd)
        self.assertEqual(order.crm_approval_state, "needed")

    def test_a_rule_of_a_team_holds_for_the_teams_below_it(self):
        rule = self._rule("always", team_id=self.office.id)
        self.assertEqual(self._quote().crm_approval_state, "needed")
        rule.team_id = self.env["crm.team"].create({"name": "Other", "company_id": self.company.id})
        self.assertEqual(self._quote().crm_approval_state, "none")

    # -- every way in --------------------------------------------------------------------------

    def test_no_way_round_by_remote_call_portal_or_import(self):
        self._rule("discount", 10)
        order = self._quote(discount=15, require_signature=True, require_payment=True)
        with self.assertRefused("needs approval"):
            order.write({"state": "sale"})
        with self.assertRefused("needs approval"):
            self._quote(discount=15, state="sale")
        # what the portal's controllers ask and do, with the rights they have
        order.action_quotation_sent()
        visitor = order.with_user(self.env.ref("base.public_user")).sudo()
        self.assertFalse(visitor._has_to_be_signed())
        self.assertFalse(visitor._has_to_be_paid())
        with self.assertRefused("needs approval"):
            visitor._validate_order()
        self._decide(self._ask(order), self.leader)
        order.invalidate_recordset()
        self.assertTrue(visitor._has_to_be_signed())
        visitor._validate_order()
        self.assertEqual(order.state, "sale")

    def test_money_that_arrives_early_is_kept_and_the_order_waits(self):
        self._rule("discount", 10)
        order = self._quote(discount=15, require_payment=True)
        order.action_quotation_sent()
        provider = self.env["payment.provider"].sudo().search([("code", "=", "none")], limit=1)
        method = (
            self.env["payment.method"].sudo().with_context(active_test=False).search([], limit=1)
        )
        transaction = (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "amount": order.amount_total,
                    "currency_id": order.currency_id.id,
                    "provider_id": (provider or self.env["payment.provider"].search([])[:1]).id,
                    "payment_method_id": method.id,
                    "reference": "early",
                    "state": "done",
                    "partner_id": self.customer.id,
                    "sale_order_ids": [Command.set(order.ids)],
                }
            )
        )
        self.assertFalse(transaction._check_amount_and_confirm_order())
        self.assertEqual(order.state, "sent")
        self.assertIn("Paid, but not confirmed", order.activity_ids.mapped("summary"))
        self._decide(self._ask(order), self.leader)
        order.invalidate_recordset()
        self.assertEqual(transaction._check_amount_and_confirm_order(), order)

    # -- levels and approvers ------------------------------------------------------------------

    def test_levels_are_asked_one_after_the_other_up_the_team_tree(self):
        self._rule("discount", 10, "leader", 1)
        self._rule("discount", 20, "above", 2)
        order = self._quote(discount=25)
        request = self._ask(order, "Strategic customer")
        first, second = request.sudo().step_ids
        self.assertEqual((first.state, second.state), ("waiting", "later"))
        self.assertEqual(first.approver_ids, self.leader)
        with self.assertRaises(AccessError):
            self._decide(request, self.head)
        self._decide(request, self.leader, comment="Fine with me")
        self.assertEqual((first.state, second.state), ("approved", "waiting"))
        self.assertEqual(second.approver_ids, self.head)
        with self.assertRefused("waits for approval"):
            order.action_confirm()
        self._decide(request, self.head)
        order.invalidate_recordset()
        self.assertEqual(order.crm_approval_state, "approved")
        order.action_confirm()
        self.assertEqual(
            request.sudo().event_ids.mapped("event"),
            ["asked", "called", "approved", "called", "approved"],
        )

    def test_rules_of_one_level_are_asked_together_and_one_no_is_enough(self):
        self._rule("discount", 10, "user", user_id=self.leader.id)
        self._rule("amount", 1, "user", user_id=self.head.id)
        order = self._quote(discount=25)
        request = self._ask(order)
        self.assertEqual(set(request.sudo().step_ids.mapped("state")), {"waiting"})
        self._decide(request, self.head)
        self.assertEqual(request.state, "waiting")
        with self.assertRefused("Give the reason"):
            self._decide(request, self.leader, approve=False)
        self._decide(request, self.leader, approve=False, comment="Too much")
        self.assertEqual(request.state, "refused")
        with self.assertRefused("was rejected"):
            order.action_confirm()
        with self.assertRefused("decided already"):
            self._decide(request, self.head)
        self.assertEqual(self._ask(order).state, "waiting")

    def test_any_member_of_a_group_approves(self):
        group = self.env["res.groups"].create(
            {"name": "Approvers", "user_ids": [Command.set((self.head | self.deputy).ids)]}
        )
        self._rule("always", approver="group", group_id=group.id)
        order = self._quote()
        request = self._ask(order)
        self.assertEqual(request.sudo().step_ids.approver_ids, self.head | self.deputy)
        self._decide(request, self.deputy)
        self.assertEqual(request.state, "approved")

    def test_nobody_approves_his_own_unless_the_rule_allows_it(self):
        self._rule("always", approver="user", user_id=self.salesperson.id)
        order = self._quote()
        with self.assertRefused("Nobody can approve"):
            self._ask(order)
        rule = self.env["crm.approval.rule"].search([("name", "=", "always 1")])
        rule.allow_self = True
        request = self._ask(order)
        self._decide(request, self.salesperson)
        self.assertEqual(request.state, "approved")

    def test_a_leader_who_sells_is_approved_by_the_leader_above(self):
        self._rule("always", approver="leader")
        order = self._quote(user=self.leader, user_id=self.leader.id)
        request = order.with_user(self.leader)._ask_approval()
        self.assertEqual(request.sudo().step_ids.approver_ids, self.head)
        with self.assertRaises(AccessError):
            self._decide(request, self.leader)

    def test_the_owner_does_not_approve_what_a_colleague_asked_for(self):
        self._rule("always", approver="user", user_id=self.leader.id)
        order = self._quote(user=self.leader, user_id=self.leader.id)
        with self.assertRefused("Nobody can approve"):
            order.with_user(self.head)._ask_approval()

    # -- absence -------------------------------------------------------------------------------

    def test_a_deputy_approves_while_the_approver_is_away_and_only_then(self):
        self._rule("always", approver="user", user_id=self.leader.id)
        today = self._today()
        order = self._quote()
        request = self._ask(order)
        with self.assertRaises(AccessError):
            self._decide(request, self.deputy)
        delegations = self.env["crm.approval.delegation"].with_user(self.leader)
        row = delegations.create(
            {
                "delegate_id": self.deputy.id,
                "date_from": today + timedelta(days=5),
                "date_to": today + timedelta(days=9),
            }
        )
        with self.assertRaises(AccessError):
            self._decide(request, self.deputy)
        row.date_from = today - timedelta(days=2)
        self.assertIn(self.deputy, request.sudo().activity_ids.user_id)
        self._decide(request, self.deputy)
        step = request.sudo().step_ids
        self.assertEqual((step.decided_uid, step.on_behalf_uid), (self.deputy, self.leader))
        self.assertEqual(request.state, "approved")

    def test_absences_are_ones_own_and_make_sense(self):
        delegations = self.env["crm.approval.delegation"].with_user(self.leader)
        values = {"date_from": self._today(), "date_to": self._today()}
        with self.assertRaises(AccessError):
            delegations.create({**values, "user_id": self.head.id, "delegate_id": self.leader.id})
        portal = self._create_user("suite_portal", "base.group_portal")
        with self.assertRefused("colleague as the deputy", ValidationError):
            delegations.create({**values, "delegate_id": portal.id})

    def test_a_deputy_does_not_approve_what_he_asked_for_himself(self):
        self._rule("always", approver="user", user_id=self.leader.id)
        self.env["crm.approval.delegation"].create(
            {
                "user_id": self.leader.id,
                "delegate_id": self.salesperson.id,
                "date_from": self._today(),
                "date_to": self._today() + timedelta(days=1),
            }
        )
        request = self._ask(self._quote())
        with self.assertRaises(AccessError):
            self._decide(request, self.salesperson)
