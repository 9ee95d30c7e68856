from odoo import Command
from odoo.tests import Form, tagged

from .common import SalesCommon


@tagged("post_install", "-at_install")
class TestCrmLead(SalesCommon):
    """Products of an opportunity, as the salesperson who owns it."""

    def _create_lead(self, **values):
        return (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .create(
                {
                    "name": "CRM for the pilot",
                    "type": "opportunity",
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    **values,
                }
            )
        )

    def test_a_product_proposes_its_catalogue_price_and_keeps_it_as_snapshot(self):
        lead = self._create_lead()
        with Form(lead) as form, form.crm_line_ids.new() as line:
            line.product_id = self.product
            line.quantity = 2
            line.price_unit = 90000
        line = lead.crm_line_ids
        self.assertEqual((line.list_price, line.price_unit, line.amount), (100000, 90000, 180000))
        self.product.list_price = 120000
        line.invalidate_recordset()
        self.assertEqual(line.list_price, 100000)

    def test_the_sum_is_shown_and_taken_over_only_when_asked(self):
        lead = self._create_lead(
            expected_revenue=50000,
            crm_line_ids=[Command.create({"product_id": self.product.id})],
        )
        self.assertEqual((lead.crm_line_total, lead.expected_revenue), (100000, 50000))
        self.assertTrue(lead.crm_line_differs)
        lead.action_crm_take_line_total()
        self.assertEqual(lead.expected_revenue, 100000)
        self.assertFalse(lead.crm_line_differs)

    def test_lines_in_another_currency_are_summed_in_the_company_s(self):
        usd = self.env.ref("base.USD")
        self._set_rate(usd, 0.125)
        lead = self._create_lead(
            crm_line_ids=[
                Command.create(
                    {"product_id": self.product.id, "currency_id": usd.id, "price_unit": 1000}
                )
            ]
        )
        self.assertEqual(lead.crm_line_ids.list_price, 12500)
        self.assertEqual(lead.crm_line_total, 8000)

    def test_a_new_quotation_takes_the_products_and_their_prices(self):
        lead = self._create_lead(
            crm_line_ids=[
                Command.create({"product_id": self.product.id, "price_unit": 90000, "quantity": 2})
            ]
        )
        action = lead.action_sale_quotations_new()
        order = Form(
            self.env["sale.order"].with_user(self.salesperson).with_context(**action["context"])
        ).save()
        self.assertEqual(order.opportunity_id, lead)
        self.assertEqual(order.order_line.product_id, self.product)
        self.assertEqual(
            (order.order_line.product_uom_qty, order.order_line.price_unit), (2, 90000)
        )
        self.assertEqual(order.order_line.tax_ids, self.tax_13)
        self.assertEqual(order.amount_total, 203400)

    def test_a_quotation_in_another_currency_converts_the_prices(self):
        usd = self.env.ref("base.USD")
        self._set_rate(usd, 0.125)
        self.customer.with_company(self.company).property_product_pricelist = self.env[
            "product.pricelist"
        ].create({"name": "USD", "currency_id": usd.id, "company_id": self.company.id})
        lead = self._create_lead(
            crm_line_ids=[Command.create({"product_id": self.product.id, "price_unit": 80000})]
        )
        order = Form(
            self.env["sale.order"]
            .with_user(self.salesperson)
            .with_context(**lead.action_sale_quotations_new()["context"])
        ).save()
        self.assertEqual(order.currency_id, usd)
        self.assertEqual(order.order_line.price_unit, 10000)

    def test_an_opportunity_without_products_gives_an_empty_quotation(self):
        context = self._create_lead().action_sale_quotations_new()["context"]
        self.assertNotIn("default_order_line", context)

    def test_merging_keeps_the_products_and_the_contracts(self):
        first, second = (
            self._create_lead(
                name=name, crm_line_ids=[Command.create({"product_id": self.product.id})]
            )
            for name in ("One", "Two")
        )
        contract = self._create_contract(lead_id=first.id)
        second_contract = self._create_contract(lead_id=second.id)
        merged = (first | second).with_user(self.sales_manager).merge_opportunity()
        self.assertEqual(len(merged.crm_line_ids), 2)
        self.assertEqual(merged.crm_contract_ids, contract | second_contract)

    def test_the_opportunity_opens_its_contract(self):
        lead = self._create_lead()
        contract = self._create_contract(lead_id=lead.id)
        self.assertEqual(lead.crm_contract_count, 1)
        self.assertEqual(lead.action_crm_view_contracts()["res_id"], contract.id)
