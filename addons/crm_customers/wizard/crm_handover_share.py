from odoo import fields, models


class CrmHandoverShare(models.TransientModel):
    """A share of a leaver's customers, and who gets it."""

    _name = "crm.handover.share"
    _description = "Share of a Handover"
    _order = "id"

    handover_id = fields.Many2one("crm.handover", required=True, ondelete="cascade")
    split_by = fields.Selection(related="handover_id.split_by")
    from_user_id = fields.Many2one(related="handover_id.from_user_id")
    name = fields.Char(string="Share", readonly=True)
    key = fields.Integer(
        readonly=True, help="Record of the region, industry or level; 0: customers that have none."
    )
    partner_ids = fields.Many2many("res.partner", string="Customers")
    count = fields.Integer(string="Number of Customers", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Goes to",
        domain="[('share', '=', False), ('id', '!=', from_user_id)]",
    )
