from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SIGNED_ON, SalesCommon


@tagged("post_install", "-at_install")
class TestContractWithoutOrder(SalesCommon):
    """A contract signed on paper, without an order, is invoiced by its plan all the same."""

    def _create_paper_contract(self, amount=113000, percents=(30, 40, 30), **values):
        contract = (
            self.env["crm.contract"]
            .with_user(self.salesperson)
            .create(
                {
                    "subject": "On paper",
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "user_id": self.salesperson.id,
                    "amount_total": amount,
                    "date_signed": SIGNED_ON,
                    "invoice_product_id": self.product.id,
                    "plan_line_ids": [
                        Command.create(
                            {
                                "sequence": index,
                                "name": f"Part {index}",
                                "percent": percent,
                                "event": "signed",
                            }
                        )
                        for index, percent in enumerate(percents, start=1)
                    ],
                    **values,
                }
            )
        )
        contract.action_sign()
        return contract

    def test_a_biller_makes_and_posts_the_invoice_of_an_instalment(self):
        contract = self._create_paper_contract()
        self.assertEqual(contract.invoice_tax_ids, self.tax_13)
        first = contract.plan_line_ids[0]
        invoice = self._invoice(first)
        self.assertEqual(invoice.amount_total, 33900)
        self.assertEqual(invoice.amount_untaxed, 30000)
        self.assertEqual(invoice.crm_contract_id, contract)
        self.assertEqual(invoice.partner_id, self.customer)
        self.assertEqual(invoice.invoice_date_due, first.due_date)
        line = invoice.invoice_line_ids
        self.assertEqual(line.product_id, self.product)
        self.assertEqual(line.account_id.account_type, "income")
        self.assertIn("On paper: Part 1", line.name)
        self._pay(invoice)
        self.assertEqual(first.state, "paid")
        self.assertEqual(contract.amount_collected, 33900)

    def test_a_salesperson_makes_the_draft_of_his_own_contract(self):
        contract = self._create_paper_contract()
        invoice = self._invoice(contract.plan_line_ids[0], post=False, user=self.salesperson)
        self.assertEqual(invoice.state, "draft")
        self.assertEqual(contract.plan_line_ids[0].state, "drafted")

    def test_amounts_are_exact_to_the_cent_whatever_the_taxes(self):
        included = self._create_tax(13, "tax_included")
        surcharge = self._create_tax(7, "tax_excluded")
        for taxes in (self.tax_13, included, self.tax_13 | surcharge, self.env["account.tax"]):
            with self.subTest(taxes=taxes.mapped("name")):
                contract = self._create_paper_contract(
                    14543.77, (33.33, 33.33, 33.34), invoice_tax_ids=[Command.set(taxes.ids)]
                )
                invoices = [self._invoice(line) for line in contract.plan_line_ids]
                self.assertEqual(
                    [invoice.amount_total for invoice in invoices],
                    contract.plan_line_ids.mapped("amount"),
                )
                self.assertAlmostEqual(
                    sum(invoice.amount_total for invoice in invoices), 14543.77, 2
                )
                self.assertEqual(contract.amount_invoiced, 14543.77)

    def test_a_foreign_contract_is_invoiced_in_its_currency(self):
        yen = self.env.ref("base.JPY")
        self._set_rate(yen, 20)
        contract = self._create_paper_contract(100001, (50, 50), currency_id=yen.id)
        invoices = [self._invoice(line) for line in contract.plan_line_ids]
        self.assertEqual([one.amount_total for one in invoices], [50000, 50001])
        self.assertEqual(invoices[0].currency_id, yen)

    def test_nothing_is_invoiced_twice(self):
        contract = self._create_paper_contract()
        line = contract.plan_line_ids[0]
        self._invoice(line)
        with self.assertRaisesRegex(UserError, "invoiced already"):
            line.with_user(self.biller).action_create_invoices()

    def test_what_was_credited_is_invoiced_again(self):
        contract = self._create_paper_contract()
        line = contract.plan_line_ids[0]
        invoice = self._invoice(line)
        refund = invoice.with_user(self.biller)._reverse_moves(
            [{"invoice_date": SIGNED_ON}], cancel=True
        )
        self.assertEqual(refund.sudo().invoice_line_ids.crm_plan_line_id, line)
        self.assertEqual(line.amount_to_invoice, 33900)
        self.assertEqual(self._invoice(line).amount_total, 33900)

    def test_without_a_product_the_biller_reads_what_to_do(self):
        contract = self._create_paper_contract(invoice_product_id=False)
        with self.assertRaisesRegex(UserError, "Invoiced As"):
            contract.plan_line_ids[0].with_user(self.biller).action_create_invoices()
