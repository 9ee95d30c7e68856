from odoo import api, fields, models

KINDS = [
    ("call", "Call"),
    ("mail", "Email"),
    ("visit", "Visit"),
    ("message", "Message"),
    ("letter", "Letter"),
    ("promise", "Promise to Pay"),
    ("promise_withdrawn", "Promise Withdrawn"),
    ("dispute", "Dispute"),
    ("dispute_closed", "Dispute Closed"),
    ("note", "Note"),
]


class CrmCollectionLog(models.Model):
    """What was done to collect money (催收记录): append-only, in the words of who did it.

    Owns: one row per contact or event. Who: sales for their customers, invoicing for all.
    Twice at once: rows only add up. A million rows: read by customer and by target, newest first.
    """

    _name = "crm.collection.log"
    _description = "Collection Log"
    _inherit = ["crm.ledger.mixin", "crm.collection.item.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _following = frozenset({"partner_id", "salesperson_id", "contract_id"})

    kind = fields.Selection(KINDS, required=True, default="call")
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        string="By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    contact_id = fields.Many2one(
        "res.partner", string="Spoke with", domain="[('commercial_partner_id', '=', partner_id)]"
    )
    summary = fields.Text(string="What Was Said", required=True)

    _one_target = models.Constraint(
        "CHECK ((plan_line_id IS NULL) <> (move_id IS NULL))",
        "Choose either an instalment or an invoice.",
    )
    _customer_idx = models.Index("(partner_id, date DESC)")

    @api.model_create_multi
    def create(self, vals_list):
        # Who did it is part of the record, so it is not for the caller to choose.
        return super().create([{**vals, "user_id": self.env.uid} for vals in vals_list])
