from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .crm_receipt import LEDGER_READERS

TAKEN = "decision IN ('draft', 'waiting', 'returned', 'confirmed')"


class CrmReceipt(models.Model):
    """A receipt may be a claim (到款认领): money that the bank reported, and nobody knew whose.

    Confirming then books nothing new; it names the customer on the bank's entry, puts the money
    on the receivable account and reconciles it.
    """

    _inherit = "crm.receipt"

    source = fields.Selection(
        [("registered", "Registered by Sales"), ("claimed", "Claimed from the Bank")],
        compute="_compute_source",
        store=True,
    )
    statement_line_id = fields.Many2one(
        "account.bank.statement.line",
        string="Bank Statement Line",
        readonly=True,
        copy=False,
        ondelete="restrict",
        check_company=True,
        groups=LEDGER_READERS,
    )
    claimed_payment_id = fields.Many2one(
        "account.payment",
        readonly=True,
        copy=False,
        ondelete="restrict",
        check_company=True,
        groups=LEDGER_READERS,
    )
    former_partner_id = fields.Many2one(
        "res.partner", string="Partner before the Claim", readonly=True, copy=False
    )

    _statement_line_uniq = models.UniqueIndex(
        f"(statement_line_id) WHERE statement_line_id IS NOT NULL AND {TAKEN}",
        "A colleague claimed this money at the same moment. Reload the list.",
    )
    _claimed_payment_uniq = models.UniqueIndex(
        f"(claimed_payment_id) WHERE claimed_payment_id IS NOT NULL AND {TAKEN}",
        "A colleague claimed this money at the same moment. Reload the list.",
    )

    @api.depends("statement_line_id", "claimed_payment_id")
    def _compute_source(self):
        for receipt in self:
            receipt.source = "claimed" if receipt._is_claim() else "registered"

    def _is_claim(self):
        """Whether the bank reported this money before sales did."""
        self.ensure_one()
        return bool(self.statement_line_id or self.claimed_payment_id)

    def _allocate_to(self, line):
        """Make the customer of an instalment the payer, and pay the instalment with the money."""
        self.ensure_one()
        self.partner_id = line.partner_id
        amount = min(self.amount, line._get_collectable())
        if amount > 0:
            self.env["crm.receipt.allocation"].create(
                {"receipt_id": self.id, "plan_line_id": line.id, "amount": amount}
            )

    def _book(self):
        """Confirm a claim on the bank's own entry; anything else makes a payment."""
        if not self._is_claim():
            return super()._book()
        if self.statement_line_id:
            return self._link_entry(self._book_statement_line())
        return self._link_entry(self._book_claimed_payment())

    def _book_statement_line(self):
        """Move the money of the statement line from suspense to the customer's receivable.

        :return: the line's journal entry
        """
        self._check_source_free()
        # sudo: confirming a claim is the right to name the customer on the bank's entry
        line = self.statement_line_id.sudo()
        # sudo: state of the claim is the program's to write
        self.sudo().former_partner_id = line.partner_id
        line.partner_id = self.partner_id
        _liquidity, suspense, _others = line._seek_for_lines()
        receivable = self.partner_id.with_company(self.company_id).property_account_receivable_id
        values = {
            "name": line.payment_ref,
            "partner_id": self.partner_id.id,
            "account_id": receivable.id,
            "currency_id": suspense.currency_id.id,
            "debit": suspense.debit,
            "credit": suspense.credit,
            "amount_currency": suspense.amount_currency,
        }
        line.with_context(force_delete=True, skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    *(Command.create(part) for part in self._split_counterpart(values)),
                ]
            }
        )
        return line.move_id

    def _book_claimed_payment(self):
        """Name the customer on the claimed payment and split its receivable as allocated.

        :return: the payment's journal entry, posted again under its number
        """
        self._check_source_free()
        # sudo: confirming a claim is the right to name the customer on the payment
        payment = self.claimed_payment_id.sudo()
        # sudo: state of the claim is the program's to write
        self.sudo().former_partner_id = payment.partner_id
        payment._crm_change_customer(self.partner_id)
        _liquidity, counterpart, _write_off = payment._seek_for_lines()
        _liquidity_values, values = payment._prepare_move_line_default_vals()
        payment.move_id.write(
            {
                "line_ids": [
                    *(Command.delete(line.id) for line in counterpart),
                    *(Command.create(part) for part in self._split_counterpart(values)),
                ]
            }
        )
        payment.action_post()
        return payment.move_id

    def _unbook(self):
        """Give claimed money back to the bank's entry, open for the next claim."""
        if not self._is_claim():
            return super()._unbook()
        # sudo: as confirming it
        receipt = self.sudo()
        if receipt.statement_line_id:
            receipt.statement_line_id.action_undo_reconciliation()
            receipt.statement_line_id.partner_id = receipt.former_partner_id
            return None
        payment = receipt.claimed_payment_id
        payment.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).remove_move_reconcile()
        payment._crm_change_customer(receipt.former_partner_id)
        payment.action_post()
        return None

    def _check_source_free(self):
        """Raise when the bank's money was used otherwise since it was claimed."""
        # sudo: as confirming it
        receipt = self.sudo()
        payment, line = receipt.claimed_payment_id, receipt.statement_line_id
        free = payment._crm_is_claimable() if payment else line._crm_is_claimable()
        if not free:
            raise UserError(
                self.env._(
                    "%s: this money was reconciled with something else in the meantime. Return"
                    " the claim.",
                    self.name,
                )
            )
