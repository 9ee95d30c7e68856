from odoo import fields, models


class CrmPoolPreviewLine(models.TransientModel):
    """One customer whose return the rules on trial would change."""

    _name = "crm.pool.preview.line"
    _description = "Customer of a Dry Run"
    _order = "id"

    preview_id = fields.Many2one("crm.pool.preview", required=True, ondelete="cascade", index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one(related="partner_id.user_id", string="Owner")
    date_before = fields.Date(string="Returns Today after", readonly=True)
    date_after = fields.Date(string="Would Return after", readonly=True)
    explanation = fields.Char(string="Because", readonly=True)
