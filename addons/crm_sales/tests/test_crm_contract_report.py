import io
import unicodedata
from unittest.mock import patch

from lxml import html

from odoo import Command
from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import PdfFileReader

from .common import SalesCommon


@tagged("post_install", "-at_install")
class TestCrmContractReport(SalesCommon):
    """The printed contract says what was agreed, in the customer's language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"].search([("name", "=", "crm_sales")])._update_translations(
            ["zh_CN"]
        )

    def _print(self, contract):
        content, _type = self.env["ir.actions.report"]._render_qweb_html(
            "crm_sales.report_crm_contract", contract.ids
        )
        return " ".join(html.fromstring(content).text_content().split())

    def _contract(self, **values):
        order = self._create_order(partner_id=self.signatory.id)
        return self._create_planned_contract(
            order,
            inspection_days=7,
            rectify_days=8,
            acceptance_days=3,
            confidentiality_years=5,
            licence_users=120,
            payment_terms_note="银行转账",
            milestone_ids=[
                Command.create({"name": "系统交付", "planned_date": "2026-12-01"}),
            ],
            **values,
        )

    def test_the_contract_prints_parties_price_plan_and_periods_in_english(self):
        self.customer.lang = "en_US"
        contract = self._contract()
        text = self._print(contract)
        for words in (
            contract.name,
            "上海试点机械有限公司",
            "陈立群",
            "Suite Test Company",
            "113,000.00",
            "壹拾壹万叁仟元整",
            "First Signing 10 30 %",
            "45,200.00",
            "inspects within 7 working days",
            "each defect within 8 working days",
            "within 3 working days after all defects",
            "for 5 years after its end",
            "Number of users: 120",
            "系统交付",
            "银行转账",
            "Force Majeure",
        ):
            self.assertIn(words, text)

    def test_a_chinese_customer_gets_it_in_chinese(self):
        self.customer.lang = "zh_CN"
        text = self._print(self._contract())
        for words in ("甲方", "乙方", "壹拾壹万叁仟元整", "合同编号", "不可抗力", "工作日"):
            self.assertIn(words, text)
        self.assertNotIn("Party A", text)
        self.assertNotIn("working days", text)

    def test_support_hours_are_those_of_the_contracts_calendar(self):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Support",
                "tz": "Asia/Shanghai",
                "company_id": self.company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "x",
                                "dayofweek": str(day),
                                "hour_from": start,
                                "hour_to": end,
                            }
                        )
                        for day in range(6)
                        for start, end in (((9, 12), (13, 17.5)) if day < 5 else ((9, 12),))
                    ),
                ],
            }
        )
        contract = self._contract(calendar_id=calendar.id)
        self.customer.lang = "en_US"
        self.assertIn(
            "telephone, e-mail or online on working days, Monday to Friday 09:00–12:00,"
            " 13:00–17:30; Saturday 09:00–12:00 (time zone Asia/Shanghai).",
            self._print(contract),
        )
        self.customer.lang = "zh_CN"
        self.assertIn(
            "乙方在工作日周一至周五 09:00–12:00、13:00–17:30，周六 09:00–12:00"
            "（时区 Asia/Shanghai）通过电话、电子邮件或在线方式提供技术支持。",
            self._print(contract),
        )

    def test_promised_times_are_printed(self):
        contract = self._contract()
        self.customer.lang = "en_US"
        promise = contract._get_service_promise()._replace(response=90, resolution=480)
        with patch.object(
            self.env.registry["crm.contract"], "_get_service_promise", lambda _self: promise
        ):
            text = self._print(contract)
        self.assertIn("within 1.5 service hours after a fault is reported", text)
        self.assertIn("ordinary problems within 8 service hours", text)

    def test_a_sale_of_goods_prints_no_licence(self):
        self.customer.lang = "en_US"
        text = self._print(self._contract(contract_type="sale"))
        self.assertNotIn("Support is given", text)
        self.assertNotIn("Rights and Licence", text)

    def test_it_renders_as_pdf(self):
        """With its styles: a tool that cannot fetch them logs an error, which fails the run."""
        self.customer.lang = "zh_CN"
        contract = self._contract()
        self.env["ir.config_parameter"].sudo().set_param("report.url", HttpCase.base_url())
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        with self.allow_pdf_render():
            content, kind = report._render_qweb_pdf("crm_sales.report_crm_contract", contract.ids)
        self.assertEqual(kind, "pdf")
        pages = [page.extract_text() for page in PdfFileReader(io.BytesIO(content)).pages]
        # The tool writes 方 as the radical ⽅, which looks the same and normalises to it.
        text = unicodedata.normalize("NFKC", "".join(pages))
        for words in ("甲方", "上海试点机械有限公司", "壹拾壹万叁仟元整", "不可抗力"):
            self.assertIn(words, text)
