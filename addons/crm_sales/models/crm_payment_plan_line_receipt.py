from odoo import fields, models


class CrmPaymentPlanLine(models.Model):
    """Receipts that were registered for an instalment, and what they leave to collect."""

    _inherit = "crm.payment.plan.line"

    receipt_allocation_ids = fields.One2many(
        "crm.receipt.allocation", "plan_line_id", string="Receipts", readonly=True
    )

    def _get_collectable(self):
        """Return what the customer may still pay for this instalment, invoiced or not.

        Money registered for it that the ledger does not show yet is on its way and counts as paid.
        """
        self.ensure_one()
        # sudo: a colleague's receipt for the same instalment counts although it is not shown
        coming = self.sudo().receipt_allocation_ids.filtered(
            lambda row: row.receipt_id.state in ("waiting", "confirmed")
        )
        amount = self.amount_residual + self.amount_drafted + self.amount_to_invoice
        amount -= sum(row.amount - row.amount_settled for row in coming)
        return max(0.0, self.currency_id.round(amount))
