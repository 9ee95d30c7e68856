"""Fixtures of the receipt tests: invoiced instalments, receipts, lines of the bank. No test."""

from datetime import date

from odoo import Command

from .common import SalesCommon

PAID_ON = date(2026, 10, 12)


class ReceiptCommon(SalesCommon):
    """Contracts with untaxed instalments; receipts of the salesperson; a bank journal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.env["account.journal"].search(
            [("company_id", "=", cls.company.id), ("type", "=", "bank")], limit=1
        )

    @classmethod
    def _create_instalments(cls, *amounts, invoice=True, currency=None, **values):
        """Return the instalments of a signed contract over these amounts, invoiced if wanted."""
        contract = cls._create_contract(
            amount_total=sum(amounts),
            date_signed="2026-09-28",
            **({"currency_id": currency.id} if currency else {}),
            **values,
        )
        contract.sudo().invoice_product_id = cls.product
        contract.sudo().invoice_tax_ids = False
        contract.plan_line_ids = [
            Command.create({"name": f"Part {index}", "amount_fixed": amount, "event": "signed"})
            for index, amount in enumerate(amounts, start=1)
        ]
        contract.action_sign()
        lines = contract.sudo().plan_line_ids.with_user(cls.env.user)
        if invoice:
            for line in lines:
                cls._invoice(line)
        return lines

    @classmethod
    def _register(cls, amount, *targets, user=None, submit=True, **values):
        """Return a receipt of the salesperson; ``targets`` are (instalment or invoice, amount)."""
        allocations = [
            Command.create(
                {
                    "plan_line_id"
                    if target._name == "crm.payment.plan.line"
                    else "move_id": target.id,
                    "amount": part,
                }
            )
            for target, part in targets
        ]
        receipt = (
            cls.env["crm.receipt"]
            .with_user(user or cls.salesperson)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "company_id": cls.company.id,
                    "amount": amount,
                    "date": PAID_ON,
                    "allocation_ids": allocations,
                    **values,
                }
            )
        )
        if submit:
            receipt.action_submit()
        return receipt

    @classmethod
    def _create_statement_line(cls, amount, **values):
        """Return a posted line of the bank's statement that nobody has reconciled."""
        return cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.bank.id,
                "date": PAID_ON,
                "amount": amount,
                "payment_ref": "Transfer",
                **values,
            }
        )

    def _ledger(self, line):
        """What the ledger says of an instalment: collected, open, state."""
        return line.amount_collected, line.amount_residual, line.state
