import base64
import csv
import io

import openpyxl

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .import_common import OPTIONS, ImportCase


@tagged("post_install", "-at_install")
class TestCustomerExport(ImportCase):
    """An exported list comes in again as it is and changes nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.exporter = new_test_user(
            cls.env,
            "import_exporter",
            "sales_team.group_sale_manager,base.group_partner_manager,base.group_allow_export",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )
        china = cls.env.ref("base.cn")
        cls.customers = cls.env["res.partner"].create(
            [
                {
                    "name": "南泽机械有限公司",
                    "is_company": True,
                    "vat": "91330000MA27U0KD39",
                    "street": "滨海路1号",
                    "city": "杭州",
                    "zip": "310000",
                    "country_id": china.id,
                    "state_id": china.state_ids[0].id,
                    "phone": "+86 571 8888 0001",
                    "email": "info@nanze.example",
                    "website": "nanze.example",
                    "crm_birthdate": "1999-12-31",
                },
                {"name": "=Odd & Co", "is_company": True, "phone": "+1 555 0100"},
                {
                    "name": "Nell Orchard",
                    "crm_identity_number": "X-17",
                    "crm_birthdate": "1980-02-29",
                    "email": "nell@orchard.example",
                },
            ]
        )

    def _export(self, kind, file_kind, lang="en_US", user=None):
        env = self._env(user or self.exporter)
        wizard = env["crm.customer.export"].with_context(active_ids=self.customers.ids, lang=lang)
        export = wizard.create({"kind": kind, "file_kind": file_kind})
        export.action_export()
        return base64.b64decode(export.content)

    def _import_again(self, content, name, lang="en_US"):
        screen = self._screen("res.partner", content, self.exporter, name=name)
        screen = screen.with_context(lang=lang)
        preview, fields = self._preview(screen)
        columns = [heading.strip().lower() for heading in preview["headers"]]
        chosen = {**OPTIONS, **preview["options"]}
        log = self.env["crm.import.log"].browse(screen.crm_enqueue(fields, columns, chosen))
        return (
            log.created_count,
            log.updated_count,
            log.unchanged_count,
            log.refused_count,
        ), log.issue_ids.mapped("reason")

    def test_companies_and_persons_come_back_unchanged_in_both_kinds_and_languages(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        for lang in ("en_US", "zh_CN"):
            for kind, count in (("company", 2), ("person", 1)):
                for file_kind in ("xlsx", "csv"):
                    with self.subTest(lang=lang, kind=kind, file_kind=file_kind):
                        content = self._export(kind, file_kind, lang)
                        result = self._import_again(content, f"file.{file_kind}", lang)
                        self.assertEqual(result, ((0, 0, count, 0), []))

    def test_a_changed_cell_changes_that_customer(self):
        text = self._export("company", "csv").decode("utf-8-sig").replace("杭州", "宁波")
        self.assertEqual(self._import_again(text, "file.csv")[0], (0, 1, 1, 0))
        self.assertEqual(self.customers[0].city, "宁波")

    def test_no_cell_is_a_formula(self):
        book = openpyxl.load_workbook(io.BytesIO(self._export("company", "xlsx")))
        kinds = {cell.data_type for row in book.active.iter_rows(min_row=2) for cell in row}
        self.assertNotIn("f", kinds)
        rows = csv.reader(io.StringIO(self._export("company", "csv").decode("utf-8-sig")))
        self.assertFalse([cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")])

    def test_an_id_of_nobody_is_refused(self):
        text = "external_id,reference,company_name\n__export__.gone,,Nobody Ltd\n"
        (_new, _changed, _same, refused), reasons = self._import_again(text, "file.csv")
        self.assertEqual(refused, 1)
        self.assertIn("external ID", reasons[0])

    def test_who_may_not_export_gets_nothing(self):
        with self.assertRaises(AccessError):
            self._export("company", "csv", user=self.seller)


@tagged("post_install", "-at_install")
class TestImportTemplates(HttpCase):
    """Templates in the language of who asks, known by the import in both."""

    def test_templates_of_the_import_screen_come_in_as_they_are(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        user = new_test_user(
            self.env,
            "template_reader",
            "sales_team.group_sale_manager,base.group_partner_manager",
            password="template_reader",
        )
        for lang, heading in (("en_US", "Company Name"), ("zh_CN", "公司名称")):
            user.lang = lang
            self.authenticate("template_reader", "template_reader")
            partners = self.env["res.partner"].with_user(user).with_context(lang=lang)
            urls = [
                entry["template"]
                for entry in partners.get_import_templates()
                if "/import_template/" in entry["template"]
            ]
            self.assertEqual(len(urls), 4)
            headings = set()
            for url in urls:
                with self.subTest(lang=lang, url=url):
                    answer = self.url_open(url)
                    self.assertEqual(answer.status_code, 200)
                    screen = partners.env["base_import.import"].create(
                        {
                            "res_model": "res.partner",
                            "file": answer.content,
                            "file_name": url.rsplit("/", 1)[1],
                            "file_type": answer.headers["Content-Type"].split(";")[0],
                        }
                    )
                    preview = screen.parse_preview(dict(OPTIONS))
                    self.assertTrue(preview["crm_queued"])
                    headings.update(preview["headers"])
                    fields = [
                        "/".join(preview["matches"].get(index, [])) or False
                        for index in range(len(preview["headers"]))
                    ]
                    self.assertNotIn(False, fields)
            self.assertIn(heading, headings)

    def test_a_template_that_is_none_is_not_found(self):
        self.authenticate("admin", "admin")
        answer = self.url_open("/crm_customers/import_template/res.users.csv")
        self.assertEqual(answer.status_code, 404)
