from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

CHECK_RESULTS = [
    ("ok", "In Order"),
    ("advice", "Advice"),
    ("fault", "Fault"),
    ("na", "Not Applicable"),
]


class CrmServiceVisitLine(models.Model):
    """One check of an inspection: result, words, photos and the ticket it led to."""

    _name = "crm.service.visit.line"
    _description = "Inspection Check"
    _order = "visit_id, sequence, id"

    visit_id = fields.Many2one("crm.service.visit", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="visit_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Check", required=True)
    instruction = fields.Char()
    result = fields.Selection(CHECK_RESULTS, copy=False)
    note = fields.Text(string="Finding", copy=False)
    attachment_ids = fields.Many2many("ir.attachment", string="Photos", copy=False)
    ticket_ids = fields.One2many("crm.service.ticket", "check_line_id", string="Tickets")

    @api.constrains("result", "note")
    def _check_fault_has_words(self):
        for line in self:
            if line.result in ("fault", "advice") and not (line.note or "").strip():
                raise ValidationError(
                    self.env._("Say what was found at “%(check)s”.", check=line.name)
                )

    def write(self, vals):
        if any(line.visit_id.state == "done" for line in self):
            raise UserError(self.env._("The visit is finished; its checks cannot be changed."))
        return super().write(vals)

    def action_create_ticket(self):
        """Open a ticket for a fault found here; it carries the contract's promises."""
        self.ensure_one()
        if self.result != "fault":
            raise UserError(self.env._("Only a fault leads to a ticket."))
        visit = self.visit_id
        ticket = self.ticket_ids[:1] or self.env["crm.service.ticket"].create(
            {
                "subject": f"{self.name}: {self.note}"[:200],
                "description": self.note,
                "partner_id": visit.partner_id.id,
                "contract_id": visit.contract_id.id,
                "company_id": visit.company_id.id,
                "team_id": visit.plan_id.team_id.id,
                "check_line_id": self.id,
                "channel": "internal",
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.service.ticket",
            "res_id": ticket.id,
            "view_mode": "form",
        }
