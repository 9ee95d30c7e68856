from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings page of the suite's company-wide defaults."""

    _inherit = "res.config.settings"

    crm_contract_calendar_id = fields.Many2one(
        related="company_id.crm_contract_calendar_id", readonly=False
    )
    crm_inspection_days = fields.Integer(related="company_id.crm_inspection_days", readonly=False)
    crm_rectify_days = fields.Integer(related="company_id.crm_rectify_days", readonly=False)
    crm_acceptance_days = fields.Integer(related="company_id.crm_acceptance_days", readonly=False)
    crm_email_optin = fields.Boolean(related="company_id.crm_email_optin", readonly=False)
