from odoo import api, fields, models

EVENT_KINDS = [
    ("start", "Started"),
    ("pause", "Held"),
    ("resume", "Resumed"),
    ("stop", "Stopped"),
    ("void", "Void"),
    ("reopen", "Reopened"),
    ("retarget", "Target Changed"),
    ("bank", "Used Time Carried Forward"),
    ("replan", "Deadline Recalculated"),
    ("breach", "Promise Broken"),
    ("merge", "Merged"),
]


class CrmServiceSlaEvent(models.Model):
    """Append-only ledger of a clock. Adding up its lines gives what the clock says."""

    _name = "crm.service.sla.event"
    _inherit = "crm.ledger.mixin"
    _description = "Clock Event"
    _order = "id"

    clock_id = fields.Many2one(
        "crm.service.sla.clock", required=True, index=True, ondelete="cascade"
    )
    ticket_id = fields.Many2one("crm.service.ticket", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True)
    metric = fields.Selection(related="clock_id.metric")
    kind = fields.Selection(EVENT_KINDS, required=True)
    date = fields.Datetime(required=True)
    worked_s = fields.Integer(
        string="Used (s)", help="Working seconds used since the line before.", required=True
    )
    worked_hours = fields.Float(string="Used", compute="_compute_worked_hours")
    target_s = fields.Integer(string="Target (s)", required=True)
    deadline = fields.Datetime()
    breached_at = fields.Datetime()
    cause = fields.Char()
    started_at = fields.Datetime(required=True)
    reason = fields.Char()
    user_id = fields.Many2one("res.users", string="By")

    @api.depends("worked_s")
    def _compute_worked_hours(self):
        for event in self:
            event.worked_hours = event.worked_s / 3600
