from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .pool_common import TODAY, PoolCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCrmHandoverSplit(PoolCommon):
    """A leaver's customers go to several colleagues in one step."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.user_id = False  # the leaver has the customers made here
        cls.third = cls._create_user("suite_third", "sales_team.group_sale_salesman")
        cls.jiangsu, cls.zhejiang = cls.env["res.country.state"].create(
            [
                {"name": name, "code": code, "country_id": cls.env.ref("base.cn").id}
                for name, code in (("江苏（测试）", "X1"), ("浙江（测试）", "X2"))
            ]
        )
        cls.owned = cls._create_owned(*(f"分配 {n} 有限公司" for n in range(5)))
        cls.owned[:3].state_id = cls.jiangsu
        cls.owned[3].state_id = cls.zhejiang
        cls.leads = cls.env["crm.lead"].create(
            [
                {
                    "name": customer.name,
                    "type": "opportunity",
                    "partner_id": customer.id,
                    "user_id": cls.salesperson.id,
                    "company_id": cls.company.id,
                }
                for customer in cls.owned
            ]
        )
        cls.orphan = cls.env["crm.lead"].create(
            {"name": "No customer", "user_id": cls.salesperson.id, "company_id": cls.company.id}
        )
        for customer in cls.owned:
            cls._create_contract(partner_id=customer.id)

    def _form(self, split_by, user=None):
        form = Form(self.env["crm.handover"].with_user(user or self.pool_admin))
        form.from_user_id = self.salesperson
        form.target = "split"
        form.split_by = split_by
        form.to_user_id = self.colleague
        return form

    def _owners(self):
        self.env.invalidate_all()
        return self.owned.mapped(lambda row: row.user_id.login)

    def _assert_documents_went_along(self):
        for customer, lead in zip(self.owned, self.leads, strict=True):
            self.assertEqual(lead.user_id, customer.user_id)
            self.assertEqual(customer.crm_contract_ids.user_id, customer.user_id)
        self.assertEqual(self.orphan.user_id, self.colleague)

    def test_evenly_among_the_members_of_a_team(self):
        team = self.env["crm.team"].create(
            {
                "name": "East",
                "company_id": self.company.id,
                "member_ids": [Command.set((self.salesperson | self.colleague | self.third).ids)],
            }
        )
        form = self._form("even")
        form.team_id = team
        wizard = form.save()
        self.assertEqual(wizard.successor_ids, self.colleague | self.third)
        wizard.action_confirm()
        self.assertEqual(
            self._owners(),
            ["suite_colleague", "suite_third", "suite_colleague", "suite_third", "suite_colleague"],
        )
        self._assert_documents_went_along()

    def test_by_region_with_the_rest_to_one(self):
        form = self._form("state")
        with form.share_ids.edit(0) as share:
            self.assertEqual((share.name, share.count), ("江苏（测试） (CN)", 3))
            share.user_id = self.third
        wizard = form.save()
        self.assertEqual(wizard.share_ids.mapped("count"), [3, 1, 1])
        self.assertEqual(wizard.share_ids[2].name, "None")
        wizard.action_confirm()
        self.assertEqual(self._owners(), ["suite_third"] * 3 + ["suite_colleague"] * 2)
        self._assert_documents_went_along()

    def test_customer_by_customer(self):
        form = self._form("customer")
        with form.share_ids.new() as share:
            share.user_id = self.third
            share.partner_ids.add(self.owned[1])
            share.partner_ids.add(self.owned[4])
        form.save().action_confirm()
        self.assertEqual(
            self._owners(),
            ["suite_colleague", "suite_third", "suite_colleague", "suite_colleague", "suite_third"],
        )
        self._assert_documents_went_along()

    def test_the_preview_says_who_gets_what(self):
        form = self._form("state")
        with form.share_ids.edit(0) as share:
            share.user_id = self.third
        lines = form.split_summary.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn("suite_third", lines[0])
        self.assertIn(": 3 (分配 0 有限公司, 分配 1 有限公司, 分配 2 有限公司)", lines[0])
        self.assertIn(": 2 (", lines[1])

    def test_a_failure_leaves_all_with_the_leaver(self):
        form = self._form("even")
        form.successor_ids.add(self.third)
        form.successor_ids.add(self.colleague)
        wizard = form.save()
        contract = type(self.env["crm.contract"])
        original, calls = contract.write, []

        def fail_at_the_second(records, vals):
            if "user_id" in vals:
                calls.append(records)
                if len(calls) == 2:
                    raise ValueError("The second successor's contracts fail")
            return original(records, vals)

        self.patch(contract, "write", fail_at_the_second)
        with self.assertRaises(ValueError), self.env.cr.savepoint():
            wizard.action_confirm()
        self.assertEqual(self._owners(), ["suite_seller"] * 5)
        self.assertEqual(self.leads.user_id | self.orphan.user_id, self.salesperson)

    def test_what_is_missing_is_said(self):
        form = self._form("even")
        form.successor_ids.add(self.third)
        wizard = form.save()
        wizard.successor_ids = False
        with self.assertRaisesRegex(UserError, "among whom to split"):
            wizard.action_confirm()
        wizard.successor_ids = self.third
        wizard.to_user_id = False
        with self.assertRaisesRegex(UserError, "belongs to no share"):
            wizard.action_confirm()
        wizard.to_user_id = self.colleague
        self.colleague.active = False
        with self.assertRaisesRegex(UserError, "still log in"):
            wizard.action_confirm()

    def test_sixty_customers_cost_a_change_of_owner_for_each_successor(self):
        self._create_owned(*(f"成批 {n} 有限公司" for n in range(60)))
        form = self._form("even")
        form.successor_ids.add(self.third)
        form.successor_ids.add(self.colleague)
        wizard = form.save()
        partner, changed = type(self.env["res.partner"]), []
        original = partner._change_owner

        def note(records, user, how, reason=None):
            changed.append(len(records))
            return original(records, user, how, reason)

        self.patch(partner, "_change_owner", note)
        wizard.action_confirm()
        self.assertEqual(sorted(changed), [32, 33])
