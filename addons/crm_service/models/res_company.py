from odoo import fields, models


class ResCompany(models.Model):
    """Company-wide settings of service; the N of the agreement is never a constant."""

    _inherit = "res.company"

    crm_service_backdate_hours = fields.Integer(
        string="Telephone Entry Limit (hours)",
        default=24,
        help="How long after a call an agent may still enter it with the time it came in.",
    )
    crm_service_reopen_days = fields.Integer(
        string="Reopening Period (days)",
        default=7,
        help="How long after its solution a customer can take a ticket up again; later mail opens"
        " a new one that refers to it.",
    )
    crm_service_visit_months = fields.Integer(
        string="Inspection Interval (months)",
        default=3,
        help="How often the running system is checked after acceptance, unless the contract has a"
        " plan of its own. 0: no plan is made.",
    )
    crm_service_period_months = fields.Integer(
        string="Service Period (months)",
        default=12,
        help="How long service lasts after acceptance when the contract has no end of its own.",
    )
    crm_service_notice_days = fields.Integer(
        string="Notice Period (working days)",
        default=3,
        help="How many working days before an upgrade or maintenance customers must be told.",
    )

    _crm_service_periods_not_negative = models.Constraint(
        "CHECK (crm_service_backdate_hours >= 0 AND crm_service_reopen_days >= 0"
        " AND crm_service_visit_months >= 0 AND crm_service_period_months >= 0"
        " AND crm_service_notice_days >= 0)",
        "Periods cannot be negative.",
    )
