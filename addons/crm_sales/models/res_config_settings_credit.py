from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the credit hold."""

    _inherit = "res.config.settings"

    crm_credit_hold = fields.Boolean(related="company_id.crm_credit_hold", readonly=False)
    crm_credit_controller_id = fields.Many2one(
        related="company_id.crm_credit_controller_id", readonly=False
    )
