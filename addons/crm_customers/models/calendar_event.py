from odoo import fields, models
from odoo.exceptions import UserError


class CalendarEvent(models.Model):
    """Meetings become follow-ups once their outcome is recorded."""

    _inherit = "calendar.event"

    def action_record_followup(self):
        """Open the dialogue that records what came of this meeting."""
        self.ensure_one()
        if self.start > fields.Datetime.now():
            raise UserError(
                self.env._("This meeting has not taken place yet. Record its outcome afterwards.")
            )
        activity = self.activity_ids.filtered("active")[:1]
        customer = self._get_customer()
        if not customer:
            raise UserError(
                self.env._("No customer takes part in this meeting. Add a contact of it first.")
            )
        meeting = self.env.ref("mail.mail_activity_data_meeting", raise_if_not_found=False)
        return self.env["crm.followup.record"]._open(
            {
                "default_partner_id": customer.id,
                "default_lead_id": self.opportunity_id.id,
                "default_activity_id": activity.id,
                "default_activity_type_id": activity.activity_type_id.id or meeting.id,
                "default_event_id": self.id,
                "default_contact_id": self._get_outsiders()[:1].id,
                "default_date": fields.Date.to_string(
                    fields.Datetime.context_timestamp(self, self.start).date()
                ),
            }
        )

    def _get_customer(self):
        """Return the customer of a meeting: of its opportunity, its activity or an attendee."""
        self.ensure_one()
        return (
            self.opportunity_id.partner_id
            or self.activity_ids.crm_customer_id[:1]
            or self._get_outsiders()[:1]
        ).commercial_partner_id

    def _get_outsiders(self):
        return self.partner_ids.filtered("partner_share")
