"""Rows 15 and 16: import, remote calls and lead conversion obey the same rules as the form."""

from odoo.tests import Form, HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_customers.exceptions import DuplicateCustomerError

from .import_common import ImportCase

VALID_CODE = "914403002793498542"


@tagged("post_install", "-at_install")
class TestDuplicatesAtImport(ImportCase):
    """Files of customers, in the host's import screen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known = cls.env["res.partner"].create(
            {
                "name": "深圳市星云数据科技有限公司",
                "is_company": True,
                "vat": VALID_CODE,
                "user_id": cls.env.ref("base.user_admin").id,
            }
        )

    def _import_rows(self, model, *lines):
        answer = self._import(model, "\n".join(lines))
        return answer, self._log(answer)

    def test_a_row_that_a_rule_refuses_is_kept_out_with_the_reason(self):
        answer, log = self._import_rows(
            "res.partner",
            "reference,company_name,credit_code,country",
            f"A1,别的有限公司,{VALID_CODE.lower()},中国",
            "A2,湖畔重工有限公司,,中国",
            "A3,第一次有限公司,91440300708461136T,中国",
            "A4,第二次有限公司,91440300708461136T,中国",
        )
        self.assertEqual((log.created_count, log.refused_count), (2, 2), answer)
        issues = log.issue_ids.filtered("refused")
        self.assertEqual(issues.mapped("row"), [2, 5])
        self.assertEqual(set(issues.mapped("code")), {"duplicate"})
        self.assertIn(self.known.name, issues[0].reason)
        self.assertIn("第一次有限公司", issues[1].reason)

    def test_a_row_that_a_rule_warns_of_comes_in_and_is_noted(self):
        _answer, log = self._import_rows(
            "res.partner",
            "reference,company_name",
            "B1,星云数据科技（深圳）有限公司",
        )
        self.assertEqual((log.created_count, log.refused_count, log.adjusted_count), (1, 0, 1))
        self.assertIn(self.known.name, log.issue_ids.reason)

    def test_persons_come_in_with_birth_date_and_province(self):
        _answer, log = self._import_rows(
            "res.partner",
            "reference,last_name,first_name,birth_date,state,zip,identity_number",
            "P1,gibb,jasmine,19850502,vic,5142,1488892",
            "P2,陈,立群,1985-13-40,nsw,,",
        )
        first, second = self.env["res.partner"].browse(log.record_ids)
        self.assertEqual((first.name, second.name), ("jasmine gibb", "陈立群"))
        self.assertEqual(str(first.crm_birthdate), "1985-05-02")
        self.assertEqual(first.state_id.name, "Victoria")
        self.assertEqual(second.crm_birthdate, False)
        self.assertEqual(log.issue_ids.mapped("code"), ["no_day"])

    def test_a_repeated_file_imports_nothing_twice(self):
        rows = ("reference,company_name,credit_code", "C1,湖畔重工有限公司,91440300708461136T")
        self._import_rows("res.partner", *rows)
        _answer, log = self._import_rows("res.partner", *rows)
        self.assertEqual((log.created_count, log.unchanged_count, log.refused_count), (0, 1, 0))


@tagged("post_install", "-at_install")
class TestDuplicatesOfLeads(ImportCase):
    """Leads and customers know each other by the same keys."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known = cls.env["res.partner"].create(
            {"name": "深圳市星云数据科技有限公司", "is_company": True, "vat": VALID_CODE}
        )
        cls.contact = cls.env["res.partner"].create(
            {"name": "Ida Larsen", "parent_id": cls.known.id}
        )

    def _lead(self, **values):
        return self.env["crm.lead"].create({"name": "Enquiry", "type": "lead", **values})

    def test_a_lead_shows_the_customer_of_the_same_normalised_name(self):
        lead = self._lead(partner_name="星雲數據科技")
        self.assertIn(self.known.name, lead.crm_duplicate_message)
        self.assertFalse(self._lead(partner_name="别家科技").crm_duplicate_message)

    def test_conversion_proposes_the_customer_of_the_same_normalised_name(self):
        self.assertEqual(
            self._lead(partner_name="星云数据科技有限公司")._find_matching_partner(), self.known
        )
        self.assertEqual(
            self._lead(
                partner_name="星云数据科技", contact_name="larsen, ida"
            )._find_matching_partner(),
            self.contact,
        )

    def test_conversion_to_a_new_customer_obeys_the_rules(self):
        rule = self.env.ref("crm_customers.crm_dup_rule_company_name")
        rule.action = "block"
        lead = self._lead(partner_name="星云数据科技有限公司")
        with self.assertRaises(DuplicateCustomerError):
            lead._create_customer()
        self.assertFalse(lead.partner_id)

    def test_the_conversion_wizard_links_the_customer(self):
        lead = self._lead(partner_name="星云数据科技有限公司")
        wizard = Form(
            self.env["crm.lead2opportunity.partner"].with_context(
                active_model="crm.lead", active_id=lead.id, active_ids=lead.ids
            )
        )
        self.assertEqual((wizard.action, wizard.partner_id), ("exist", self.known))


@tagged("post_install", "-at_install")
class TestDuplicatesByRemoteCalls(HttpCase):
    """A salesperson's program meets the rules that his form meets."""

    @mute_logger("odoo.http")
    def test_a_remote_call_is_refused_like_the_form_and_warns_like_it(self):
        new_test_user(self.env, "dup_remote", "sales_team.group_sale_salesman")
        partners = self.env["res.partner"]
        partners.create(
            {"name": "深圳市遥调数据科技有限公司", "is_company": True, "vat": VALID_CODE}
        )
        self.authenticate("dup_remote", "dup_remote")

        def create(**values):
            return self.make_jsonrpc_request(
                "/web/dataset/call_kw",
                {
                    "model": "res.partner",
                    "method": "create",
                    "args": [[{"is_company": True, **values}]],
                    "kwargs": {},
                },
            )

        with self.assertRaisesRegex(JsonRpcException, "DuplicateCustomerError"):
            create(name="别的名字有限公司", vat=VALID_CODE)
        self.assertFalse(partners.search([("name", "=", "别的名字有限公司")]))
        [twin] = create(name="遥调数据科技有限公司")
        self.assertIn("深圳市遥调数据科技有限公司", partners.browse(twin).crm_duplicate_message)
