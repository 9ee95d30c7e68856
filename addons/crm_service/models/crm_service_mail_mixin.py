from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import email_normalize

from ..tools.mail_domains import company_domain

# What people write; acknowledgements, absence notes and system notes are other types.
HUMAN_TYPES = ("comment", "email")


class CrmServiceMailMixin(models.AbstractModel):
    """What a ticket does with messages: it is born of mail, answered by people, asked again."""

    _name = "crm.service.mail.mixin"
    _description = "Ticket with Mail"
    _inherit = ["mail.thread.cc"]

    # -- incoming mail ------------------------------------------------------------------------

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Open a ticket for a mail. The time is ours, never the one the sender claims."""
        values = self._prepare_mail_values(msg_dict) | (custom_values or {})
        ticket = super().message_new(msg_dict, custom_values=values)
        ticket._acknowledge()
        return ticket

    @api.model
    def _prepare_mail_values(self, msg_dict):
        """Hook: values of a ticket born of a mail.

        :param dict msg_dict: the parsed mail, see the host's ``message_parse``
        """
        return {
            # The host would put the subject here; "/" asks for a number.
            "name": "/",
            "subject": msg_dict.get("subject") or self.env._("(no subject)"),
            "description": msg_dict.get("body"),
            "channel": "email",
            "partner_id": self._find_customer(msg_dict).id,
        }

    @api.model
    def _find_customer(self, msg_dict):
        """Return the contact who wrote, else the company of his mail domain, else nobody.

        A domain names a company only when all its contacts belong to one; providers of private
        mailboxes name none.
        """
        # sudo: the gateway recognises every contact
        partners = self.env["res.partner"].sudo()
        author = partners.browse(msg_dict.get("author_id"))
        if author:
            return author
        domain = company_domain(email_normalize(msg_dict.get("email_from"), strict=False))
        if not domain:
            return partners
        companies = partners.search([("crm_service_mail_domain", "=", domain)], limit=50)
        company = companies.commercial_partner_id
        return company if len(company) == 1 else partners

    @api.model
    def _detect_loop_sender_domain(self, email_from_normalized):
        """Count the tickets of one sender by the indexed normalized address."""
        super()._detect_loop_sender_domain(email_from_normalized)
        return [("email_normalized", "=", email_from_normalized)]

    def _creation_subtype(self):
        # Only the mail that opened the ticket is posted; the others log one line for all at once.
        if self.channel == "email":
            return self.env.ref("crm_service.mail_message_subtype_ticket_new")
        return super()._creation_subtype()

    # -- messages -----------------------------------------------------------------------------

    def message_post(self, **kwargs):
        """Post as the host does; an answer of ours also reaches a sender who is no contact."""
        if kwargs.get("message_type") in HUMAN_TYPES and self._answers_a_stranger(kwargs):
            kwargs["outgoing_email_to"] = self.email_from
        return super().message_post(**kwargs)

    def _answers_a_stranger(self, values):
        """Whether a message to be posted is for a sender who would not get it otherwise."""
        if not self.email_from or self._is_sender_known() or values.get("outgoing_email_to"):
            return False
        public = self.env.ref("mail.mt_comment")
        is_public = values.get("subtype_id") == public.id or (
            values.get("subtype_xmlid") == "mail.mt_comment"
        )
        # sudo: authors and recipients are read whoever may read contacts
        partners = self.env["res.partner"].sudo()
        author = partners.browse(values.get("author_id") or self.env.user.partner_id.id)
        chosen = partners.browse(values.get("partner_ids") or [])
        return (
            is_public
            and not author.partner_share
            and self.email_normalized not in chosen.mapped("email_normalized")
        )

    def _message_post_after_hook(self, message, msg_values):
        super()._message_post_after_hook(message, msg_values)
        side = self._get_speaker(message)
        if side == "us":
            self._on_public_answer(fields.Datetime.now())
        elif side == "customer":
            self._on_customer_message(fields.Datetime.now())

    @api.model
    def _get_speaker(self, message):
        """Return who speaks to whom in a message: ``us``, ``customer`` or None.

        Internal notes, system messages, acknowledgements, absence notes, ratings and what the
        system's own user writes are nobody's word.
        """
        public = self.env.ref("mail.mt_comment")
        if (
            message.message_type not in HUMAN_TYPES
            or message.subtype_id != public
            or message.is_internal
        ):
            return None
        # sudo: whether the author is one of us does not depend on who asks
        author = message.author_id.sudo()
        if author == self.env.ref("base.partner_root"):
            return None
        return "us" if author and not author.partner_share else "customer"

    def _on_public_answer(self, now):
        """A person of ours answered the customer."""
        # sudo: salespeople who answer a customer fulfil the promise too
        tickets = self.sudo()
        tickets.filtered(lambda one: not one.first_response_at).first_response_at = now
        tickets._sla_answered(now)

    def _on_customer_message(self, now):
        """The customer wrote again: work goes on, and an answer is owed."""
        # sudo: the customer has no rights on the ticket
        for ticket in self.sudo():
            if ticket.kind == "waiting" or ticket._can_reopen(now):
                ticket._set_kind("open")
            ticket._sla_asked(now)

    # -- outgoing -----------------------------------------------------------------------------

    def _acknowledge(self):
        """Tell known senders the number and the promised times, marked as automatic."""
        template = self.env.ref("crm_service.mail_template_ticket_received")
        for ticket in self.filtered(lambda one: one.partner_id and one.team_id.acknowledge):
            recipients = (
                {"partner_ids": ticket.partner_id.ids}
                if ticket._is_sender_known()
                else {"outgoing_email_to": ticket.email_from}
            )
            lang = ticket.partner_id.lang or self.env.lang
            body = template._render_field("body_html", ticket.ids, set_lang=lang)[ticket.id]
            subject = template._render_field("subject", ticket.ids, set_lang=lang)[ticket.id]
            ticket.message_post(
                body=body,
                subject=subject,
                message_type="auto_comment",
                subtype_xmlid="mail.mt_comment",
                email_layout_xmlid="mail.mail_notification_light",
                author_id=self.env.ref("base.partner_root").id,
                email_from=ticket.team_id.alias_email or ticket.company_id.email_formatted,
                mail_headers={
                    "Auto-Submitted": "auto-replied",
                    "X-Auto-Response-Suppress": "All",
                },
                # The gateway acts as the sender; without this he would count as the author.
                notify_author=True,
                notify_skip_followers=True,
                **recipients,
            )

    def _notify_get_reply_to(self, default=None, author_id=False):
        """Answers go to the address of the ticket's team."""
        # sudo: whoever writes, the answer goes to the team's address
        tickets = self.sudo()
        addresses = tickets.team_id._notify_get_reply_to(default=default, author_id=author_id)
        result = super()._notify_get_reply_to(default=default, author_id=author_id)
        for ticket in tickets:
            result[ticket.id] = addresses.get(ticket.team_id.id) or result[ticket.id]
        return result

    def _is_sender_known(self):
        """Whether mail to the ticket's customer reaches the one who asked."""
        self.ensure_one()
        theirs = self.partner_id.email_normalized
        return bool(theirs) and (not self.email_normalized or self.email_normalized == theirs)

    def _subscribe_customers(self):
        """Make the contact who asks a follower, so that answers reach him; one insert for all."""
        # sudo: followers of a new ticket are set by the rule, not by the one who enters it
        subtypes = self.env["mail.message.subtype"].sudo()._default_subtypes(self._name)[2]
        # sudo: see above
        present = {(one.res_id, one.partner_id.id) for one in self.sudo().message_follower_ids}
        # sudo: see above
        self.env["mail.followers"].sudo().create(
            [
                {
                    "res_model": self._name,
                    "res_id": ticket.id,
                    "partner_id": ticket.partner_id.id,
                    "subtype_ids": [Command.set(subtypes)],
                }
                for ticket in self
                if ticket._is_sender_known() and (ticket.id, ticket.partner_id.id) not in present
            ]
        )
