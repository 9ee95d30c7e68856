from odoo import fields, models


class CrmContactDepartment(models.Model):
    """A department at customers' companies, the same word for all of them.

    One shared list and no tree per customer, so that "all purchasing departments" can be found.
    """

    _name = "crm.contact.department"
    _description = "Contact Department"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex(
        "((name->>'en_US'))", "There is a department of this name already."
    )
