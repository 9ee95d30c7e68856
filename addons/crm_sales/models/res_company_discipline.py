from odoo import fields, models


class ResCompany(models.Model):
    """Which reasons a company has its sales teams give."""

    _inherit = "res.company"

    crm_lost_reason_rule = fields.Selection(
        [("optional", "Optional"), ("required", "Mandatory")],
        string="Lost Reason",
        required=True,
        default="optional",
    )
    crm_won_reason_rule = fields.Selection(
        [("none", "Not Asked"), ("optional", "Asked"), ("required", "Mandatory")],
        string="Won Reason",
        required=True,
        default="none",
    )
