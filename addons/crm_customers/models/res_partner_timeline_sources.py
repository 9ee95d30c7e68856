from odoo import fields, models
from odoo.fields import Domain

from ..tools.overview import TimelineSource


class ResPartner(models.Model):
    """Where this addon's part of a customer's timeline comes from."""

    _inherit = "res.partner"

    def _crm_timeline_sources(self):
        """Hook: where this customer's timeline comes from. Extend with ``super()``.

        :return: list of :class:`~..tools.overview.TimelineSource`
        """
        self.ensure_one()
        own_activities = self._search_activities()
        now = fields.Datetime.now()
        family = self.env["res.partner"]._search([("commercial_partner_id", "=", self.id)])
        meetings = Domain("partner_ids.commercial_partner_id", "=", self.id) & (
            Domain(self.env["calendar.event"]._get_default_privacy_domain())
            | Domain("partner_ids", "in", self.env.user.partner_id.ids)
        )
        return [
            TimelineSource(
                "followup",
                "mail.activity",
                [("id", "in", own_activities), ("crm_evidence", "=", True)],
                "date_done",
                "summary",
                "feedback",
                person="user_id",
                opens="",
                trusted=True,
                label=self.env._("Follow-ups"),
                icon="fa-comments-o",
            ),
            # Those of a meeting are left out where the meeting itself is shown.
            TimelineSource(
                "activity",
                "mail.activity",
                (
                    Domain("id", "in", own_activities)
                    & Domain("active", "=", True)
                    & (
                        Domain("calendar_event_id", "=", False)
                        | Domain("calendar_event_id", "not any", meetings)
                    ),
                ),
                "date_deadline",
                "summary",
                "activity_type_id",
                person="user_id",
                method="action_open_planned",
                trusted=True,
                planned=True,
                label=self.env._("Planned Activities"),
                icon="fa-clock-o",
            ),
            TimelineSource(
                "meeting",
                "calendar.event",
                (meetings & Domain("start", ">", now),),
                "start",
                "name",
                "location",
                person="user_id",
                planned=True,
                key="meeting_planned",
                label=self.env._("Meetings"),
                icon="fa-calendar",
            ),
            TimelineSource(
                "meeting",
                "calendar.event",
                (meetings & Domain("start", "<=", now),),
                "start",
                "name",
                "location",
                person="user_id",
                label=self.env._("Meetings"),
                icon="fa-calendar",
            ),
            # Whoever reads the customer reads what is written on it and on its contacts.
            TimelineSource(
                "message",
                "mail.message",
                [
                    ("model", "=", "res.partner"),
                    ("res_id", "in", family),
                    ("message_type", "in", ("comment", "email", "email_outgoing", "sms")),
                ],
                "date",
                "subject",
                "body",
                person="author_id",
                opens="",
                trusted=True,
                label=self.env._("Mails and Notes"),
                icon="fa-envelope-o",
            ),
            TimelineSource(
                "owner",
                "crm.owner.log",
                [("partner_id", "=", self.id)],
                "date",
                "to_user_id",
                "how",
                person="user_id",
                opens="",
                label=self.env._("Changes of Owner"),
                icon="fa-user-o",
            ),
            TimelineSource(
                "contract",
                "crm.contract.event",
                [("contract_id.partner_id", "=", self.id)],
                "date",
                "contract_id",
                "event",
                person="user_id",
                opens="contract_id",
                label=self.env._("Contracts"),
                icon="fa-file-text-o",
            ),
            TimelineSource(
                "invoice",
                "account.move",
                self._get_document_domain(),
                "invoice_date",
                "name",
                "move_type",
                amount="amount_total_in_currency_signed",
                currency="currency_id",
                person="invoice_user_id",
                label=self.env._("Invoices"),
                icon="fa-pencil-square-o",
            ),
            TimelineSource(
                "payment",
                "account.payment",
                [
                    ("partner_id", "in", family),
                    ("partner_type", "=", "customer"),
                    ("company_id", "=", self.env.company.id),
                    ("state", "in", ("in_process", "paid")),
                ],
                "date",
                "name",
                "payment_type",
                amount="amount",
                currency="currency_id",
                label=self.env._("Payments"),
                icon="fa-money",
            ),
        ]

    def _search_activities(self):
        """Return the query of the customer's activities that the user may read.

        Done ones count where they are follow-ups. The host decides by the documents, with queries
        of its own; so it is asked once for what is done and what is planned.
        """
        return (
            self.env["mail.activity"]
            .with_context(active_test=False)
            ._search(
                [
                    ("crm_customer_id", "=", self.id),
                    "|",
                    ("crm_evidence", "=", True),
                    ("active", "=", True),
                ]
            )
        )
