from odoo import fields, models


class ResPartner(models.Model):
    """Relations of a partner with others, each seen from here."""

    _inherit = "res.partner"

    crm_relation_side_ids = fields.One2many(
        "crm.relation.side",
        "partner_id",
        string="Relations",
        copy=False,
        help="What others are for this partner: agent, guarantor, former employer ...",
    )
