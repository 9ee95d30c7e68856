from odoo import fields, models


class CrmCampaignAudienceLine(models.TransientModel):
    """A person who would be left out, with the reason."""

    _name = "crm.campaign.audience.line"
    _description = "Person Left Out"
    _order = "reason, name, id"

    audience_id = fields.Many2one(
        "crm.campaign.audience", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one("res.partner", string="Person", ondelete="cascade")
    name = fields.Char()
    address = fields.Char()
    reason = fields.Char(required=True)
