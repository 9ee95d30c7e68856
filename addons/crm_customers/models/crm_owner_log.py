from odoo import api, fields, models

OWNER_CHANGES = [
    ("create", "Created"),
    ("edit", "Edited"),
    ("claim", "Claimed"),
    ("assign", "Assigned"),
    ("return", "Returned"),
    ("rule", "Returned by Rule"),
    ("leave", "Handed Over"),
]


class CrmOwnerLog(models.Model):
    """Append-only log of who owned a customer, from when, how and why.

    Owns: one row per change of owner. Who: written by the change itself, read by whoever sees the
    customer, never changed or deleted; rows go with the customer's record.
    A million rows: one index answers the history of a customer and the cooldown of a claim.
    """

    _name = "crm.owner.log"
    _inherit = "crm.ledger.mixin"
    _description = "Ownership History"
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    from_user_id = fields.Many2one(
        "res.users",
        string="Previous Owner",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    to_user_id = fields.Many2one(
        "res.users", string="To", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    how = fields.Selection(OWNER_CHANGES, required=True, readonly=True)
    reason = fields.Char(readonly=True)
    pool_id = fields.Many2one("crm.pool", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True)

    _history_idx = models.Index("(partner_id, date DESC, id DESC)")

    @api.model_create_multi
    def create(self, vals_list):
        # Who did it is not for the caller to choose.
        return super().create([{**vals, "user_id": self.env.uid} for vals in vals_list])
