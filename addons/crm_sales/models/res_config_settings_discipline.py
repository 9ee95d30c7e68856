from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the reasons for winning and losing."""

    _inherit = "res.config.settings"

    crm_lost_reason_rule = fields.Selection(
        related="company_id.crm_lost_reason_rule", readonly=False
    )
    crm_won_reason_rule = fields.Selection(related="company_id.crm_won_reason_rule", readonly=False)
