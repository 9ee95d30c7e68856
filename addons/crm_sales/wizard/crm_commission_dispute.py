from odoo import fields, models


class CrmCommissionDispute(models.TransientModel):
    """A seller says what is wrong with a statement."""

    _name = "crm.commission.dispute"
    _description = "Dispute a Commission Statement"

    statement_id = fields.Many2one(
        "crm.commission.statement",
        required=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    reason = fields.Text(required=True)

    def action_dispute(self):
        """Record the objection; a sales manager answers it."""
        self.ensure_one()
        self.statement_id._dispute(self.reason)
        return {"type": "ir.actions.act_window_close"}
