from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import CrmCommon

OPERATIONS = ("read", "create", "write", "unlink")
NOTHING = ()
READ = ("read",)


@tagged("post_install", "-at_install")
class TestDuplicateSecurity(CrmCommon):
    """Who may do what with duplicates, and what a pair tells of a customer that is hidden."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.merger = cls._create_user(
            "dup_merger", "sales_team.group_sale_salesman,crm_customers.group_merge"
        )
        cls.portal = new_test_user(cls.env, "dup_portal", "base.group_portal")
        cls.administrator = cls._create_user("dup_admin", "base.group_system")
        cls.people = cls.env["res.partner"].create(
            [
                {"name": "Wren Aldersey", "email": "wren@aldersey.example", "phone": "0301 555 01"},
                {"name": "Wren Aldersey", "email": "wren@aldersey.example", "phone": "0301 555 01"},
            ]
        )
        while cls.env["crm.dup.scan"]._scan_step():
            pass
        cls.pair = cls.env["crm.dup.pair"].search([("partner_id", "in", cls.people.ids)])

    def _hide(self, partner):
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str([("id", "!=", partner.id)]),
            }
        )
        self.env.registry.clear_cache()
        self.env.invalidate_all()

    def test_roles_and_operations(self):
        env = self.env
        records = {
            "crm.dup.field": env["crm.dup.field"].search([], limit=1),
            "crm.dup.rule": env["crm.dup.rule"].search([], limit=1),
            "crm.dup.key": env["crm.dup.key"].search([], limit=1),
            "crm.dup.queue": env["crm.dup.queue"].create({"partner_id": self.people[0].id}),
            "crm.dup.lock": env["crm.dup.lock"].create({"key": "test:lock"}),
            "crm.dup.pair": self.pair,
            "crm.dup.scan": env["crm.dup.scan"].create({}),
        }
        names = list(records)
        expected = {
            self.salesperson: dict.fromkeys(("crm.dup.field", "crm.dup.rule"), READ),
            self.merger: {
                "crm.dup.field": READ,
                "crm.dup.rule": READ,
                "crm.dup.pair": READ,
                "crm.dup.scan": ("read", "create"),
            },
            self.sales_manager: {
                "crm.dup.field": READ,
                "crm.dup.rule": OPERATIONS,
                "crm.dup.pair": READ,
                "crm.dup.scan": READ,
            },
            self.administrator: dict.fromkeys(
                ("crm.dup.field", "crm.dup.rule", "crm.dup.key", "crm.dup.queue", "crm.dup.lock"),
                READ,
            ),
            self.reader: dict.fromkeys(("crm.dup.field", "crm.dup.rule"), READ),
            self.portal: {},
        }
        for user, rights in expected.items():
            for model in names:
                record = records[model].with_user(user)
                record.invalidate_recordset()
                allowed = tuple(
                    operation for operation in OPERATIONS if record.has_access(operation)
                )
                with self.subTest(user=user.login, model=model):
                    self.assertEqual(allowed, rights.get(model, NOTHING))

    def test_a_pair_of_persons_tells_of_a_hidden_one_only_name_and_owner(self):
        hidden = self.people[1]
        hidden.user_id = self.colleague
        hidden.phone = "0301 555 99"
        self._hide(hidden)
        pair = self.pair.with_user(self.merger)
        [row] = pair.web_read(
            {
                "display_name": {},
                "partner_id": {"fields": {"display_name": {}}},
                "other_id": {"fields": {"display_name": {}}},
                "reason_text": {},
                "comparison": {},
                "level": {},
            }
        )
        self.assertEqual(row["display_name"], "Wren Aldersey / Wren Aldersey")
        self.assertIn("same e-mail address", row["reason_text"])
        self.assertIn(self.colleague.name, row["comparison"])
        self.assertIn("0301 555 01", row["comparison"])
        self.assertNotIn("0301 555 99", row["comparison"])
        self.assertEqual(row["comparison"].count("wren@aldersey.example"), 1)

    def test_who_sees_no_pairs_decides_about_none(self):
        with self.assertRaises(AccessError):
            self.pair.with_user(self.salesperson).action_mark_different()
        self.pair.with_user(self.merger).action_mark_different()
        self.assertEqual(self.pair.state, "different")

    def test_a_name_that_is_typed_is_answered_with_what_may_be_told(self):
        company, hidden = self.env["res.partner"].create(
            [
                {"name": "万科企业股份有限公司", "is_company": True},
                {
                    "name": "万科物业发展股份有限公司",
                    "is_company": True,
                    "user_id": self.colleague.id,
                    "phone": "0755-0000000",
                },
            ]
        )
        self._hide(hidden)
        partners = self.env["res.partner"].with_user(self.salesperson)
        found = {one["name"]: one for one in partners.crm_suggest_names("万科")}
        self.assertEqual(found[company.name]["action"]["res_id"], company.id)
        told = found[hidden.name]
        self.assertEqual(set(told), {"name", "owner", "readable", "action"})
        self.assertEqual((told["owner"], told["readable"]), (self.colleague.name, False))
        self.assertEqual(told["action"]["res_model"], "crm.dup.appeal")
        self.assertLessEqual(len(partners.crm_suggest_names("有限")), 3)
        self.assertEqual(partners.crm_suggest_names(" "), [])

    def test_customers_of_other_companies_are_not_suggested(self):
        other = self.env["res.company"].create({"name": "Other Suggestion Company"})
        self.env["res.partner"].create(
            {"name": "隔海实业有限公司", "is_company": True, "company_id": other.id}
        )
        partners = self.env["res.partner"].with_user(self.salesperson)
        self.assertEqual(partners.crm_suggest_names("隔海实业"), [])

    def test_who_makes_no_customers_is_told_no_names(self):
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.portal).crm_suggest_names("万科")
