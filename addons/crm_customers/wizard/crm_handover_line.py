from odoo import fields, models


class CrmHandoverLine(models.TransientModel):
    """A kind of document in a handover: how many, and whether they go along."""

    _name = "crm.handover.line"
    _description = "Documents of a Handover"
    _order = "source"

    handover_id = fields.Many2one("crm.handover", required=True, ondelete="cascade")
    source = fields.Integer(required=True, help="Place in the list of registered documents.")
    name = fields.Char(string="Documents", readonly=True)
    count = fields.Integer(string="How Many", readonly=True)
    included = fields.Boolean(string="Hand Over", default=True)
    follows = fields.Boolean(
        string="Goes with the Customer",
        readonly=True,
        help="Such documents always follow the customer they belong to.",
    )
