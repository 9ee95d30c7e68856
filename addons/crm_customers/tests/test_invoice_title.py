from dataclasses import replace

from odoo.tests import BaseCase, tagged

from ..tools.invoice_title import TitleFacts

FULL = TitleFacts(
    name="上海试点机械有限公司",
    number="91310115MA1K30001D",
    address="上海市浦东新区张江路1号",
    phone="021-50800000",
    bank="招商银行上海分行张江支行",
    account="121900000000001",
    email="fapiao@pilot.example.com",
)


@tagged("post_install", "-at_install")
class TestInvoiceTitleText(BaseCase):
    """The block to copy and the verdict, without a database."""

    def test_the_block_has_the_four_lines_of_chinese_invoices(self):
        self.assertEqual(
            FULL.block(),
            "名称：上海试点机械有限公司\n"
            "纳税人识别号：91310115MA1K30001D\n"
            "地址、电话：上海市浦东新区张江路1号 021-50800000\n"
            "开户行及账号：招商银行上海分行张江支行 121900000000001",
        )

    def test_what_is_not_known_is_left_empty(self):
        self.assertEqual(
            TitleFacts(name="甲").block(),
            "名称：甲\n纳税人识别号：\n地址、电话：\n开户行及账号：",
        )

    def test_a_special_invoice_needs_all_six(self):
        self.assertEqual(FULL.list_missing(), [])
        self.assertEqual(
            TitleFacts(name="甲", email="a@b.example").list_missing(),
            ["number", "address", "phone", "bank", "account"],
        )
        self.assertEqual(replace(FULL, account="").list_missing(), ["account"])
        self.assertEqual(replace(FULL, number_valid=False).list_missing(), ["valid_number"])

    def test_an_ordinary_invoice_needs_name_and_number_and_a_person_only_the_name(self):
        company = TitleFacts(name="甲", special=False, electronic=False)
        self.assertEqual(company.list_missing(), ["number"])
        self.assertEqual(replace(company, person=True).list_missing(), [])
        self.assertEqual(replace(company, name="", person=True).list_missing(), ["name"])

    def test_a_person_gets_no_special_invoice(self):
        self.assertIn("company", replace(FULL, person=True).list_missing())

    def test_an_electronic_invoice_needs_a_receiver(self):
        self.assertEqual(replace(FULL, email="").list_missing(), ["receiver"])
        self.assertEqual(replace(FULL, email="", mobile="13800000000").list_missing(), [])
        self.assertEqual(replace(FULL, email="", electronic=False).list_missing(), [])
