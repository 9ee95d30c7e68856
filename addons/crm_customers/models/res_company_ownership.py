from odoo import fields, models


class ResCompany(models.Model):
    """Thresholds of follow-up and life cycle, and who sees whose customers."""

    _inherit = "res.company"

    crm_customer_visibility = fields.Selection(
        [
            ("all", "All customers"),
            ("team", "Their own, shared ones and those of their teams"),
            ("own", "Their own and shared ones"),
        ],
        string="Salespeople See",
        required=True,
        default="all",
        help="Binds people whose sales right is “Own Documents Only”. Team leaders always see the"
        " customers of their teams and all teams below.",
    )
    crm_followup_min_chars = fields.Integer(
        string="Shortest Outcome of a Follow-up",
        default=8,
        help="Characters an outcome needs so that the follow-up counts. 0: every one counts.",
    )
    crm_dormant_days = fields.Integer(
        string="Dormant after (days)",
        help="Days without a deal after which an active customer is dormant. 0: never.",
    )
    crm_lost_days = fields.Integer(
        string="Lost after (days)",
        help="Days without a deal after which a dormant customer is lost. 0: never.",
    )

    _crm_days_not_negative = models.Constraint(
        "CHECK (crm_followup_min_chars >= 0 AND crm_dormant_days >= 0 AND crm_lost_days >= 0)",
        "Days and characters cannot be negative.",
    )
    _crm_lost_after_dormant = models.Constraint(
        "CHECK (crm_lost_days = 0 OR crm_lost_days > crm_dormant_days)",
        "A customer is lost later than it is dormant: enter more days.",
    )
