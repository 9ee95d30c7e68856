from odoo import api, fields, models


class CrmLeadWon(models.TransientModel):
    """Asks why opportunities were won, and marks them won."""

    _name = "crm.lead.won"
    _description = "Won Reason of Opportunities"

    lead_ids = fields.Many2many("crm.lead", string="Opportunities", required=True)
    reason_id = fields.Many2one("crm.won.reason", string="Won Reason")
    required = fields.Boolean(compute="_compute_required")

    @api.depends("lead_ids")
    def _compute_required(self):
        for wizard in self:
            wizard.required = any(
                lead._get_reason_rule("crm_won_reason_rule") == "required"
                for lead in wizard.lead_ids
            )

    def action_won(self):
        """Note the reason and mark the opportunities won."""
        self.ensure_one()
        leads = self.lead_ids
        if self.reason_id:
            leads.crm_won_reason_id = self.reason_id
        if len(leads) == 1:
            result = leads.with_context(crm_won_reason_asked=True).action_set_won_rainbowman()
            if isinstance(result, dict):
                return {**result, "type": "ir.actions.act_window_close"}
        else:
            leads.action_set_won()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
