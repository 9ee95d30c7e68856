from odoo import models

# What the host would choose again for another partner, although the money lies where it lies.
KEPT_FIELDS = ("journal_id", "payment_method_line_id", "outstanding_account_id")


class AccountPayment(models.Model):
    """Payments that nobody knows the purpose of can be claimed by sales."""

    _inherit = "account.payment"

    def _crm_is_claimable(self):
        """Whether this is posted customers' money that settles nothing yet."""
        self.ensure_one()
        lines = self.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return (
            self.payment_type == "inbound"
            and self.partner_type == "customer"
            and self.move_id.state == "posted"
            and bool(lines)
            and not (lines.matched_debit_ids or lines.matched_credit_ids)
        )

    def _crm_change_customer(self, customer):
        """Reset a posted payment to draft and name another customer on it; the caller posts.

        The outstanding account that Community forces on creation is kept: the host would compute
        it again from the payment method, which has none.
        """
        self.ensure_one()
        self.action_draft()
        kept = [self._fields[name] for name in KEPT_FIELDS]
        with self.env.protecting(kept, self):
            self.partner_id = customer
