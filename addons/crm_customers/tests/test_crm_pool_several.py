from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .pool_common import TODAY, PoolCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSeveralPools(PoolCommon):
    """Two pools side by side: members, administrators, caps and rules are each pool's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_admin = cls._create_user("suite_pool_admin_2", "crm_customers.group_pool_admin")
        cls.other = cls.env["crm.pool"].create(
            {
                "name": "华南公海",
                "company_id": cls.company.id,
                "calendar_id": cls.calendar.id,
                "member_ids": [Command.set((cls.outsider | cls.colleague).ids)],
                "admin_ids": [Command.set(cls.other_admin.ids)],
                "daily_limit": 1,
                "remind_days": 0,
            }
        )
        cls.south = cls._create_pooled("广州一号有限公司", "佛山二号有限公司", pool=cls.other)
        cls.env.flush_all()

    def _rows(self, user):
        rows = self.env["crm.pool.customer"].with_user(user)
        everything = self.pooled | self.south
        return self.env["res.partner"].browse(rows.search([("id", "in", everything.ids)]).ids)

    def test_members_see_the_customers_of_their_own_pools(self):
        self.assertEqual(self._rows(self.salesperson), self.pooled)
        self.assertEqual(self._rows(self.outsider), self.south)
        self.assertEqual(self._rows(self.colleague), self.pooled | self.south)

    def test_a_member_claims_from_his_own_pools_only(self):
        with self.assertRaises(AccessError):
            self._claim(self.south[0])
        self._claim(self.south[0], self.colleague)
        self._claim(self.pooled[0], self.colleague)
        self.assertEqual((self.south[0] | self.pooled[0]).user_id, self.colleague)

    def test_each_pool_counts_its_own_caps(self):
        self._claim(self.south[0], self.colleague)
        with self.assertRaisesRegex(UserError, "1"):
            self._claim(self.south[1], self.colleague)
        # The other pool knows no such cap.
        self._claim(self.pooled[:2], self.colleague)

    def test_administrators_assign_in_their_own_pool_only(self):
        with self.assertRaises(AccessError):
            self.pool.with_user(self.other_admin)._assign(self.pooled[0], self.colleague)
        self.other.with_user(self.other_admin)._assign(self.south[0], self.outsider, "负责华南")
        self.assertEqual(self.south[0].user_id, self.outsider)

    def test_each_pool_has_its_own_rules(self):
        self._create_rule(days=10)
        self._create_rule(days=60, pool_id=self.other.id)
        east, south = self._create_owned("东客户有限公司", "南客户有限公司", days_ago=40)
        south.crm_pool_id = self.other
        self.env.flush_all()
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=3600.0):
            self.env["crm.pool"]._cron_return_customers()
        self.assertEqual((east.crm_pooled, south.crm_pooled), (True, False))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestReleasedLeads(PoolCommon):
    """Leads that went back with their customer are not given out by the host's assignment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {"name": "分配组", "company_id": cls.company.id, "assignment_max": 300}
        )
        cls.env["crm.team.member"].create(
            [
                {"crm_team_id": cls.team.id, "user_id": user.id, "assignment_max": 300}
                for user in (cls.salesperson, cls.colleague)
            ]
        )

    def _create_lead(self, customer, name="等待"):
        return self.env["crm.lead"].create(
            {
                "name": name,
                "type": "lead",
                "partner_id": customer.id,
                "user_id": self.salesperson.id,
                "team_id": self.team.id,
                "company_id": self.company.id,
            }
        )

    def _assign_by_the_host(self):
        free = self.env["crm.lead"].create(
            {
                "name": "自由",
                "user_id": False,
                "team_id": self.team.id,
                "company_id": self.company.id,
            }
        )
        self.env.flush_all()
        self.team._action_assign_leads(force_quota=True)
        self.assertTrue(free.user_id, "the host did assign")

    def test_after_a_rule_returned_the_customer(self):
        self._create_rule(days=10)
        customer = self._create_owned("过期有限公司", days_ago=40)
        lead = self._create_lead(customer)
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=3600.0):
            self.env["crm.pool"]._cron_return_customers()
        self.assertTrue(customer.crm_pooled)
        self._assign_by_the_host()
        self.assertFalse(lead.user_id)

    def test_after_a_leaver_s_customers_went_to_the_pool(self):
        lead = self._create_lead(self._create_owned("离职有限公司"))
        wizard = (
            self.env["crm.handover"]
            .with_user(self.sales_manager)
            .create(
                {
                    "from_user_id": self.salesperson.id,
                    "target": "pool",
                    "pool_id": self.pool.id,
                    "to_user_id": self.colleague.id,
                }
            )
        )
        wizard.action_confirm()
        self._assign_by_the_host()
        self.assertTrue(lead.crm_pooled)
        self.assertFalse(lead.user_id)

    def test_who_claims_the_customer_gets_the_lead_and_keeps_it(self):
        customer = self._create_owned("再来有限公司")
        lead = self._create_lead(customer)
        self.pool.with_user(self.salesperson)._return(customer, "没有需求")
        self._claim(customer, self.colleague)
        self._assign_by_the_host()
        self.assertEqual(lead.user_id, self.colleague)


@tagged("post_install", "-at_install")
class TestExplainedInBothLanguages(PoolCommon):
    """The record says when it goes back and why, in the reader's language."""

    def test_the_explanation_is_in_the_reader_s_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        with freeze_time(TODAY):
            self._create_rule(days=10, date_start=date(2026, 1, 1))
            customer = self._create_owned("说明有限公司", days_ago=10)
            said = {
                lang: customer.with_user(self.salesperson)
                .with_context(lang=lang)
                .crm_pool_explanation
                for lang in ("en_US", "zh_CN")
            }
        self.assertIn("working days", said["en_US"])
        self.assertIn("工作日", said["zh_CN"])
        for text in said.values():
            self.assertIn(self.pool.name, text)
