from odoo import models


class PaymentTransaction(models.Model):
    """Money that arrives for a quotation under approval is kept; the order waits."""

    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """Leave out quotations that may not be confirmed yet, and tell their salesperson."""
        ready = self
        for transaction in self:
            orders = transaction.sale_order_ids
            if len(orders) != 1 or orders.state not in ("draft", "sent"):
                continue
            refusal = orders._get_approval_refusal()
            if refusal:
                ready -= transaction
                orders._tell_paid_but_not_confirmed(refusal)
        return super(PaymentTransaction, ready)._check_amount_and_confirm_order()
