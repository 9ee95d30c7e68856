from odoo import Command
from odoo.tests import tagged

from .merge_common import MergeCommon


@tagged("post_install", "-at_install")
class TestCrmChangeRequestMerge(MergeCommon):
    """Merging asks for nothing; of what waits for several customers one request stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        contact_right = cls.env.ref("base.group_partner_manager")
        (cls.salesperson | cls.merger).write({"group_ids": [Command.link(contact_right.id)]})
        cls.twin, cls.third = cls.env["res.partner"].create(
            [
                {"name": name, "is_company": True, "user_id": cls.salesperson.id}
                for name in ("上海试点机械", "上海试点机械厂")
            ]
        )
        cls.all = cls.customer | cls.twin | cls.third
        cls._create_invoice(100)
        cls._create_invoice(100, partner_id=cls.twin.id)
        cls._create_invoice(100, partner_id=cls.third.id)
        cls.requests = cls.env["crm.change.request"]

    def _requests(self, state="waiting"):
        return self.requests.search(
            [("partner_id", "in", self.all.ids), ("state", "=", state)], order="id"
        )

    def _add_account(self, partner, user=None):
        accounts = self.env["res.partner.bank"].with_user(user or self.env.user)
        return accounts.create({"partner_id": partner.id, "acc_number": "6222000011112222"})

    def test_merging_writes_what_was_chosen_and_asks_for_nothing(self):
        ours, theirs = self._add_account(self.customer), self._add_account(self.twin)
        log = self._merge(self.all, self.customer, name=self.twin.id)
        self.assertEqual(self.customer.name, "上海试点机械")
        self.assertEqual(self.customer.bank_ids, ours)
        self.assertFalse(self._requests())
        log.action_undo()
        self.env.invalidate_all()
        self.assertEqual(self.customer.name, "上海试点机械有限公司")
        self.assertEqual(self.twin.bank_ids, theirs)
        self.assertFalse(self._requests())

    def test_one_request_for_each_value_stays_and_undoing_brings_all_back(self):
        for partner in self.all:
            partner.with_user(self.salesperson).name = f"{partner.name}二"
        before = self._requests()
        owners = before.partner_id
        self.assertEqual(owners, self.all)
        log = self._merge(self.all, self.customer)
        left = self._requests()
        self.assertEqual(left, before[0])
        self.assertEqual(left.new_text, "上海试点机械有限公司二")
        log.action_undo()
        self.env.invalidate_all()
        self.assertEqual(self._requests(), before)
        self.assertEqual(before.mapped("partner_id"), owners)
        left.with_user(self.biller).action_approve()
        self.assertEqual(self.customer.name, "上海试点机械有限公司二")

    def test_of_requests_for_others_the_latest_stays_and_is_judged_by_the_survivor(self):
        for partner in self.twin | self.third:
            partner.with_user(self.salesperson).name = f"{partner.name}二"
        first, last = self._requests()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_change_request SET date = date - interval '1 day' WHERE id = %s",
            (first.id,),
        )
        self.env.invalidate_all()
        self._merge(self.all, self.customer)
        self.assertEqual(self._requests(), last)
        last.with_user(self.biller).action_approve()
        self.assertEqual((last.state, self.customer.name), ("outdated", "上海试点机械有限公司"))

    def test_an_account_in_use_stays_before_one_that_waits(self):
        waiting = self._add_account(self.customer, self.salesperson)
        used = self._add_account(self.twin)
        self.assertEqual((waiting.active, used.active), (False, True))
        self._merge(self.all, self.customer)
        self.assertEqual(self.customer.bank_ids, used)
        request = self._requests()
        self.assertEqual(request.bank_id, used)
        request.with_user(self.biller).action_approve()
        self.assertEqual((request.state, used.active), ("outdated", True))
