import csv
import io

from odoo.tests import tagged

from .import_common import OPTIONS, ImportCase

HEADINGS = (
    "编号,公司名称,统一社会信用代码,国家,注册地址,注册电话,开户行,银行账号,发票类型,发票介质,收票邮箱,"
    "收票手机"
)
ROW = (
    "T-1,开票试点有限公司,91330000MA27U0KD39,中国,杭州市滨江区江南大道1号,0571-88880001,"
    "杭州银行滨江支行,3301 0401 6000 0001,专票,电子,fp@kaipiao.example,13800000000"
)


@tagged("post_install", "-at_install")
class TestCrmInvoiceTitleImport(ImportCase):
    """Invoice titles come in with the customers' file, and go out with it, in both languages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["res.partner"].search([("vat", "=", "91330000MA27U0KD39")]).vat = False
        group = cls.env.ref("base.group_allow_export")
        cls.manager.write({"group_ids": [(4, group.id)]})

    def _import(self, *rows, headings=HEADINGS, lang="zh_CN"):
        content = "\n".join((headings, *rows))
        screen = self._screen("res.partner", content, self.manager, name="file.csv")
        screen = screen.with_context(lang=lang)
        preview, fields = self._preview(screen)
        columns = [heading.strip().lower() for heading in preview["headers"]]
        log = self.env["crm.import.log"].browse(
            screen.crm_enqueue(fields, columns, {**OPTIONS, **preview["options"]})
        )
        return log, (log.created_count, log.updated_count, log.unchanged_count, log.refused_count)

    def _customer(self):
        return self.env["res.partner"].search([("ref", "=", "T-1")])

    def test_a_row_makes_customer_account_and_title(self):
        log, counts = self._import(ROW)
        self.assertEqual((counts, log.issue_ids.mapped("reason")), ((1, 0, 0, 0), []))
        title = self._customer().crm_invoice_title_id
        self.assertTrue(title.is_complete)
        self.assertEqual(
            title.block_text,
            "名称：开票试点有限公司\n纳税人识别号：91330000MA27U0KD39\n"
            "地址、电话：杭州市滨江区江南大道1号 0571-88880001\n"
            "开户行及账号：杭州银行滨江支行 3301 0401 6000 0001",
        )
        self.assertEqual((title.invoice_kind, title.mobile), ("special", "13800000000"))

    def test_the_same_file_again_changes_nothing_and_a_changed_cell_that_title(self):
        self._import(ROW)
        self.assertEqual(self._import(ROW)[1], (0, 0, 1, 0))
        self.assertEqual(self._import(ROW.replace("专票", "普票"))[1], (0, 1, 0, 0))
        title = self._customer().crm_invoice_title_ids
        self.assertEqual((len(title), title.invoice_kind), (1, "ordinary"))
        self.assertEqual(len(self._customer().bank_ids), 1)

    def test_a_word_that_is_none_is_noted(self):
        log, counts = self._import(ROW.replace("专票", "随便"))
        self.assertEqual(counts, (1, 0, 0, 0))
        self.assertEqual(log.issue_ids.column, "发票类型")
        self.assertEqual(self._customer().crm_invoice_title_id.invoice_kind, "special")

    def test_an_exported_list_holds_the_title_and_comes_back_unchanged(self):
        self._import(ROW)
        for lang, kind in (("zh_CN", "专票"), ("en_US", "special")):
            with self.subTest(lang=lang):
                partners = self._customer().with_user(self.manager).with_context(lang=lang)
                form = partners.env["crm.import.profile.customer.company"]
                headings, rows = form._export_customers(partners)
                line = dict(zip(headings, next(rows), strict=True))
                self.assertIn(kind, line.values())
                self.assertIn("3301 0401 6000 0001", line.values())
                file = io.StringIO()
                writer = csv.writer(file)
                writer.writerow(line)
                writer.writerow(line.values())
                head, row, *_rest = file.getvalue().splitlines()
                self.assertEqual(self._import(row, headings=head, lang=lang)[1], (0, 0, 1, 0))

    def test_the_hosts_own_export_of_a_list_reads_the_default_title(self):
        self._import(ROW)
        partners = self._customer().with_user(self.manager)
        rows = partners.export_data(["name", "crm_invoice_title_id/vat", "crm_title_block"])
        self.assertEqual(rows["datas"][0][:2], ["开票试点有限公司", "91330000MA27U0KD39"])
        self.assertIn("杭州银行滨江支行", rows["datas"][0][2])
