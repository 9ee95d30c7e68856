from odoo.tests import Form, tagged

from .common import CrmCommon


@tagged("post_install", "-at_install")
class TestResPartnerLanguage(CrmCommon):
    """New customers read the language of their country, not the one installed first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in ("en_US", "zh_CN"):
            cls.env["res.lang"]._activate_lang(code)
        cls.env["ir.default"].search([("company_id", "=", cls.company.id)]).unlink()
        cls.china, cls.america, cls.france = map(cls.env.ref, ("base.cn", "base.us", "base.fr"))
        cls.default = cls.env["ir.default"]._get("res.partner", "lang")
        cls.partners = cls.env["res.partner"].with_user(cls.salesperson)

    def _create(self, **values):
        return self.partners.create({"name": "新客户", **values})

    def test_the_country_decides_then_the_company(self):
        self.assertEqual(self._create(country_id=self.china.id).lang, "zh_CN")
        self.assertEqual(self._create(country_id=self.america.id).lang, "en_US")
        self.assertEqual(self._create(is_company=True).lang, "zh_CN")
        self.company.country_id = self.america
        self.assertEqual(self._create(is_company=True).lang, "en_US")

    def test_a_country_without_a_language_here_gets_the_host_s_default(self):
        self.assertEqual(self._create(country_id=self.france.id).lang, self.default)

    def test_two_languages_of_a_country_decide_nothing(self):
        self.env["res.lang"]._activate_lang("nl_BE")
        self.env["res.lang"]._activate_lang("fr_BE")
        belgium = self.env.ref("base.be")
        self.assertEqual(self._create(country_id=belgium.id).lang, self.default)

    def test_what_is_given_stays(self):
        self.assertEqual(self._create(country_id=self.china.id, lang="en_US").lang, "en_US")
        asked = self.partners.with_context(default_lang="en_US")
        self.assertEqual(asked.create({"name": "A", "country_id": self.china.id}).lang, "en_US")
        contact = self._create(parent_id=self._create(is_company=True, lang="en_US").id)
        self.assertEqual(contact.lang, "en_US")

    def test_a_company_of_ours_keeps_the_language_of_the_host(self):
        ours = self.env["res.company"].create({"name": "第二公司", "country_id": self.china.id})
        self.assertEqual(ours.partner_id.lang, self.default)
        self.assertNotIn("crm_keep_lang", ours.env.context)

    def test_a_default_of_the_user_or_company_comes_before(self):
        defaults = self.env["ir.default"]
        defaults.set("res.partner", "lang", "en_US", company_id=self.company.id)
        self.assertEqual(self._create(country_id=self.china.id).lang, "en_US")
        defaults.search([("company_id", "=", self.company.id)]).unlink()
        defaults.set("res.partner", "lang", "en_US", user_id=self.salesperson.id)
        self.assertEqual(self._create(country_id=self.china.id).lang, "en_US")
        self.assertEqual(
            self.env["res.partner"].create({"name": "B", "country_id": self.china.id}).lang,
            "zh_CN",
        )

    def test_the_form_follows_the_country_until_somebody_chooses(self):
        with Form(self.partners.with_context(default_is_company=True)) as form:
            form.name = "新客户"
            self.assertEqual(form.lang, "zh_CN")
            form.country_id = self.america
            self.assertEqual(form.lang, "en_US")
        with Form(form.record) as form:
            form.country_id = self.china
            self.assertEqual(form.lang, "en_US")

    def test_a_converted_lead_brings_its_country_s_language(self):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "partner_name": "上海新客户有限公司", "country_id": self.china.id}
        )
        self.assertEqual(lead._create_customer().lang, "zh_CN")

    def test_a_new_user_is_no_customer(self):
        user = self._create_user("suite_language", "base.group_user")
        self.assertEqual(user.lang, self.default)

    def test_no_query_for_each_of_a_hundred(self):
        self._create(is_company=True)
        counts = []
        for number in (1, 100):
            values = [{"name": f"客户 {n}", "country_id": self.china.id} for n in range(number)]
            before = self.env.cr.sql_log_count
            self.partners._get_country_lang(self.china.id)
            [self.partners._add_country_lang(vals) for vals in values]
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts, [0, 0])
