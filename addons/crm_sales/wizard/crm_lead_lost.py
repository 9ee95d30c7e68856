from odoo import api, fields, models


class CrmLeadLost(models.TransientModel):
    """The reason is asked for where the team or the company has it given."""

    _inherit = "crm.lead.lost"

    crm_reason_required = fields.Boolean(compute="_compute_crm_reason_required")

    @api.depends("lead_ids")
    def _compute_crm_reason_required(self):
        for wizard in self:
            wizard.crm_reason_required = any(
                lead._get_reason_rule("crm_lost_reason_rule") == "required"
                for lead in wizard.lead_ids
            )
