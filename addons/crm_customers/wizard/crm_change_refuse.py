from odoo import fields, models


class CrmChangeRefuse(models.TransientModel):
    """Asks why a change is refused; the requester reads it."""

    _name = "crm.change.refuse"
    _description = "Reject a Change"

    request_ids = fields.Many2many("crm.change.request", string="Changes", required=True)
    reason = fields.Char(required=True)

    def action_refuse(self):
        """Refuse the changes with this reason."""
        self.ensure_one()
        self.request_ids._refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
