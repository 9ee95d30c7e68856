from odoo import fields, models


class CrmServiceReject(models.TransientModel):
    """Enters a rejection that the customer declared on paper or by word."""

    _name = "crm.service.reject"
    _description = "Reject a Delivery"

    acceptance_id = fields.Many2one(
        "crm.service.acceptance",
        required=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    reason = fields.Text(required=True)

    def action_reject(self):
        """Record the rejection with the customer's reason."""
        self.ensure_one()
        self.acceptance_id.check_access("write")
        self.acceptance_id._reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
