from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How long a merge of customers can be undone."""

    _inherit = "res.config.settings"

    crm_merge_undo_days = fields.Integer(related="company_id.crm_merge_undo_days", readonly=False)
