"""One duplicate key everywhere: form, import, remote call and lead conversion obey one rule."""

import base64

from odoo import Command
from odoo.exceptions import AccessError, RedirectWarning, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.crm_customers.exceptions import DuplicateCustomerError

from .common import CrmCommon

VALID_CODE = "914403002793498542"


@tagged("post_install", "-at_install")
class TestDuplicateRule(CrmCommon):
    """The rules as shipped, with the lowest right that may create customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson.group_ids = [Command.link(cls.env.ref("base.group_partner_manager").id)]
        cls.seller = cls.env["res.partner"].with_user(cls.salesperson)
        cls.china = cls.env.ref("base.cn")
        cls.known = cls.env["res.partner"].create(
            {
                "name": "深圳市星云数据科技有限公司",
                "is_company": True,
                "country_id": cls.china.id,
                "vat": VALID_CODE,
                "user_id": cls.colleague.id,
            }
        )

    def _create(self, name, **values):
        return self.seller.create({"name": name, "is_company": True, **values})

    def _pairs(self, partner):
        return self.env["crm.dup.pair"].search(
            ["|", ("partner_id", "=", partner.id), ("other_id", "=", partner.id)]
        )

    def test_a_second_company_with_the_same_credit_code_is_refused(self):
        with self.assertRaises(DuplicateCustomerError) as caught:
            self._create("别的名字有限公司", vat=VALID_CODE, country_id=self.china.id)
        self.assertIn(self.known.name, str(caught.exception))
        self.assertIn(self.colleague.name, str(caught.exception))

    def test_letter_case_width_and_spaces_of_a_code_do_not_matter(self):
        wide = "".join(chr(ord(char) + 0xFEE0) for char in VALID_CODE.lower())
        with self.assertRaises(DuplicateCustomerError):
            self._create("别的名字有限公司", vat=wide)

    def test_an_edit_is_refused_like_a_creation(self):
        other = self._create("别的名字有限公司", country_id=self.china.id)
        with self.assertRaises(DuplicateCustomerError):
            other.vat = VALID_CODE

    def test_two_in_one_batch_are_refused_too(self):
        values = {"is_company": True, "vat": "91440300708461136T", "country_id": self.china.id}
        with self.assertRaises(DuplicateCustomerError) as caught:
            self.seller.create([values | {"name": "一"}, values | {"name": "二"}])
        self.assertEqual(caught.exception.places, [1])

    def test_an_old_duplicate_can_still_be_edited(self):
        rule = self.env.ref("crm_customers.crm_dup_rule_company_code")
        rule.active = False
        twin = self._create("深圳星云数据", vat=VALID_CODE, country_id=self.china.id)
        rule.active = True
        twin.phone = "0755 2688 0001"
        self.assertTrue(twin.phone)

    def test_unarchiving_is_checked_like_creating(self):
        self.known.active = False
        self._create("别的名字有限公司", vat=VALID_CODE, country_id=self.china.id)
        with self.assertRaises(DuplicateCustomerError):
            self.known.active = True

    def test_the_same_normalised_name_warns_and_is_listed(self):
        for name in (
            "星云数据科技有限公司",
            "星雲數據科技股份有限公司",
            "星云数据科技（深圳）有限公司",
            "ＸＸ",
        ):
            twin = self._create(name)
            expected = 0 if name == "ＸＸ" else 1
            pairs = self._pairs(twin).filtered(lambda pair: pair.partner_id == self.known)
            self.assertEqual(len(pairs), expected, name)
            self.assertEqual(bool(twin.crm_duplicate_message), bool(expected), name)

    def test_the_same_name_in_another_city_is_another_company(self):
        twin = self._create("北京星云数据科技有限公司")
        self.assertFalse(self._pairs(twin))

    def test_the_form_warns_while_typing(self):
        self.known.user_id = self.salesperson
        form = Form(self.seller.with_context(default_is_company=True))
        form.name = "星云数据科技有限公司"
        self.assertIn(self.known.name, form.crm_duplicate_message)
        self.assertIn(f"/odoo/res.partner/{self.known.id}", form.crm_duplicate_message)
        form.name = "完全不同有限公司"
        self.assertFalse(form.crm_duplicate_message)

    def test_people_of_one_name_in_two_companies_are_two_people(self):
        one = self.seller.create({"name": "王伟", "parent_id": self.known.id})
        other = self.seller.create({"name": "王伟", "parent_id": self.customer.id})
        self.assertFalse(self._pairs(one) | self._pairs(other))
        self.assertFalse(other.crm_duplicate_message)

    def test_one_person_with_one_telephone_number_warns(self):
        self.seller.create({"name": "王伟", "phone": "13800138000", "country_id": self.china.id})
        twin = self.seller.create({"name": "王 伟", "phone": "+86 138 0013 8000"})
        self.assertEqual(self._pairs(twin).rule_id.action, "warn")

    def test_other_companies_records_are_no_duplicates(self):
        rival = self.env["res.company"].create({"name": "Rival"})
        self.known.company_id = rival
        twin = self._create("别的名字有限公司", vat=VALID_CODE, company_id=self.company.id)
        self.assertTrue(twin)

    def test_a_rule_holds_in_its_company_only(self):
        rival = self.env["res.company"].create({"name": "Rival"})
        self.env.ref("crm_customers.crm_dup_rule_company_code").company_id = rival
        self.assertTrue(self._create("别的名字有限公司", vat=VALID_CODE))

    def test_a_rule_that_compares_everybody_is_refused(self):
        with self.assertRaises(ValidationError):
            self.env["crm.dup.rule"].create(
                {
                    "name": "City",
                    "field_ids": [
                        Command.set(self.env.ref("crm_customers.crm_dup_field_city").ids)
                    ],
                }
            )

    def test_all_fields_of_a_rule_must_agree(self):
        fields = [
            self.env.ref(f"crm_customers.crm_dup_field_{code}").id for code in ("name", "city")
        ]
        self.env["crm.dup.rule"].create(
            {"name": "Name and city", "field_ids": [Command.set(fields)], "action": "block"}
        )
        self.known.city = "深圳"
        self.assertTrue(self._create("星云数据科技有限公司", city="广州"))
        with self.assertRaises(DuplicateCustomerError):
            self._create("星云数据科技有限公司", city="深圳")

    def test_a_hidden_record_is_revealed_by_name_and_owner_only(self):
        self._hide(self.known)
        self.known.write({"phone": "0755 8888 1234", "street": "科技园路88号"})
        self.env.flush_all()
        with self.assertRaises(AccessError):
            self.known.with_user(self.salesperson).phone  # noqa: B018  reading is the test
        with self.assertRaises(RedirectWarning) as caught:
            self.seller.browse().web_save(
                {"name": "别的", "is_company": True, "vat": VALID_CODE}, {"name": {}}
            )
        message, action, _button, _context = caught.exception.args
        self.assertIn(self.known.name, message)
        self.assertIn(self.colleague.name, message)
        self.assertNotIn("8888", message)
        self.assertNotIn("88号", message)
        self.assertEqual(action["res_model"], "crm.dup.appeal")

    def test_the_banner_gives_no_link_to_a_hidden_record(self):
        self._hide(self.known)
        twin = self._create("星云数据科技有限公司")
        self.assertIn(self.known.name, twin.crm_duplicate_message)
        self.assertNotIn("href", twin.crm_duplicate_message)
        self.assertTrue(twin.crm_has_hidden_duplicate)

    def test_an_appeal_reaches_the_owner_with_its_reason(self):
        self._hide(self.known)
        twin = self._create("星云数据科技有限公司")
        action = twin.action_appeal_duplicate()
        appeal = (
            self.env["crm.dup.appeal"]
            .with_user(self.salesperson)
            .with_context(**action["context"])
            .create({"reason": "The customer called me."})
        )
        self.assertEqual(appeal.customer_name, self.known.name)
        appeal.action_send()
        activity = self.known.activity_ids
        self.assertEqual(activity.user_id, self.colleague)
        self.assertIn("The customer called me.", activity.note)

    def test_an_appeal_without_an_owner_reaches_the_pool(self):
        self.known.user_id = False
        self._hide(self.known)
        self._create_user("dup_pool", "crm_customers.group_pool_admin")
        twin = self._create("星云数据科技有限公司")
        appeal = (
            self.env["crm.dup.appeal"]
            .with_user(self.salesperson)
            .with_context(**twin.action_appeal_duplicate()["context"])
            .create({"reason": "Who looks after them?"})
        )
        appeal.action_send()
        pool = self.env.ref("crm_customers.group_pool_admin").all_user_ids
        self.assertIn(self.known.activity_ids.user_id, pool)

    def test_an_appeal_cannot_be_used_to_read_names(self):
        self._hide(self.known)
        token = base64.urlsafe_b64encode(b"\x01" + bytes(40) + str([self.known.id]).encode())
        appeal = self.env["crm.dup.appeal"].with_user(self.salesperson)
        for wrong in (token.decode(), "nonsense", self._token_of(self.colleague)):
            with self.assertRaises(AccessError):
                appeal.create({"token": wrong, "reason": "?"}).customer_name  # noqa: B018

    def _token_of(self, user):
        action = self.env["res.partner"].with_user(user)._get_appeal_action(self.known.id)
        return action["context"]["default_token"]

    def _hide(self, partner):
        """Hide one customer from everybody but superusers, as an owner rule would."""
        self.env["ir.rule"].create(
            {
                "name": "Hidden customer",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {partner.id})]",
            }
        )

    def test_not_duplicates_is_remembered_by_rules(self):
        twin = self._create("星云数据科技有限公司")
        merger = self._create_user("dup_merger", "crm_customers.group_merge")
        pair = self._pairs(twin)
        with self.assertRaises(AccessError):
            pair.with_user(self.salesperson).action_mark_different()
        pair.with_user(merger).action_mark_different()
        self.assertEqual((pair.state, pair.decided_uid), ("different", merger))
        twin.invalidate_recordset()
        self.assertFalse(twin.crm_duplicate_message)
        twin.name = "星云数据科技股份有限公司"
        self.assertEqual(self._pairs(twin).state, "different")

    def test_the_cost_does_not_grow_with_the_number_of_customers(self):
        def create(count, start):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.seller.create(
                [
                    {"name": f"Person {place}", "email": f"p{place}@people.example.org"}
                    for place in range(start, start + count)
                ]
            )
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        create(2, 0)
        one, hundred = create(1, 100), create(100, 1000)
        self.assertLessEqual(hundred - one, 1)
