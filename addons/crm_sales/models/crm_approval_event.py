from odoo import fields, models

EVENTS = [
    ("asked", "Asked"),
    ("called", "Approver Called"),
    ("approved", "Approved"),
    ("refused", "Rejected"),
    ("withdrawn", "Withdrawn"),
    ("outdated", "Changed Meanwhile"),
    ("reminded", "Reminded"),
]


class CrmApprovalEvent(models.Model):
    """Append-only: what happened to a request for approval, when, and by whom."""

    _name = "crm.approval.event"
    _inherit = "crm.ledger.mixin"
    _description = "Approval History"
    _order = "id"
    _rec_name = "event"

    request_id = fields.Many2one(
        "crm.approval.request", required=True, index=True, ondelete="cascade"
    )
    event = fields.Selection(EVENTS, required=True)
    date = fields.Datetime(required=True)
    user_id = fields.Many2one("res.users", string="By", required=True)
    on_behalf_uid = fields.Many2one("res.users", string="On Behalf of")
    level = fields.Integer()
    note = fields.Char()
    facts = fields.Json(help="What the approvers were shown.")
