from odoo import fields, models


class CrmContractSuspend(models.TransientModel):
    """Ask for the reason before a contract is suspended."""

    _name = "crm.contract.suspend"
    _description = "Suspend Contract"

    contract_id = fields.Many2one("crm.contract", required=True, ondelete="cascade")
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Suspend the contract from today."""
        self.ensure_one()
        self.contract_id.check_access("write")
        self.contract_id._suspend(self.reason)
        return {"type": "ir.actions.act_window_close"}
