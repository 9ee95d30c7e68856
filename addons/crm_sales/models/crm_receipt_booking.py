from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools.instalments import allocate
from .crm_receipt import FINANCE_GROUP


class CrmReceipt(models.Model):
    """What finance does with a receipt: confirm it into the ledger, return it, take it back."""

    _inherit = "crm.receipt"

    may_decide = fields.Boolean(compute="_compute_may_decide")

    @api.depends_context("uid")
    def _compute_may_decide(self):
        finance = self._is_finance()
        for receipt in self:
            receipt.may_decide = finance

    # -- actions -----------------------------------------------------------------------------

    def action_confirm(self):
        """Book the money: post the payment and reconcile it with what it was allocated to.

        :raises AccessError: the user may not make invoices
        :raises UserError: somebody else decided already, or the ledger refuses
        """
        self._check_finance()
        self._lock_for_decision(("waiting",))
        for receipt in self:
            receipt._check_ready_to_book()
            receipt._book()
        self._decide("confirmed", False)
        return True

    def action_return(self):
        """Ask for the reason, then give the receipts back to sales."""
        self._check_finance()
        return self._ask_reason("returned", self.env._("Return to Sales"))

    def action_cancel(self):
        """Ask for the reason, then take confirmed receipts out of the ledger."""
        self._check_finance()
        return self._ask_reason("cancelled", self.env._("Cancel the Receipt"))

    def action_reconcile(self):
        """Reconcile what is still open of confirmed receipts with what was invoiced since."""
        self._check_finance()
        self.allocation_ids._reconcile()
        return True

    def action_view_entry(self):
        """Open the payment, or the journal entry of the bank's statement."""
        self.ensure_one()
        self._check_finance()
        record = self.entry_id.origin_payment_id or self.entry_id
        return record._get_records_action()

    # -- business ----------------------------------------------------------------------------

    def _return(self, reason):
        """Give receipts back to sales with the reason."""
        self._check_finance()
        self._lock_for_decision(("waiting",))
        self._decide("returned", reason)

    def _cancel(self, reason):
        """Take confirmed receipts out of the ledger; what they settled is open again."""
        self._check_finance()
        self._lock_for_decision(("confirmed",))
        for receipt in self:
            receipt._unbook()
        self._decide("cancelled", reason)

    def _decide(self, decision, reason):
        """Write a decision, and tell the salesperson of one that finance took."""
        # sudo: decisions are written by the methods of the model only
        receipts = self.sudo()
        receipts.write(
            {
                "decision": decision,
                "decision_note": reason,
                "decided_uid": self.env.uid,
                "decided_date": fields.Datetime.now(),
            }
        )
        if decision in ("returned", "confirmed", "cancelled"):
            receipts._tell_salesperson()

    def _tell_salesperson(self):
        """Put a decision into the inbox of who registered the receipt."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for receipt in self.filtered(lambda row: row.user_id != self.env.user):
            receipt.message_notify(
                partner_ids=receipt.user_id.partner_id.ids,
                subject=self.env._(
                    "%(state)s: %(receipt)s, %(customer)s",
                    state=labels[receipt.decision],
                    receipt=receipt.name,
                    customer=receipt.partner_id.name,
                ),
                body=receipt.decision_note or receipt.currency_id.format(receipt.amount),
            )

    def _book(self):
        """Bring the money into the ledger and reconcile it as allocated."""
        self.ensure_one()
        entry = self._create_payment().move_id
        self._link_entry(entry)

    def _link_entry(self, entry):
        """Remember the posted entry and its parts, and reconcile them."""
        lines = entry.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).sorted("id")
        # sudo: what a confirmation led to is the program's to write
        receipt = self.sudo()
        receipt.entry_id = entry
        for row, line in zip(receipt.allocation_ids, lines, strict=False):
            row.line_id = line
        receipt.allocation_ids._reconcile()

    def _create_payment(self):
        """Return the posted payment, its receivable in one part per allocation.

        Community forces an outstanding account, so that every payment has its entry.
        """
        self.ensure_one()
        payment = self.env["account.payment"].create(self._prepare_payment_values())
        liquidity, counterpart = payment._prepare_move_line_default_vals()
        payment._generate_journal_entry(
            line_ids=[
                Command.create(values)
                for values in [liquidity, *self._split_counterpart(counterpart)]
            ]
        )
        payment.action_post()
        return payment

    def _prepare_payment_values(self):
        self.ensure_one()
        return {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "date": self.date,
            "journal_id": self.journal_id.id,
            "memo": " ".join(filter(None, [self.name, self.reference])),
        }

    def _split_counterpart(self, values):
        """Return the receivable line ``values`` as one line per allocation and one for the rest.

        So each part of the money settles what it was meant for, whatever else is open. Balances
        are shared out cumulatively, so the entry stays balanced to the cent.
        """
        self.ensure_one()
        currency, company = self.currency_id, self.company_id.currency_id
        rows = self.allocation_ids
        amounts = rows.mapped("amount")
        if not currency.is_zero(self.amount_on_account):
            amounts.append(self.amount_on_account)
        if not amounts:
            return [values]
        balance = values["debit"] - values["credit"]
        balances = allocate(balance, amounts, company.decimal_places)
        accounts = [
            (row._get_open_lines()[:1].account_id.id or values["account_id"]) for row in rows
        ]
        accounts += [values["account_id"]] * (len(amounts) - len(rows))
        return [
            {
                **values,
                "account_id": account,
                "amount_currency": -amount,
                "debit": 0.0,
                "credit": -float(part),
            }
            for account, amount, part in zip(accounts, amounts, balances, strict=True)
        ]

    def _unbook(self):
        """Take the money out of the ledger again."""
        self.ensure_one()
        self.entry_id.line_ids.remove_move_reconcile()
        payment = self.entry_id.origin_payment_id
        if payment.state != "canceled":
            payment.action_cancel()

    # -- checks ------------------------------------------------------------------------------

    def _is_finance(self):
        return self.env.su or self.env.user.has_group(FINANCE_GROUP)

    def _check_finance(self):
        if not self._is_finance():
            raise AccessError(
                self.env._("Only who may make invoices decides about receipts. Ask finance.")
            )

    def _check_ready_to_book(self):
        self.ensure_one()
        self._check_customer_given()
        if not self.journal_id:
            raise UserError(
                self.env._("%s: choose the bank or cash journal where it arrived.", self.name)
            )

    def _lock_for_decision(self, expected):
        """Lock the receipts, and raise unless all of them still are in an ``expected`` decision.

        A second session waits here, fails to serialise, is retried by the host and is told.
        """
        self.check_access("read")
        self.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM crm_receipt WHERE id = ANY(%s) ORDER BY id FOR UPDATE", self.ids)
        )
        self.invalidate_recordset()
        labels = dict(self._fields["state"]._description_selection(self.env))
        for receipt in self:
            if receipt.decision not in expected:
                raise UserError(
                    self.env._(
                        "%(name)s is “%(state)s” already (%(user)s). Reload the page.",
                        name=receipt.name,
                        state=labels[receipt.decision],
                        # sudo: the name of a colleague is no secret
                        user=receipt.sudo().decided_uid.name or receipt.sudo().user_id.name,
                    )
                )

    def _ask_reason(self, decision, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.receipt.decide",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_receipt_ids": self.ids, "default_decision": decision},
        }
