"""Fixtures of the sales tests: taxes, orders, planned contracts, invoices. No test lives here."""

from contextlib import contextmanager
from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.fields import Date

from odoo.addons.crm_customers.tests.common import CrmCommon

SIGNED_ON = date(2026, 9, 28)


class SalesCommon(CrmCommon):
    """An order of 100,000 plus 13 % tax, sold by the salesperson, invoiced on order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax_group = cls.env["account.tax.group"].create(
            {
                "name": "VAT",
                "company_id": cls.company.id,
                "country_id": cls.company.account_fiscal_country_id.id,
            }
        )
        cls.tax_13 = cls._create_tax(13, "tax_excluded")
        cls.product = cls.env["product.product"].create(
            {
                "name": "CRM development",
                "type": "service",
                "invoice_policy": "order",
                "list_price": 100000,
                "taxes_id": [Command.set(cls.tax_13.ids)],
                "company_id": cls.company.id,
            }
        )
        cls.template = cls.env["crm.payment.plan.template"].create(
            {
                "name": "30 / 40 / 30",
                "line_ids": [
                    Command.create(
                        {
                            "sequence": sequence,
                            "name": name,
                            "percent": percent,
                            "event": event,
                            "offset_days": 10,
                        }
                    )
                    for sequence, name, percent, event in (
                        (1, "First", 30, "signed"),
                        (2, "Second", 40, "accepted"),
                        (3, "Third", 30, "trained"),
                    )
                ],
            }
        )
        cls.company.crm_plan_template_id = cls.template

    @classmethod
    def _create_tax(cls, rate, included):
        return cls.env["account.tax"].create(
            {
                "name": f"VAT {rate} % {included}",
                "amount": rate,
                "type_tax_use": "sale",
                "price_include_override": included,
                "company_id": cls.company.id,
                "tax_group_id": cls.tax_group.id,
                "country_id": cls.company.account_fiscal_country_id.id,
            }
        )

    @classmethod
    def _create_order(cls, price=100000, *, confirm=True, lines=None, user=None, **values):
        """Return an order of the salesperson over ``price`` before tax, or with given lines."""
        lines = lines or [{"price_unit": price, "tax_ids": [Command.set(cls.tax_13.ids)]}]
        order = (
            cls.env["sale.order"]
            .with_user(user or cls.salesperson)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "company_id": cls.company.id,
                    "order_line": [
                        Command.create({"product_id": cls.product.id, **line}) for line in lines
                    ],
                    **values,
                }
            )
        )
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _create_planned_contract(cls, order=None, *, sign=True, percents=None, **values):
        """Return the contract of a confirmed order with its plan, signed on 28 September 2026."""
        order = order or cls._create_order()
        order.action_crm_create_contract()
        contract = order.crm_contract_id
        if percents:
            contract.plan_line_ids.unlink()
            contract.plan_line_ids = [
                Command.create(
                    {
                        "sequence": index,
                        "name": f"Part {index}",
                        "percent": percent,
                        "event": "signed",
                    }
                )
                for index, percent in enumerate(percents, start=1)
            ]
        contract.write({"date_signed": SIGNED_ON, **values})
        if sign:
            contract.action_sign()
        return contract

    @classmethod
    def _invoice(cls, line, *, post=True, user=None):
        """Return the invoice of an instalment, made and posted by the biller."""
        line.with_user(user or cls.biller).action_create_invoices()
        invoice = line.sudo().move_ids.filtered(lambda move: move.state == "draft")
        if post:
            invoice.invoice_date = SIGNED_ON
            invoice.with_user(cls.biller).action_post()
        return invoice

    @contextmanager
    def assertRefused(self, pattern, error=UserError):
        """Check that the block is refused with a sentence, and undo what it wrote until then."""
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), pattern)

    @classmethod
    def _set_rate(cls, currency, rate):
        """One unit of company currency is worth ``rate`` of ``currency``, since 2020."""
        currency.active = True
        cls.env["res.currency.rate"].create(
            {
                "name": Date.to_date("2020-01-01"),
                "currency_id": currency.id,
                "rate": rate,
                "company_id": cls.company.id,
            }
        )
