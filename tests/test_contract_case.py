"""The contract case through the ORM, as five users with the lowest rights that suffice.

    market   marketing user        plans the campaign
    seller   sales, own documents  opportunity, order, contract
    biller   invoicing             vendor bill, invoices, payments, credit note
    agent    service agent         delivery, acceptance, tickets
    client   portal user           defects, signature, ticket

The story is told once, in the order in which it happens; every step asserts what the step after
it relies on. Dates lie around the National Day holiday of 2026 with its make-up Saturday 10-10.
"""

import base64
import io
from datetime import date, datetime

from PIL import Image

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.crm_customers.tests.common import CrmCommon


@tagged("post_install", "-at_install")
class TestContractCase(CrmCommon):
    """From the campaign to the collected instalment and the promised answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.market = cls._create_user("case_market", "crm_campaigns.group_marketing_user")
        cls.market_head = cls._create_user(
            "case_market_head", "crm_campaigns.group_marketing_manager"
        )
        cls.agent = cls._create_user("case_agent", "crm_service.group_service_agent")
        cls.seller = cls.salesperson
        cls.client_user = new_test_user(
            cls.env, login="case_client", groups="base.group_portal", tz="Asia/Shanghai"
        )
        cls.client_user.partner_id.write({"parent_id": cls.customer.id, "name": "陈立群"})
        cls.calendar = cls.company.resource_calendar_id
        cls._set_up_calendar()
        cls.company.crm_contract_calendar_id = cls.calendar
        cls.product = cls.env["product.product"].create(
            {
                "name": "软件开发服务",
                "type": "service",
                "invoice_policy": "order",
                "list_price": 94339.62,
                "taxes_id": [Command.set(cls._create_tax().ids)],
            }
        )

    @classmethod
    def _set_up_calendar(cls):
        """Monday to Friday 9-12 and 13-18, the holidays and make-up days of 2026."""
        hours = [
            Command.create(
                {"name": f"{day} {part}", "dayofweek": str(day), "day_period": part,
                 "hour_from": start, "hour_to": end}
            )
            for day in range(5)
            for part, start, end in (("morning", 9, 12), ("afternoon", 13, 18))
        ]  # fmt: skip
        cls.calendar.write({"attendance_ids": [Command.clear(), *hours]})
        cls.env["resource.calendar.leaves"].create(
            {
                "name": "国庆节",
                "company_id": cls.company.id,
                "calendar_id": cls.calendar.id,
                "date_from": datetime(2026, 9, 30, 16, 0),
                "date_to": datetime(2026, 10, 7, 15, 59, 59),
            }
        )
        cls.env["resource.calendar.makeup"].create(
            [
                {"calendar_id": cls.calendar.id, "date": date(2026, 9, 20)},
                {"calendar_id": cls.calendar.id, "date": date(2026, 10, 10)},
            ]
        )

    @classmethod
    def _create_tax(cls):
        return cls.env["account.tax"].create(
            {
                "name": "增值税 6%",
                "amount": 6,
                "type_tax_use": "sale",
                "company_id": cls.company.id,
                "country_id": cls.company.account_fiscal_country_id.id,
            }
        )

    def test_the_contract_case(self):
        campaign = self._plan_campaign()
        lead = self._win_opportunity(campaign)
        contract = self._sign_contract(lead)
        self._invoice_first_instalment(contract)
        self._pay_in_part_and_credit(contract)
        acceptance = self._deliver(contract)
        self._hand_in_defects(acceptance)
        self._accept(acceptance, contract)
        self._train(contract)
        self._ask_for_support(contract)
        self._check_campaign(campaign, contract)

    # -- marketing -----------------------------------------------------------------------------

    def _plan_campaign(self):
        campaign = (
            self.env["utm.campaign"]
            .with_user(self.market)
            .create(
                {
                    "title": "2026 秋季工业展",
                    "crm_date_start": date(2026, 9, 1),
                    "crm_date_end": date(2026, 9, 30),
                }
            )
        )
        campaign.with_user(self.market_head).action_crm_approve()
        campaign.with_user(self.market).action_crm_start()
        bill = (
            self.env["account.move"]
            .with_user(self.biller)
            .create(
                {
                    "move_type": "in_invoice",
                    "partner_id": self.env["res.partner"].create({"name": "展览公司"}).id,
                    "invoice_date": date(2026, 9, 1),
                    "company_id": self.company.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "展位费",
                                "price_unit": 4000,
                                "tax_ids": [Command.clear()],
                                "crm_campaign_id": campaign.id,
                            }
                        )
                    ],
                }
            )
        )
        self.assertEqual(campaign.crm_cost, 0)
        bill.action_post()
        campaign.invalidate_recordset()
        self.assertEqual(campaign.crm_cost, 4000)
        return campaign

    def _check_campaign(self, campaign, contract):
        """Revenue of the campaign is the customer's posted invoices; collected is its cash."""
        self.assertEqual(self.customer.crm_campaign_id, campaign)
        invoices = self.env["account.move"].search(
            [("commercial_partner_id", "=", self.customer.id), ("state", "=", "posted")]
        )
        campaign.invalidate_recordset()
        self.assertEqual(campaign.crm_invoiced, sum(invoices.mapped("amount_untaxed_signed")))
        self.assertGreater(campaign.crm_collected, 0)

    # -- sales ---------------------------------------------------------------------------------

    def _win_opportunity(self, campaign):
        with self.assertRaises(ValidationError):
            self.customer.with_user(self.seller).vat = "91320594MA1K300021"
        self.customer.with_user(self.seller).vat = "91320594MA1K30002N"
        lead = (
            self.env["crm.lead"]
            .with_user(self.seller)
            .create(
                {
                    "name": "客户关系管理系统",
                    "type": "lead",
                    "partner_id": self.signatory.id,
                    "campaign_id": campaign.id,
                    "company_id": self.company.id,
                    "user_id": self.seller.id,
                    "crm_line_ids": [
                        Command.create({"product_id": self.product.id, "quantity": 1})
                    ],
                }
            )
        )
        lead.convert_opportunity(lead.partner_id)
        lead._handle_partner_assignment()
        self.assertEqual(self.customer.crm_campaign_id, campaign)
        return lead

    def _sign_contract(self, lead):
        action = lead.action_new_quotation()
        order = (
            self.env["sale.order"]
            .with_user(self.seller)
            .with_context(**action["context"])
            .create({"partner_id": self.signatory.id, "company_id": self.company.id})
        )
        self.assertEqual(order.order_line.product_id, self.product)
        self.assertEqual(order.amount_total, 100000)
        order.action_confirm()
        lead.action_set_won()
        contract_action = order.action_crm_create_contract()
        self.assertEqual(order.action_crm_create_contract()["res_id"], contract_action["res_id"])
        contract = self.env["crm.contract"].with_user(self.seller).browse(contract_action["res_id"])
        self.assertEqual(contract.amount_capitals, "壹拾万元整")
        self.assertEqual(contract.partner_id, self.customer)
        contract.plan_line_ids.unlink()
        contract.plan_line_ids = [
            Command.create(
                {"name": name, "percent": percent, "event": event, "offset_days": 10,
                 "sequence": index}
            )
            for index, (name, percent, event) in enumerate(
                (("首付款", 30, "signed"), ("验收款", 50, "accepted"), ("尾款", 20, "trained"))
            )
        ]  # fmt: skip
        contract.date_signed = date(2026, 9, 28)
        with freeze_time("2026-09-28 06:00:00"):
            contract.action_sign()
        first, second, third = contract.plan_line_ids
        self.assertEqual(first.due_date, date(2026, 10, 16))
        self.assertFalse(second.due_date or third.due_date)
        self.assertEqual(sum(contract.plan_line_ids.mapped("amount")), 100000)
        self.assertEqual(self.customer.crm_lifecycle, "active")
        return contract

    # -- finance -------------------------------------------------------------------------------

    def _invoice(self, line):
        """The biller makes and posts the invoice of an instalment."""
        line.with_user(self.biller).action_create_invoices()
        invoice = line.move_ids.filtered(lambda move: move.state == "draft")
        self.assertEqual(invoice.amount_total, line.amount)
        self.assertEqual(invoice.invoice_date_due, line.due_date)
        invoice.with_user(self.biller).invoice_date = date(2026, 10, 9)
        invoice.with_user(self.biller).action_post()
        return invoice

    def _invoice_first_instalment(self, contract):
        first = contract.plan_line_ids[0]
        with self.assertRaises(AccessError):
            first.with_user(self.agent).action_create_invoices()
        invoice = self._invoice(first)
        self.assertEqual(invoice.crm_contract_id, contract)
        self.assertEqual((first.state, first.amount_collected), ("invoiced", 0))

    def _pay_in_part_and_credit(self, contract):
        first = contract.plan_line_ids[0]
        invoice = first.move_ids.with_user(self.biller)
        self._pay(invoice, 20000, user=self.biller)
        self.assertEqual((first.state, first.amount_collected), ("partial", 20000))
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.biller)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "reason": "少交一个模块"})
        )
        refund = invoice.browse(wizard.refund_moves()["res_id"])
        refund.invoice_line_ids.price_unit = 1000
        refund.invoice_line_ids.tax_ids = False
        refund.action_post()
        self.assertEqual(refund.crm_contract_id, contract)
        self.assertEqual(first.amount_credited, 1000)
        (invoice.line_ids + refund.line_ids).filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled
        ).reconcile()
        self.assertEqual(first.amount_collected, 20000)
        self.assertEqual(first.amount_residual, 9000)
        self.assertEqual(contract.amount_collected, 20000)
        # sales reads what was collected without any right on payments
        self.assertEqual(first.with_user(self.seller).amount_collected, 20000)
        with self.assertRaises(AccessError):
            self.env["account.payment"].with_user(self.seller).search([])

    # -- service -------------------------------------------------------------------------------

    def _deliver(self, contract):
        acceptance = (
            self.env["crm.service.acceptance"]
            .with_user(self.agent)
            .create(
                {
                    "contract_id": contract.id,
                    "date_delivered": date(2026, 10, 9),
                    "item_ids": [
                        Command.create({"name": name})
                        for name in ("客户信息管理", "销售管理", "售后服务管理")
                    ],
                }
            )
        )
        with freeze_time("2026-10-09 06:00:00"):
            acceptance.action_submit()
        self.assertEqual(contract._get_event_date("delivered"), date(2026, 10, 9))
        self.assertEqual(acceptance.inspection_until, date(2026, 10, 22))
        self.assertFalse(contract.plan_line_ids[1].due_date)
        return acceptance

    def _hand_in_defects(self, acceptance):
        with freeze_time("2026-10-12 02:00:00"):
            defects = self.env["crm.service.ticket"]
            for subject in ("导出乱码", "审批邮件缺失"):
                defects |= (
                    acceptance.with_user(self.client_user)
                    .sudo()
                    ._add_defect({"subject": subject, "channel": "portal"})
                )
        self.assertEqual(acceptance.state, "defects")
        self.assertEqual(acceptance.open_defect_count, 2)
        self.assertEqual(
            set(defects.mapped("resolution_deadline")), {datetime(2026, 10, 26, 10, 0)}
        )
        with freeze_time("2026-10-14 02:00:00"):
            for defect in defects.with_user(self.agent):
                defect.action_resolve()
            for defect in defects.sudo():
                defect._verify("陈立群")
        self.assertEqual(acceptance.open_defect_count, 0)
        self.assertEqual(acceptance.state, "submitted")

    def _accept(self, acceptance, contract):
        second = contract.plan_line_ids[1]
        with freeze_time("2026-10-14 03:00:00"):
            acceptance.with_user(self.client_user).sudo()._sign(
                "陈立群", self._signature(), "127.0.0.1"
            )
        self.assertEqual(acceptance.state, "accepted")
        self.assertEqual(second.date_event, date(2026, 10, 14))
        self.assertEqual(second.due_date, date(2026, 10, 28))
        with self.assertRaisesRegex(UserError, "signed already"):
            acceptance.sudo()._sign("陈立群", self._signature(), "127.0.0.1")
        self.assertFalse(contract._raise_event("accepted", date(2026, 10, 20)))
        self.assertEqual(second.due_date, date(2026, 10, 28))
        pdf, kind = self.env["ir.actions.report"]._render_qweb_pdf(
            "crm_service.crm_service_acceptance_action_report", acceptance.ids
        )
        self.assertEqual(kind, "pdf" if pdf.startswith(b"%PDF") else "html")
        self._invoice(second)

    def _train(self, contract):
        training = (
            self.env["crm.service.acceptance"]
            .with_user(self.agent)
            .create(
                {
                    "contract_id": contract.id,
                    "kind": "training",
                    "date_delivered": date(2026, 10, 20),
                    "item_ids": [Command.create({"name": "管理员培训"})],
                }
            )
        )
        with freeze_time("2026-10-20 03:00:00"):
            training.action_submit()
            training.with_user(self.client_user).sudo()._sign(
                "陈立群", self._signature(), "127.0.0.1"
            )
        third = contract.plan_line_ids[2]
        self.assertEqual(third.due_date, date(2026, 11, 3))
        self._invoice(third)
        invoices = contract.plan_line_ids.move_ids.filtered(
            lambda move: move.move_type == "out_invoice"
        )
        self.assertEqual(sum(invoices.mapped("amount_total")), contract.amount_total)

    def _ask_for_support(self, contract):
        """By telephone on the eve of the holiday: the promise skips the holiday, not more."""
        self.env["crm.service.sla.policy"].create(
            {
                "name": "约定服务",
                "company_id": self.company.id,
                "contract_id": contract.id,
                "target_ids": [
                    Command.create({"metric": "response", "minutes": 240}),
                    Command.create({"metric": "resolution", "minutes": 480}),
                ],
            }
        )
        with freeze_time("2026-09-30 09:30:00"):
            ticket = (
                self.env["crm.service.ticket"]
                .with_user(self.agent)
                .create(
                    {
                        "subject": "无法登录",
                        "partner_id": self.signatory.id,
                        "contract_id": contract.id,
                        "channel": "phone",
                        "received_at": datetime(2026, 9, 30, 9, 0),
                    }
                )
            )
        self.assertEqual(ticket.commercial_partner_id, self.customer)
        # 17:00 + 4 h: one hour before the holiday, three on the morning after it
        self.assertEqual(ticket.response_deadline, datetime(2026, 10, 8, 4, 0))
        self.assertEqual(ticket.resolution_deadline, datetime(2026, 10, 8, 9, 0))

    def _signature(self):
        file = io.BytesIO()
        Image.new("RGB", (200, 60), "white").save(file, "PNG")
        return base64.b64encode(file.getvalue()).decode()
