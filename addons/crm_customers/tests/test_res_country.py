from odoo.tests import tagged

from .common import CrmCommon


@tagged("post_install", "-at_install")
class TestResCountry(CrmCommon):
    """A country is found by its name in any installed language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.china = cls.env.ref("base.cn")
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.china.with_context(lang="zh_CN").name = "中国"
        cls.env.flush_all()

    def _found(self, typed, lang, operator="ilike"):
        countries = self.env["res.country"].with_user(self.salesperson).with_context(lang=lang)
        return {country_id for country_id, _name in countries.name_search(typed, [], operator)}

    def test_chinese_is_understood_in_english_and_english_in_chinese(self):
        for typed, lang in (("中国", "en_US"), ("China", "zh_CN"), ("中国", "zh_CN")):
            for operator in ("ilike", "="):
                self.assertIn(self.china.id, self._found(typed, lang, operator), (typed, lang))

    def test_what_is_shown_is_in_the_language_of_the_user(self):
        countries = self.env["res.country"].with_context(lang="en_US")
        names = dict(countries.name_search("中国"))
        self.assertEqual(names[self.china.id], "China")

    def test_other_countries_are_not_found(self):
        self.assertNotIn(self.env.ref("base.jp").id, self._found("中国", "en_US"))

    def test_a_search_for_what_is_not_meant_stays_exact(self):
        countries = self.env["res.country"].with_context(lang="en_US")
        self.assertNotIn(self.china, countries.search([("display_name", "not ilike", "China")]))

    def test_an_import_knows_the_name_in_any_language(self):
        profile = self.env["crm.import.profile.customer"].with_context(lang="en_US")
        index = profile._index_names("res.country", [], ["中国", "CHINA"])
        self.assertEqual(index.match("中国")[0], self.china.id)
        self.assertEqual(index.match("CHINA")[0], self.china.id)
        self.assertEqual(index.name(self.china.id), "China")
