from odoo import fields, models


class ResCompany(models.Model):
    """Whether orders above the credit limit wait, and for whom."""

    _inherit = "res.company"

    crm_credit_hold = fields.Boolean(
        string="Hold Orders above the Credit Limit",
        help="Orders of customers with a credit limit are not confirmed when open invoices, orders"
        " not invoiced yet and the order itself come to more than the limit.",
    )
    crm_credit_controller_id = fields.Many2one(
        "res.users",
        string="Credit Controller",
        domain=[("share", "=", False)],
        help="Owns the orders on hold and may release them.",
    )
