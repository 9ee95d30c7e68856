from odoo import fields, models


class ResCompany(models.Model):
    """How commission is billed, and what sellers see of each other's targets."""

    _inherit = "res.company"

    crm_commission_product_id = fields.Many2one(
        "product.product",
        string="Commission Product",
        check_company=True,
        ondelete="restrict",
        help="On the vendor bills of commission statements; gives their expense account.",
    )
    crm_target_open = fields.Boolean(
        string="Sellers See Their Team's Ranking",
        default=True,
        help="Sellers see the targets of their team colleagues; otherwise their own place only.",
    )
