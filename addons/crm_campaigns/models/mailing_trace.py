from collections import defaultdict

from odoo import fields, models

from ..tools.bots import is_automatic_click


class MailingTrace(models.Model):
    """What becomes of a mailing's message moves the campaign member on and leaves a touch."""

    _inherit = "mailing.trace"

    # Every delivery failure asks whether we ever wrote to the address.
    _crm_email_idx = models.Index("(email) WHERE email IS NOT NULL")

    def write(self, vals):
        result = super().write(vals)
        # Mail says "sent" when handed over; SMS says "pending" then, and "sent" when delivered.
        if vals.get("trace_status") in ("sent", "pending"):
            self._advance_campaign_members("invited")
        return result

    def set_replied(self, domain=None):
        traces = super().set_replied(domain)
        traces._record_campaign_touches(
            "reply", {trace: (f"mailing.trace,{trace.id},reply", None) for trace in traces}
        )
        return traces

    def _advance_campaign_members(self, state):
        """Move the campaign members whom these messages went to on to ``state``."""
        people = self._campaign_people()
        self.env["crm.campaign.member"]._advance(
            [(trace.campaign_id.id, people[trace.id][0]) for trace in self if trace.id in people],
            state,
        )

    def _record_campaign_touches(self, kind, sources):
        """Record the answers to these messages as touches of their campaigns.

        :param str kind: ``click`` or ``reply``
        :param dict sources: ``{trace: (source key, datetime or None for now)}``
        """
        people = self._campaign_people()
        now = fields.Datetime.now()
        self.env["crm.campaign.touch"]._record(
            [
                {
                    "campaign_id": trace.campaign_id.id,
                    "partner_id": people[trace.id][0],
                    "lead_id": people[trace.id][1],
                    "channel": "sms" if trace.trace_type == "sms" else "email",
                    "kind": kind,
                    "date": date or now,
                    "source_key": source_key,
                    "is_bot": trace._is_automatic(kind, date or now),
                }
                for trace, (source_key, date) in sources.items()
                if trace.id in people
            ]
        )

    def _is_automatic(self, kind, date):
        """Return whether a machine answered; only clicks are judged."""
        self.ensure_one()
        return kind == "click" and is_automatic_click(self.sent_datetime, date)

    def _campaign_people(self):
        """Return ``{trace_id: (partner_id or None, lead_id or None)}`` for traces of campaigns.

        The person is that of the document the message went to, or the one with its address.
        Documents that are gone and addresses that nobody has leave a trace without people out.
        """
        # sudo: deliveries, clicks and replies arrive without a user who may read the documents
        traces = self.sudo().filtered(lambda trace: trace.campaign_id and not trace.is_test_trace)
        result = {}
        by_model = defaultdict(self.browse)
        for trace in traces:
            by_model[trace.model] |= trace
        for model, model_traces in by_model.items():
            result.update(model_traces._people_of_documents(model))
        result.update((traces.filtered(lambda t: t.id not in result))._people_of_addresses())
        return result

    def _people_of_documents(self, model):
        """Return the people of the documents of one model, as `_campaign_people` does."""
        if model not in self.env:
            return {}
        documents = self.env[model].browse(self.mapped("res_id")).exists()
        partners = documents._mail_get_partners()
        result = {}
        for trace in self:
            partner = partners.get(trace.res_id, self.env["res.partner"])[:1]
            lead = trace.res_id if model == "crm.lead" and trace.res_id in documents.ids else None
            if partner or lead:
                result[trace.id] = (partner.id or None, lead)
        return result

    def _people_of_addresses(self):
        """Return the people who have the address a message went to."""
        emails = {trace.email for trace in self if trace.email}
        numbers = {trace.sms_number for trace in self if trace.sms_number}
        if not emails and not numbers:
            return {}
        partners = self.env["res.partner"].search(
            [
                "|",
                ("email_normalized", "in", list(emails)),
                ("phone_sanitized", "in", list(numbers)),
            ],
            order="id desc",
        )
        # The oldest record of an address is the person.
        by_email = {partner.email_normalized: partner.id for partner in partners}
        by_number = {partner.phone_sanitized: partner.id for partner in partners}
        result = {}
        for trace in self:
            partner_id = by_email.get(trace.email) if trace.email else None
            partner_id = partner_id or (trace.sms_number and by_number.get(trace.sms_number))
            if partner_id:
                result[trace.id] = (partner_id, None)
        return result
