from odoo import fields, models


class CrmReceiptDecide(models.TransientModel):
    """Asks why receipts are returned or cancelled; the salesperson reads it."""

    _name = "crm.receipt.decide"
    _description = "Return or Cancel Receipts"

    receipt_ids = fields.Many2many("crm.receipt", string="Receipts", required=True)
    decision = fields.Selection(
        [("returned", "Return to Sales"), ("cancelled", "Cancel")], required=True
    )
    reason = fields.Char(required=True)

    def action_decide(self):
        """Return or cancel the receipts with this reason."""
        self.ensure_one()
        if self.decision == "returned":
            self.receipt_ids._return(self.reason)
        else:
            self.receipt_ids._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
