from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the payment plan and of receipts."""

    _inherit = "res.config.settings"

    crm_plan_template_id = fields.Many2one(
        related="company_id.crm_plan_template_id", readonly=False
    )
    crm_claim_mask = fields.Selection(related="company_id.crm_claim_mask", readonly=False)
