from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of follow-up, life cycle and visibility."""

    _inherit = "res.config.settings"

    crm_customer_visibility = fields.Selection(
        related="company_id.crm_customer_visibility", readonly=False
    )
    crm_followup_min_chars = fields.Integer(
        related="company_id.crm_followup_min_chars", readonly=False
    )
    crm_dormant_days = fields.Integer(related="company_id.crm_dormant_days", readonly=False)
    crm_lost_days = fields.Integer(related="company_id.crm_lost_days", readonly=False)
