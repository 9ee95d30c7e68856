from odoo import fields, models


class CrmDocumentType(models.Model):
    """What a document of an opportunity is: tender, specification, confirmation of a price."""

    _name = "crm.document.type"
    _description = "Document Type"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex("(name) WHERE active", "There is such a document type already.")
