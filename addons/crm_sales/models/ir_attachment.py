from odoo import fields, models


class IrAttachment(models.Model):
    """Documents say what they are, so that a stage can ask for one of a kind."""

    _inherit = "ir.attachment"

    crm_document_type_id = fields.Many2one(
        "crm.document.type",
        string="Kind of Document",
        index="btree_not_null",
        ondelete="set null",
    )
