from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.mail_activity import OUTCOMES
from ..tools.followup import says_something


class CrmFollowupRecord(models.TransientModel):
    """Records a contact with a customer in one step: what, with whom, outcome, and when next."""

    _name = "crm.followup.record"
    _description = "Record Follow-up"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True)
    lead_id = fields.Many2one(
        "crm.lead",
        string="Opportunity",
        domain="[('partner_id.commercial_partner_id', '=', partner_id)]",
    )
    activity_id = fields.Many2one("mail.activity", string="Planned Activity")
    event_id = fields.Many2one("calendar.event", string="Meeting")
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Kind of Contact",
        required=True,
        domain=[("crm_followup", "=", True)],
        default=lambda self: self._default_activity_type_id(),
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Spoken with",
        domain="[('commercial_partner_id', '=', partner_id)]",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    outcome = fields.Selection(OUTCOMES, required=True, default="informed")
    note = fields.Text(string="What Came of It", required=True)
    next_date = fields.Date(string="Next Follow-up on")
    counts = fields.Boolean(compute="_compute_counts")

    @api.model
    def _default_activity_type_id(self):
        """Return the most common contact: a call, as long as it counts."""
        types = self.env["mail.activity.type"].search([("crm_followup", "=", True)])
        return types.filtered(lambda kind: kind.category == "phonecall")[:1] or types[:1]

    @api.depends("outcome", "note")
    def _compute_counts(self):
        minimum = self.env.company.crm_followup_min_chars
        for record in self:
            record.counts = record.outcome != "unreached" and says_something(record.note, minimum)

    def action_record(self):
        """Mark the planned activity done with this outcome, or a new one when none was planned."""
        self.ensure_one()
        if self.next_date and self.next_date < fields.Date.context_today(self):
            raise UserError(self.env._("The next follow-up cannot lie in the past."))
        activity = self.activity_id or self._create_activity()
        activity.write(
            {
                "activity_type_id": self.activity_type_id.id,
                "crm_contact_id": self.contact_id.id,
                "crm_outcome": self.outcome,
                "crm_followup_date": self.date,
                "crm_next_date": self.next_date,
            }
        )
        activity._action_done(feedback=self.note)
        return {"type": "ir.actions.act_window_close"}

    def _create_activity(self):
        document = self.lead_id or self.partner_id
        return (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)  # no mail to oneself
            .create(
                {
                    "activity_type_id": self.activity_type_id.id,
                    "res_model_id": self.env["ir.model"]._get_id(document._name),
                    "res_id": document.id,
                    "user_id": self.env.uid,
                    "date_deadline": self.date,
                    "summary": self.event_id.name or self.activity_type_id.name,
                    "calendar_event_id": self.event_id.id,
                }
            )
        )

    @api.model
    def _open(self, defaults):
        """Return the action that opens the dialogue with these default values."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record Follow-up"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": defaults,
        }
