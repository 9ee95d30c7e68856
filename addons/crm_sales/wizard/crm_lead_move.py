from odoo import fields, models


class CrmLeadMove(models.TransientModel):
    """Moves opportunities although something is missing, with a reason that is kept."""

    _name = "crm.lead.move"
    _description = "Move in Spite of Conditions"

    lead_ids = fields.Many2many("crm.lead", string="Opportunities", required=True)
    stage_id = fields.Many2one("crm.stage", required=True)
    reason = fields.Char(required=True)

    def action_move(self):
        """Move the opportunities; what was missing and the reason go into the ledger."""
        self.ensure_one()
        self.lead_ids.write({"stage_id": self.stage_id.id, "crm_gate_reason": self.reason})
        return {"type": "ir.actions.client", "tag": "soft_reload"}
