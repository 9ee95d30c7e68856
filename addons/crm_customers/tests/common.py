"""Fixtures shared by the suite's tests. No test lives here.

Roles, all of one company in China (CNY), Chinese chart of accounts where the host offers it:

    salesperson     own documents          sales_team.group_sale_salesman
    colleague       own documents          another salesperson
    sales_manager   all documents          sales_team.group_sale_manager
    biller          makes invoices         account.group_account_invoice
    reader          reads accounting       account.group_account_readonly
"""

from datetime import date

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

_PAYMENT_ORDER = (
    "group_payment",
    "payment_date",
    "currency_id",
    "journal_id",
    "amount",
    "payment_difference_handling",
    "writeoff_account_id",
)


class CrmCommon(TransactionCase):
    """One company, five roles, a customer with a signatory, and invoices that really post."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, lang="en_US"))
        cls.company = cls._create_company()
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids),
        )
        cls.env.user.write({"company_ids": [Command.link(cls.company.id)]})
        cls.salesperson = cls._create_user("suite_seller", "sales_team.group_sale_salesman")
        cls.colleague = cls._create_user("suite_colleague", "sales_team.group_sale_salesman")
        cls.sales_manager = cls._create_user("suite_manager", "sales_team.group_sale_manager")
        cls.biller = cls._create_user("suite_biller", "account.group_account_invoice")
        cls.reader = cls._create_user("suite_reader", "account.group_account_readonly")
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "上海试点机械有限公司",
                "is_company": True,
                "country_id": cls.env.ref("base.cn").id,
                "user_id": cls.salesperson.id,
                "email": "office@pilot.example.com",
            }
        )
        cls.signatory = cls.env["res.partner"].create(
            {
                "name": "陈立群",
                "parent_id": cls.customer.id,
                "email": "chen@pilot.example.com",
            }
        )

    @classmethod
    def _create_company(cls, name="Suite Test Company"):
        """Return a new company in China with CNY and a chart of accounts."""
        cny = cls.env.ref("base.CNY")
        cny.active = True
        company = cls.env["res.company"].create(
            {
                "name": name,
                "country_id": cls.env.ref("base.cn").id,
                "currency_id": cny.id,
            }
        )
        cls.env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        company.currency_id = cny
        # the tests read English, whatever the country says
        company.partner_id.lang = "en_US"
        cls.env["ir.default"].set("res.partner", "lang", "en_US", company_id=company.id)
        company.resource_calendar_id.tz = "Asia/Shanghai"
        return company

    @classmethod
    def _create_user(cls, login, groups, **values):
        return new_test_user(
            cls.env,
            login=login,
            groups=groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="Asia/Shanghai",
            **values,
        )

    @classmethod
    def _create_contract(cls, user=None, **values):
        """Return a draft contract of ``user`` with the customer, worth 100,000."""
        return (
            cls.env["crm.contract"]
            .with_user(user or cls.salesperson)
            .create(
                {
                    "subject": "CRM system",
                    "partner_id": cls.customer.id,
                    "amount_total": 100000,
                    "company_id": cls.company.id,
                    **values,
                }
            )
        )

    @classmethod
    def _create_invoice(cls, amount, *, move_type="out_invoice", post=True, **values):
        """Return an untaxed invoice (or other document) of the customer over ``amount``."""
        move = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": cls.customer.id,
                "invoice_date": date(2026, 9, 28),
                "company_id": cls.company.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Instalment",
                            "quantity": 1,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def _pay(cls, invoices, amount=None, *, user=None, **values):
        """Register a payment for ``invoices`` through the host's own wizard, as ``user``."""
        env = cls.env(user=user) if user else cls.env
        wizard = (
            env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoices.ids)
            .create({"payment_date": date(2026, 10, 12)})
        )
        # one after the other, as a user enters them: the host recomputes each from the ones before
        if amount is not None:
            values = {"amount": amount, **values}
        for name in sorted(values, key=_PAYMENT_ORDER.index):
            wizard[name] = values[name]
        return wizard._create_payments()
