from odoo import fields, models


class CrmContactRole(models.Model):
    """A part that a person plays in the customer's decisions: who decides, uses, pays, buys.

    The job title stays the host's ``function``; a person may have several roles.
    """

    _name = "crm.contact.role"
    _description = "Contact Role"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean(default=True)
    note = fields.Char(
        string="Meaning", translate=True, help="What this person does in the purchase."
    )

    _name_uniq = models.UniqueIndex(
        "((name->>'en_US'))", "There is a contact role of this name already."
    )
