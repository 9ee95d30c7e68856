from odoo.tests import Form, tagged

from .import_common import ImportCase

PROVINCES = "code,name\n31,上海市\n33,浙江省\n"
CITIES = "code,name,provinceCode\n3101,市辖区,31\n3301,杭州市,33\n"
AREAS = "code,name,cityCode,provinceCode\n310115,浦东新区,3101,31\n330106,西湖区,3301,33\n"


@tagged("post_install", "-at_install")
class TestCrmDivision(ImportCase):
    """Provinces, cities and districts, and the region that a credit code tells."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.division"].search([], order="code desc").unlink()
        cls.divisions = cls.env["crm.division"]
        cls.env["res.partner"].search([("vat", "=", "91310115MA1K30001D")]).vat = False

    def _load(self):
        for content in (PROVINCES, CITIES, AREAS):
            self._import("crm.division", content, self.administrator)

    def _create(self, vat, **values):
        return self.env["res.partner"].create(
            {"name": "区划试点", "is_company": True, "vat": vat, **values}
        )

    def test_three_files_come_in_as_they_are_and_again_without_change(self):
        self._load()
        area = self.divisions.search([("code", "=", "330106")])
        self.assertEqual(area.display_name, "浙江省 / 杭州市 / 西湖区")
        self.assertEqual(area.level, "area")
        before = self.divisions.search_count([])
        self._load()
        self.assertEqual(self.divisions.search_count([]), before)

    def test_one_file_with_all_levels_in_any_order(self):
        text = "code,name\n330106,西湖区\n3301,杭州市\n33,浙江省\n"
        self._import("crm.division", text, self.administrator)
        self.assertEqual(
            self.divisions.search([("code", "=", "330106")]).parent_id.parent_id.name, "浙江省"
        )

    def test_what_belongs_to_nothing_known_is_refused_with_the_reason(self):
        answer = self._import("crm.division", CITIES, self.administrator)
        log = self.env["crm.import.log"].browse(answer["crm_import"]["log_id"])
        self.assertFalse(self.divisions.search([]))
        self.assertIn("import provinces first", log.issue_ids[0].reason)

    def test_the_credit_code_suggests_province_and_city_in_the_form(self):
        self._load()
        sellers = self.env["res.partner"].with_user(self.seller)
        with Form(sellers.with_context(default_is_company=True)) as form:
            form.name = "西湖试点有限公司"
            form.vat = "91330106MA27U0KD3M"
        self.assertFalse(form.record.state_id)  # no valid code tells nothing
        with Form(sellers.with_context(default_is_company=True)) as form:
            form.name = "浦东试点有限公司"
            form.vat = "91310115MA1K30001D"
        self.assertEqual((form.record.state_id.name, form.record.city), ("上海市", "上海市"))
        self.assertEqual(form.record.country_id.code, "CN")

    def test_a_list_of_customers_is_filled_and_what_is_there_stays(self):
        self._load()
        empty = self._create("91310115MA1K30001D")
        zhejiang = self.env.ref("base.state_cn_ZJ")
        kept = self._create(
            "91330000MA27U0KD39", state_id=zhejiang.id, country_id=zhejiang.country_id.id
        )
        (empty | kept).with_user(self.manager).action_fill_region()
        self.assertEqual((empty.state_id.name, kept.state_id), ("上海市", zhejiang))
        self.assertFalse(kept.city)

    def test_everybody_reads_and_administrators_write(self):
        self._load()
        mine = self.divisions.with_user(self.seller)
        self.assertTrue(mine.search_count([]))
        self.assertFalse(mine.has_access("write"))
        self.assertTrue(self.divisions.with_user(self.administrator).has_access("create"))
