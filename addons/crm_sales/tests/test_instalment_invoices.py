from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SalesCommon

SPLITS = [[50, 50], [30, 40, 30], [33.3333, 33.3333, 33.3334], [12.5, 87.5], [1, 1, 98], [100]]


@st.composite
def deals(draw):
    """An order as people write them, a split, and the order in which instalments fall due."""
    line = st.fixed_dictionaries(
        {
            "cents": st.one_of(st.integers(1, 300), st.integers(301, 3_000_000)),
            "quantity": st.sampled_from([1, 1, 2, 3, 7]),
            "discount": st.sampled_from([0, 0, 5, 33.33]),
            "rate": st.sampled_from([6, 9, 13]),
            "included": st.booleans(),
            "negative": st.sampled_from([False, False, False, True]),
        }
    )
    percents = draw(st.sampled_from(SPLITS))
    return {
        "lines": draw(st.lists(line, min_size=1, max_size=3)),
        "percents": percents,
        "sequence": draw(st.permutations(range(len(percents)))),
        "currency": draw(st.sampled_from(["CNY", "CNY", "CNY", "JPY", "KWD"])),
        "rounding": draw(st.sampled_from(["round_per_line", "round_globally"])),
        "post": draw(st.booleans()),
    }


@tagged("post_install", "-at_install")
class TestInstalmentInvoices(SalesCommon):
    """Instalments become draft invoices of the host that add up to the contract, to the cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.taxes = {
            (rate, included): cls._create_tax(rate, "tax_included" if included else "tax_excluded")
            for rate in (6, 9, 13)
            for included in (True, False)
            if (rate, included) != (13, False)
        }
        cls.taxes[13, False] = cls.tax_13
        cls.pricelists = {"CNY": cls.env["product.pricelist"]}
        for code, rate in (("JPY", 20.123), ("KWD", 0.0432)):
            currency = (
                cls.env["res.currency"]
                .with_context(active_test=False)
                .search([("name", "=", code)])
            )
            cls._set_rate(currency, rate)
            cls.pricelists[code] = cls.env["product.pricelist"].create(
                {"name": code, "currency_id": currency.id, "company_id": cls.company.id}
            )

    def _deal_contract(self, deal):
        """Return the signed contract of a generated order, empty when it is worth too little."""
        self.company.tax_calculation_rounding_method = deal["rounding"]
        order = self._create_order(
            lines=[
                {
                    "price_unit": (-0.001 if line["negative"] else 0.01) * line["cents"],
                    "product_uom_qty": line["quantity"],
                    "discount": line["discount"],
                    "tax_ids": [Command.set(self.taxes[line["rate"], line["included"]].ids)],
                }
                for line in deal["lines"]
            ],
            pricelist_id=self.pricelists[deal["currency"]].id,
            user=self.env.user,
        )
        if order.amount_total < 1:
            return self.env["crm.contract"]
        contract = self._create_planned_contract(order, sign=False, percents=deal["percents"])
        if min(contract.plan_line_ids.mapped("amount")) <= 0:
            return self.env["crm.contract"]
        contract.action_sign()
        return contract

    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(deals())
    def test_every_split_of_every_order_is_invoiced_exactly(self, deal):
        contract = self._deal_contract(deal)
        if not contract:
            return
        order, lines = contract.order_ids, contract.plan_line_ids
        self.assertEqual(order.currency_id.name, deal["currency"])
        for index in deal["sequence"]:
            invoice = self._invoice(lines[index], post=deal["post"], user=self.env.user)
            self.assertEqual(invoice.move_type, "out_invoice")
            self.assertEqual(invoice.amount_total, lines[index].amount)
        invoices = lines.move_ids
        currency = order.currency_id
        self.assertEqual(len(invoices), len(lines))
        self.assertEqual(
            currency.compare_amounts(sum(invoices.mapped("amount_total")), contract.amount_total), 0
        )
        self.assertEqual(
            currency.compare_amounts(sum(invoices.mapped("amount_tax")), order.amount_tax), 0
        )
        self.assertFalse(sum(lines.mapped("amount_to_invoice")))

    def test_a_rate_whose_share_rounds_to_nothing_does_not_cost_a_unit(self):
        """The host alone invoices 13,500 here where 13,499 was agreed."""
        contract = self._deal_contract(
            {
                "lines": [
                    {
                        "cents": 9237,
                        "quantity": 2,
                        "discount": 0,
                        "rate": 9,
                        "included": True,
                        "negative": True,
                    },
                    {
                        "cents": 1415634,
                        "quantity": 3,
                        "discount": 0,
                        "rate": 6,
                        "included": False,
                        "negative": False,
                    },
                ],
                "percents": [10, 20, 30, 40],
                "currency": "JPY",
                "rounding": "round_globally",
            }
        )
        totals = [
            self._invoice(line, user=self.env.user).amount_total for line in contract.plan_line_ids
        ]
        self.assertEqual(totals, [4499, 8999, 13499, 18001])

    def test_halves_of_an_odd_amount_leave_no_credit_note(self):
        """The host's 50 % and 50 % leave a credit note over one cent."""
        order = self._create_order(12870.59)
        contract = self._create_planned_contract(order, percents=[50, 50])
        self.assertEqual(contract.amount_total, 14543.77)
        totals = [self._invoice(line).amount_total for line in contract.plan_line_ids]
        self.assertEqual(totals, [7271.88, 7271.89])

    # -- what an invoice carries -------------------------------------------------------------

    def test_an_invoice_carries_contract_instalment_and_agreed_due_date(self):
        contract = self._create_planned_contract()
        line = contract.plan_line_ids[0]
        invoice = self._invoice(line, post=False)
        self.assertEqual((line.state, line.amount_drafted), ("drafted", 33900))
        self.assertEqual(invoice.state, "draft")
        self.assertEqual(invoice.crm_contract_id, contract)
        self.assertEqual(invoice.crm_plan_line_ids, line)
        self.assertEqual(invoice.invoice_date_due, line.due_date)
        self.assertEqual(invoice.invoice_user_id, self.salesperson)
        self.assertEqual(invoice.amount_untaxed, 30000)
        self.assertEqual(invoice.amount_tax, 3900)
        invoice.invoice_date = date(2026, 10, 1)
        invoice.action_post()
        self.assertEqual(invoice.invoice_date_due, date(2026, 10, 12))
        self.assertEqual((line.state, line.amount_invoiced), ("invoiced", 33900))

    def test_the_last_invoice_shows_all_products_and_deducts_the_down_payments(self):
        contract = self._create_planned_contract(percents=[30, 70])
        first, last = contract.plan_line_ids
        self._invoice(first)
        invoice = self._invoice(last)
        self.assertEqual(invoice.invoice_line_ids.filtered("product_id").price_subtotal, 100000)
        self.assertEqual(invoice.invoice_line_ids.filtered("is_downpayment").price_subtotal, -30000)
        self.assertEqual(contract.order_ids.invoice_status, "invoiced")

    # -- once --------------------------------------------------------------------------------

    def test_an_instalment_is_invoiced_once(self):
        line = self._create_planned_contract().plan_line_ids[0]
        self._invoice(line, post=False)
        with self.assertRaisesRegex(UserError, "invoiced already"):
            self._invoice(line, post=False)
        self.assertEqual(line.move_count, 1)

    def test_deleting_the_draft_makes_the_instalment_invoiceable_again(self):
        line = self._create_planned_contract().plan_line_ids[0]
        self._invoice(line, post=False).unlink()
        self.assertEqual((line.state, line.amount_to_invoice), ("due", 33900))
        self.assertEqual(self._invoice(line, post=False).amount_total, 33900)

    def test_a_cancelled_invoice_makes_the_instalment_invoiceable_again(self):
        line = self._create_planned_contract().plan_line_ids[0]
        self._invoice(line, post=False).button_cancel()
        self.assertEqual(line.state, "due")

    def test_a_deleted_draft_is_replaced_exactly_also_after_the_closing_invoice(self):
        contract = self._create_planned_contract(percents=[30, 40, 30])
        drafts = [self._invoice(line, post=False) for line in contract.plan_line_ids]
        drafts[0].unlink()
        self.assertEqual(self._invoice(contract.plan_line_ids[0]).amount_total, 33900)
        self.assertEqual(sum(contract.plan_line_ids.move_ids.mapped("amount_total")), 113000)

    def test_a_fully_credited_instalment_is_due_again_and_invoiced_exactly(self):
        contract = self._create_planned_contract(percents=[30, 70])
        first, last = contract.plan_line_ids
        invoice = self._invoice(first)
        refund = invoice._reverse_moves([{"invoice_date": date(2026, 10, 9)}], cancel=True)
        self.assertEqual(refund.crm_plan_line_ids, first)
        self.assertEqual(refund.crm_contract_id, contract)
        self.assertEqual((first.amount_invoiced, first.amount_credited), (33900, 33900))
        self.assertEqual(first.state, "due")
        self.assertEqual(self._invoice(last).amount_total, 79100)
        self.assertEqual(self._invoice(first).amount_total, 33900)
        self.assertEqual(sum(contract.plan_line_ids.mapped("amount_invoiced")) - 33900, 113000)

    def test_the_correction_of_an_invoice_belongs_to_the_same_instalment(self):
        line = self._create_planned_contract().plan_line_ids[0]
        invoice = self._invoice(line)
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "reason": "Wrong address"})
        )
        wizard.modify_moves()
        self.assertEqual(len(line.move_ids), 3)
        self.assertEqual((line.state, line.amount_drafted), ("drafted", 33900))

    def test_a_mere_duplicate_does_not_invoice_the_instalment_twice(self):
        line = self._create_planned_contract().plan_line_ids[0]
        copy = self._invoice(line).copy()
        self.assertFalse(copy.crm_plan_line_ids)
        self.assertEqual(line.amount_drafted, 0)

    def test_the_order_of_a_planned_contract_is_not_invoiced_beside_the_plan(self):
        contract = self._create_planned_contract()
        wizard = self.env["sale.advance.payment.inv"].create(
            {"advance_payment_method": "delivered", "sale_order_ids": contract.order_ids.ids}
        )
        with self.assertRaisesRegex(UserError, "invoiced by the payment plan"):
            wizard.create_invoices()

    def test_products_invoiced_on_delivery_are_invoiced_exactly_too(self):
        self.product.invoice_policy = "delivery"
        contract = self._create_planned_contract(percents=[30, 70])
        totals = [self._invoice(line).amount_total for line in contract.plan_line_ids]
        self.assertEqual(totals, [33900, 79100])

    # -- refusals ----------------------------------------------------------------------------

    def test_an_instalment_is_not_invoiced_before_its_event(self):
        contract = self._create_planned_contract()
        with self.assertRaisesRegex(UserError, "falls due after “Acceptance”"):
            self._invoice(contract.plan_line_ids[1])

    def test_a_contract_without_order_says_what_to_do(self):
        contract = self._create_contract()
        contract._apply_plan_template(self.template)
        contract.action_sign()
        with self.assertRaisesRegex(UserError, "Invoiced As"):
            self._invoice(contract.plan_line_ids[0])
        order = self._create_order(
            lines=[{"price_unit": 100000, "tax_ids": [Command.clear()]}],
            crm_contract_id=contract.id,
        )
        self.assertEqual(contract.plan_line_ids.order_id, order)
        self.assertEqual(self._invoice(contract.plan_line_ids[0]).amount_total, 30000)

    def test_a_cancelled_order_is_not_invoiced(self):
        contract = self._create_planned_contract()
        contract.order_ids._action_cancel()
        with self.assertRaisesRegex(UserError, "Confirm S"):
            self._invoice(contract.plan_line_ids[0])

    def test_several_instalments_are_invoiced_at_once(self):
        contract = self._create_planned_contract(percents=[30, 40, 30])
        action = contract.plan_line_ids.with_user(self.biller).action_create_invoices()
        self.assertEqual(len(action["domain"][0][2]), 3)
        self.assertEqual(contract.plan_line_ids.mapped("amount_drafted"), [33900, 45200, 33900])

    def test_an_invoice_in_another_currency_cannot_be_for_the_instalment(self):
        line = self._create_planned_contract().plan_line_ids[0]
        usd = self.env.ref("base.USD")
        self._set_rate(usd, 0.14)
        invoice = self._create_invoice(10, post=False, currency_id=usd.id)
        with self.assertRaisesRegex(Exception, "agreed in CNY"):
            invoice.invoice_line_ids.crm_plan_line_id = line

    # -- who ---------------------------------------------------------------------------------

    def test_sales_and_invoicing_make_invoices_and_readers_do_not(self):
        contract = self._create_planned_contract(percents=[30, 30, 40])
        first, second, third = contract.plan_line_ids
        self.assertTrue(self._invoice(first, user=self.salesperson, post=False))
        self.assertTrue(self._invoice(second, user=self.biller, post=False))
        with self.assertRaises(AccessError):
            third.with_user(self.reader).action_create_invoices()
        with self.assertRaises(AccessError):
            third.with_user(self.colleague).action_create_invoices()
