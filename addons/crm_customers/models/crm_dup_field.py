from odoo import fields, models


class CrmDupField(models.Model):
    """Something that customers are compared by; the list is the product's own."""

    _name = "crm.dup.field"
    _description = "Compared Field"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True, help="The field's name on the card.")
    sequence = fields.Integer(default=10)
    selective = fields.Boolean(
        readonly=True,
        help="Few customers share a value of it, so that a rule can start its search here.",
    )

    _code_uniq = models.UniqueIndex("(code)", "Each field is in the list once.")
