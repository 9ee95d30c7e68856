from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of commission and targets."""

    _inherit = "res.config.settings"

    crm_commission_product_id = fields.Many2one(
        related="company_id.crm_commission_product_id", readonly=False
    )
    crm_target_open = fields.Boolean(related="company_id.crm_target_open", readonly=False)
