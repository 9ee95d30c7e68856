from odoo import fields, models

from .crm_privacy_erasure import HOW


class CrmPrivacyErasureLine(models.Model):
    """How many rows of what were deleted, emptied, changed, or stay and why."""

    _name = "crm.privacy.erasure.line"
    _inherit = "crm.ledger.mixin"
    _description = "Count of an Erasure"
    _order = "id"
    _rec_name = "what"
    _log_access = False

    erasure_id = fields.Many2one(
        "crm.privacy.erasure", required=True, readonly=True, index=True, ondelete="cascade"
    )
    how = fields.Selection(HOW, string="What Happens", required=True, readonly=True)
    what = fields.Char(string="Data", required=True, readonly=True)
    count = fields.Integer(string="Rows", readonly=True)
