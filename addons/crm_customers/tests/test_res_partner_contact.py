from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import CrmCommon


@tagged("post_install", "-at_install")
class TestResPartnerContact(CrmCommon):
    """Contact roles, departments, and the day somebody left the company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new_company = cls.env["res.partner"].create(
            {"name": "新东家有限公司", "is_company": True, "user_id": cls.salesperson.id}
        )
        cls.decision = cls.env.ref("crm_customers.crm_contact_role_decision_maker")
        cls.finance = cls.env.ref("crm_customers.crm_contact_role_finance")
        cls.buying = cls.env.ref("crm_customers.crm_contact_department_purchasing")
        cls.today = fields.Date.context_today(cls.salesperson.with_user(cls.salesperson))

    def _leave(self, person=None, **values):
        person = (person or self.signatory).with_user(self.salesperson)
        action = person.action_contact_left()
        wizard = self.env[action["res_model"]].with_user(self.salesperson)
        return wizard.with_context(**action["context"]).create(values)

    def test_a_contact_has_roles_and_a_department(self):
        person = self.signatory.with_user(self.salesperson)
        person.write(
            {
                "crm_role_ids": [Command.set((self.decision | self.finance).ids)],
                "crm_department_id": self.buying.id,
                "function": "采购总监",
            }
        )
        partners = self.env["res.partner"].with_user(self.salesperson)
        self.assertIn(person, partners.search([("crm_role_ids", "in", self.decision.ids)]))
        self.assertIn(person, partners.search([("crm_department_id", "=", self.buying.id)]))
        here = [("id", "=", person.id)]
        by_role = partners._read_group(here, ["crm_role_ids"], ["__count"])
        self.assertEqual(by_role, [(self.decision, 1), (self.finance, 1)])
        by_department = partners._read_group(here, ["crm_department_id"], ["__count"])
        self.assertEqual(by_department, [(self.buying, 1)])

    def test_salespeople_add_departments_but_no_roles(self):
        env = self.env(user=self.salesperson)
        self.assertTrue(env["crm.contact.department"].create({"name": "Fleet"}))
        self.assertFalse(env["crm.contact.role"].has_access("create"))
        self.assertTrue(
            self.env["crm.contact.role"].with_user(self.sales_manager).has_access("create")
        )

    def test_who_left_is_proposed_no_more_but_found_in_history(self):
        partners = self.env["res.partner"].with_user(self.salesperson)
        self.assertIn(self.signatory.id, dict(partners.name_search("陈立群")))
        self._leave().action_confirm()
        self.assertEqual(self.signatory.crm_left_date, self.today)
        self.assertNotIn(self.signatory.id, dict(partners.name_search("陈立群")))
        exact = self.signatory.display_name
        self.assertIn(self.signatory.id, dict(partners.name_search(exact, operator="=")))
        self.assertIn(self.signatory, partners.search([("name", "=", "陈立群")]))
        self.assertIn(self.signatory, self.customer.child_ids)
        self.assertIn(self.signatory, partners.search([("crm_has_left", "=", True)]))
        self.assertNotIn(self.signatory, partners.search([("crm_has_left", "=", False)]))
        self.signatory.with_user(self.salesperson).action_contact_back()
        self.assertIn(self.signatory.id, dict(partners.name_search("陈立群")))

    def test_a_day_to_come_is_not_yet_gone(self):
        self.signatory.crm_left_date = self.today + timedelta(days=9)
        self.assertFalse(self.signatory.crm_has_left)
        self.assertIn(self.signatory.id, dict(self.env["res.partner"].name_search("陈立群")))
        self.assertFalse(self.signatory._explain_contactable("email", "service"))

    def test_nothing_is_sent_to_who_left_and_the_gate_says_since_when(self):
        self.signatory.crm_left_date = date(2026, 3, 9)
        everybody = (self.signatory | self.customer).with_user(self.salesperson)
        for purpose in ("service", "marketing", "survey"):
            self.assertNotIn(self.signatory, everybody._filter_contactable("email", purpose))
        self.assertIn(self.customer, everybody._filter_contactable("email", "service"))
        self.assertEqual(
            everybody._explain_contactable("email", "service"),
            {self.signatory.id: "Left the company on 03/09/2026"},
        )
        self.assertEqual(
            everybody._get_contact_refusals("email", "service"), {self.signatory.id: "left"}
        )
        self.assertIn("left", dict(everybody._contact_refusal_reasons()))

    def test_a_person_goes_on_at_the_new_company_with_his_history(self):
        self.signatory.write({"phone": "+8613812345678", "crm_role_ids": [(4, self.decision.id)]})
        self.env["crm.consent"].create(
            {"partner_id": self.signatory.id, "channel": "sms", "state": "withdrawn"}
        )
        action = self._leave(
            date=date(2026, 5, 4),
            new_company_id=self.new_company.id,
            new_function="总经理",
            new_email="chen@new.example.com",
        ).action_confirm()
        later = self.env["res.partner"].browse(action["res_id"])
        self.assertEqual(later.parent_id, self.new_company)
        self.assertEqual(later.name, "陈立群")
        self.assertEqual(later.function, "总经理")
        self.assertEqual(later.phone, "+8613812345678")
        self.assertEqual(later.crm_former_id, self.signatory)
        self.assertEqual(self.signatory.crm_later_ids, later)
        self.assertEqual(later.crm_role_ids, self.decision)
        relation = later.crm_relation_side_ids
        self.assertEqual(relation.role_id.name, "Former Employer")
        self.assertEqual((relation.other_id, relation.date_from), (self.customer, date(2026, 5, 4)))
        self.assertIn("新东家", self.signatory.message_ids[0].body)
        self.assertEqual(later._get_contact_refusals("sms", "marketing"), {later.id: "withdrawn"})
        pair = self.env["crm.dup.pair"].search([("partner_id", "in", (self.signatory | later).ids)])
        self.assertEqual(pair.mapped("state"), ["different"])

    def test_a_strict_duplicate_rule_does_not_stop_the_change_of_company(self):
        self.signatory.phone = "+8613812345678"
        same = self.env["crm.dup.field"].search([("code", "in", ("phone", "name"))])
        self.env["crm.dup.rule"].search([]).unlink()
        self.env["crm.dup.rule"].create(
            {
                "name": "Strict",
                "applies_to": "person",
                "action": "block",
                "field_ids": [Command.set(same.ids)],
            }
        )
        action = self._leave(new_company_id=self.new_company.id).action_confirm()
        self.assertEqual(self.env["res.partner"].browse(action["res_id"]).name, "陈立群")

    def test_a_number_of_the_company_does_not_go_along(self):
        self.signatory.phone = "+862150801238"
        action = self._leave(new_company_id=self.new_company.id, keep_phone=False).action_confirm()
        self.assertFalse(self.env["res.partner"].browse(action["res_id"]).phone)

    def test_the_portal_login_is_closed(self):
        user = new_test_user(
            self.env, "suite_portal", "base.group_portal", partner_id=self.signatory.id
        )
        wizard = self._leave()
        self.assertTrue(wizard.has_portal)
        wizard.action_confirm()
        self.assertFalse(user.active)

    def test_a_company_does_not_leave(self):
        wizard = self.env["crm.contact.leave"].create({"partner_id": self.customer.id})
        with self.assertRaisesRegex(UserError, "nothing to leave"):
            wizard.action_confirm()
