from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings page of service."""

    _inherit = "res.config.settings"

    crm_service_backdate_hours = fields.Integer(
        related="company_id.crm_service_backdate_hours", readonly=False
    )
    crm_service_reopen_days = fields.Integer(
        related="company_id.crm_service_reopen_days", readonly=False
    )
    crm_service_visit_months = fields.Integer(
        related="company_id.crm_service_visit_months", readonly=False
    )
    crm_service_period_months = fields.Integer(
        related="company_id.crm_service_period_months", readonly=False
    )
    crm_service_notice_days = fields.Integer(
        related="company_id.crm_service_notice_days", readonly=False
    )
