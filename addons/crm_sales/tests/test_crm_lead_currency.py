from odoo import Command
from odoo.tests import Form, tagged

from .common import SalesCommon


@tagged("post_install", "-at_install")
class TestCrmLeadCurrency(SalesCommon):
    """Expected revenue in the currency of the deal, the company's figures for all reports."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.env.ref("base.USD")
        cls._set_rate(cls.usd, 0.125)
        cls.env.ref("base.group_user").implied_ids += cls.env.ref("base.group_multi_currency")

    def _lead(self, **values):
        return (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .create(
                {
                    "name": "Export",
                    "type": "opportunity",
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    **values,
                }
            )
        )

    def test_the_amount_of_the_deal_gives_the_companys_figure(self):
        lead = self._lead(crm_currency_id=self.usd.id, crm_amount=1000, probability=50)
        self.assertEqual((lead.expected_revenue, lead.prorated_revenue), (8000, 4000))
        lead.crm_amount = 2000
        self.assertEqual(lead.expected_revenue, 16000)
        lead.crm_currency_id = self.company.currency_id
        self.assertEqual((lead.expected_revenue, lead.crm_amount), (2000, 2000))

    def test_whoever_writes_the_companys_figure_changes_the_amount_of_the_deal(self):
        lead = self._lead(crm_currency_id=self.usd.id, expected_revenue=8000)
        self.assertEqual(lead.crm_amount, 1000)
        lead.expected_revenue = 4000
        self.assertEqual(lead.crm_amount, 500)

    def test_without_a_foreign_currency_both_are_the_same(self):
        lead = self._lead(expected_revenue=5000)
        self.assertEqual((lead.crm_currency_id, lead.crm_amount), (self.company.currency_id, 5000))
        self.assertFalse(lead.crm_is_foreign)
        lead.expected_revenue = 6000
        self.assertEqual(lead.crm_amount, 6000)

    def test_the_form_converts_while_typing(self):
        with Form(self._lead()) as form:
            form.crm_currency_id = self.usd
            form.crm_amount = 3000
            self.assertEqual(form.expected_revenue, 24000)
        self.assertEqual(form.record.expected_revenue, 24000)

    def test_sums_of_lists_and_columns_are_in_company_currency(self):
        leads = self._lead(crm_currency_id=self.usd.id, crm_amount=1000) | self._lead(
            expected_revenue=500
        )
        [(total,)] = self.env["crm.lead"]._read_group(
            [("id", "in", leads.ids)], [], ["expected_revenue:sum"]
        )
        self.assertEqual(total, 8500)

    def test_an_order_in_any_currency_raises_the_expectation(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": self.usd.id, "company_id": self.company.id}
        )
        cases = (
            # currency of the deal, of the order, expected amount of the deal, in company currency
            (self.usd, pricelist, 20000, 160000),
            (self.company.currency_id, pricelist, 160000, 160000),
            (self.usd, self.env["product.pricelist"], 2500, 20000),
        )
        for currency, prices, own, company in cases:
            lead = self._lead(crm_currency_id=currency.id, crm_amount=1)
            order = self._create_order(
                20000, confirm=False, opportunity_id=lead.id, pricelist_id=prices.id
            )
            order.action_confirm()
            self.assertEqual((lead.crm_amount, lead.expected_revenue), (own, company))
            smaller = self._create_order(
                10, confirm=False, opportunity_id=lead.id, pricelist_id=prices.id
            )
            smaller.action_confirm()
            self.assertEqual(lead.crm_amount, own)

    def test_open_deals_follow_the_rate_and_closed_ones_keep_it(self):
        open_deal, won = (
            self._lead(crm_currency_id=self.usd.id, crm_amount=1000) for _index in range(2)
        )
        won.action_set_won()
        self.usd.rate_ids.filtered(lambda rate: rate.company_id == self.company).rate = 0.1
        self.env["crm.lead"]._cron_refresh_foreign_amounts()
        self.assertEqual((open_deal.expected_revenue, won.expected_revenue), (10000, 8000))
        self.assertEqual((open_deal.crm_amount, won.crm_amount), (1000, 1000))

    def test_products_of_a_foreign_deal_are_in_its_currency(self):
        lead = self._lead(crm_currency_id=self.usd.id, crm_amount=1)
        lead.crm_line_ids = [Command.create({"product_id": self.product.id})]
        line = lead.crm_line_ids
        self.assertEqual((line.currency_id, line.price_unit), (self.usd, 12500))
        self.assertTrue(lead.crm_line_differs)
        lead.action_crm_take_line_total()
        self.assertEqual((lead.crm_amount, lead.expected_revenue), (12500, 100000))
        self.assertFalse(lead.crm_line_differs)

    def test_discount_unit_taxes_and_description_reach_the_quotation(self):
        pack = self.env["uom.uom"].create(
            {
                "name": "Pack of ten",
                "relative_factor": 10,
                "relative_uom_id": self.product.uom_id.id,
            }
        )
        self.product.uom_ids = pack
        lead = self._lead()
        lead.crm_line_ids = [
            Command.create(
                {
                    "product_id": self.product.id,
                    "name": "First phase",
                    "quantity": 2,
                    "product_uom_id": pack.id,
                    "price_unit": 900,
                    "discount": 10,
                }
            )
        ]
        self.assertEqual(lead.crm_line_ids.amount, 1620)
        plain = self._quote(lead)
        self.assertEqual((plain.order_line.product_uom_qty, plain.order_line.price_unit), (20, 81))
        self.assertEqual(plain.amount_untaxed, 1620)
        users = self.env.ref("base.group_user")
        users.implied_ids += self.env.ref("uom.group_uom")
        users.implied_ids += self.env.ref("sale.group_discount_per_so_line")
        order = self._quote(lead)
        line = order.order_line
        self.assertEqual(
            (line.product_uom_id, line.product_uom_qty, line.price_unit, line.discount),
            (pack, 2, 900, 10),
        )
        self.assertEqual((line.tax_ids, line.name), (lead.crm_line_ids.tax_ids, "First phase"))
        self.assertEqual(line.tax_ids, self.tax_13)
        self.assertEqual(order.amount_untaxed, 1620)

    def _quote(self, lead):
        """Return the quotation that the salesperson makes of the opportunity in the form."""
        return Form(
            self.env["sale.order"]
            .with_user(self.salesperson)
            .with_context(**lead.action_sale_quotations_new()["context"])
        ).save()

    def test_the_customers_pricelist_proposes_the_price(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Partners",
                "currency_id": self.company.currency_id.id,
                "company_id": self.company.id,
                "item_ids": [
                    Command.create(
                        {
                            "compute_price": "percentage",
                            "percent_price": 20,
                            "applied_on": "3_global",
                        }
                    )
                ],
            }
        )
        self.customer.with_company(self.company).property_product_pricelist = pricelist
        lead = self._lead(crm_line_ids=[Command.create({"product_id": self.product.id})])
        line = lead.crm_line_ids
        self.assertEqual((line.list_price, line.price_unit), (100000, 80000))
        self.assertEqual(line.tax_ids, self.tax_13)

    def test_a_hundred_leads_are_converted_with_the_queries_of_one(self):
        counts = []
        for size in (1, 1, 100):
            leads = self.env["crm.lead"].create(
                [
                    {
                        "name": f"Lead {index}",
                        "company_id": self.company.id,
                        "crm_currency_id": self.usd.id,
                        "crm_amount": 1000,
                    }
                    for index in range(size)
                ]
            )
            self.env.flush_all()
            count = self.env.cr.sql_log_count
            leads.write({"crm_amount": 3000})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - count)
        self.assertLessEqual(counts[2], counts[1] + 3, counts)
