from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the approval of changes."""

    _inherit = "res.config.settings"

    crm_approve_name = fields.Boolean(related="company_id.crm_approve_name", readonly=False)
    crm_approve_vat = fields.Boolean(related="company_id.crm_approve_vat", readonly=False)
    crm_approve_bank = fields.Boolean(related="company_id.crm_approve_bank", readonly=False)
    crm_change_approver_id = fields.Many2one(
        related="company_id.crm_change_approver_id", readonly=False
    )
