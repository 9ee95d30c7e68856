from odoo import fields, models


class ResUsers(models.Model):
    """Who approves on behalf of a user while he is away."""

    _inherit = "res.users"

    crm_delegation_ids = fields.One2many(
        "crm.approval.delegation", "user_id", string="Approval Delegations"
    )
