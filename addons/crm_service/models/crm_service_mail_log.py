import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, email_split, html2plaintext

from odoo.addons.crm_customers.tools.delivery import delivery_failures

from ..tools import mail_kind, mail_repair

TICKET = "crm.service.ticket"
PREVIEW_CHARS = 2000


class CrmServiceMailLog(models.Model):
    """What became of every mail that came in for service.

    Mail that opens or answers a ticket is listed with its ticket. What does not (automatic
    replies, delivery failures, a flood, unreadable or failed messages) is kept here whole, so
    that a person can look at it and make a ticket of it.
    """

    _name = "crm.service.mail.log"
    _description = "Incoming Service Mail"
    _order = "id desc"
    _rec_name = "subject"

    company_id = fields.Many2one("res.company", required=True, index=True)
    date = fields.Datetime(string="Received", required=True, default=fields.Datetime.now)
    message_id = fields.Char(string="Message-ID", index=True)
    in_reply_to = fields.Char(string="In-Reply-To")
    list_id = fields.Char(string="List-ID")
    precedence = fields.Char()
    is_multipart = fields.Boolean(string="Multipart")
    email_from = fields.Char(string="Sender")
    email_normalized = fields.Char(index="btree_not_null")
    email_to = fields.Char(string="To")
    subject = fields.Char()
    outcome = fields.Selection(
        [
            ("ticket", "New Ticket"),
            ("reply", "Added to Ticket"),
            ("automatic", "Automatic Reply"),
            ("bounce", "Delivery Failure"),
            ("flood", "Too Many from One Sender"),
            ("unreadable", "Unreadable"),
            ("failed", "Processing Failed"),
            ("ignored", "Not for Service"),
        ],
        required=True,
        index=True,
    )
    reason = fields.Char(help="Why the mail was recognised as automatic, or what failed.")
    bounce_verdict = fields.Selection(
        [("permanent", "Permanent"), ("temporary", "Temporary"), ("none", "None")],
        string="Verdict",
        index="btree_not_null",
    )
    bounced_permanent = fields.Char(string="Undeliverable To")
    bounced_temporary = fields.Char(string="Delayed To")
    ticket_id = fields.Many2one(TICKET, index="btree_not_null", ondelete="set null")
    team_id = fields.Many2one("crm.service.team", index="btree_not_null", ondelete="set null")
    preview = fields.Text()
    original = fields.Binary(string="Original Message", attachment=True, readonly=True)
    original_name = fields.Char(compute="_compute_original_name")

    @api.depends("subject")
    def _compute_original_name(self):
        for log in self:
            log.original_name = f"{log.subject or log.id}.eml"

    def action_create_ticket(self):
        """Make a ticket of a kept mail, because a person found that it is one."""
        self.ensure_one()
        self.check_access("write")
        if self.ticket_id:
            raise UserError(
                self.env._(
                    "This mail belongs to %(ticket)s already.", ticket=self.ticket_id.display_name
                )
            )
        author = self.env["mail.thread"]._partner_find_from_emails_single(
            [self.email_from], no_create=True
        )
        customer = self.env[TICKET]._find_customer(
            {"email_from": self.email_from, "author_id": author[:1].id}
        )
        ticket = self.env[TICKET].create(
            {
                "subject": self.subject or self.env._("(no subject)"),
                "description": self.preview,
                "email_from": self.email_from,
                "partner_id": customer.id,
                "team_id": self.team_id.id,
                "channel": "email",
            }
        )
        if self.original:
            ticket.message_post(
                body=self.env._("Made from a kept mail."),
                attachments=[(self.original_name, base64.b64decode(self.original))],
            )
        self.ticket_id = ticket
        return {
            "type": "ir.actions.act_window",
            "res_model": TICKET,
            "res_id": ticket.id,
            "view_mode": "form",
        }

    # -- business: the gateway --------------------------------------------------------------

    @api.model
    def _sort_routes(self, message, message_dict, routes, fallback_model):
        """Take mail out of the routes to tickets that must not reach one, and keep it.

        Automatic mail never opens, reopens or answers a ticket. A reply to a merged ticket goes to
        the one it was merged into; a reply to a ticket closed too long ago opens a new, linked one.

        :param list routes: the host's ``(model, thread_id, custom_values, user_id, alias)``
        :return: the routes that are left
        """
        ours = [route for route in routes if route[0] == TICKET]
        if not ours:
            if not routes and self._is_for_service(message_dict, fallback_model):
                bounce = message_dict.get("is_bounce")
                self._keep(message, message_dict, "bounce" if bounce else "ignored")
            return routes
        reason = mail_kind.judge(message, delivery_failures(message)).reason
        if reason:
            outcome = "bounce" if reason == mail_kind.BOUNCE else "automatic"
            self._keep(message, message_dict, outcome, reason, ours)
            return [route for route in routes if route[0] != TICKET]
        return [
            self._redirect(route, message_dict) if route[0] == TICKET else route for route in routes
        ]

    @api.model
    def _redirect(self, route, message_dict):
        model, thread_id, custom_values, user_id, alias = route
        # sudo: the gateway finds every ticket
        ticket = self.env[TICKET].sudo().browse(thread_id).exists()
        while ticket.merged_into_id:
            ticket = ticket.merged_into_id
        if not ticket:
            return route
        finished = ticket.kind in ("resolved", "closed", "cancelled")
        if (
            finished
            and not ticket._can_reopen(fields.Datetime.now())
            and not self._is_from_us(message_dict)
        ):
            values = {**(custom_values or {}), **ticket._prepare_follow_up_values()}
            return model, 0, values, user_id, alias
        return model, ticket.id, custom_values, user_id, alias

    @api.model
    def _is_from_us(self, message_dict):
        # sudo: the gateway recognises every contact
        threads = self.env["mail.thread"].sudo()
        author = threads._partner_find_from_emails_single(
            [message_dict.get("email_from")], no_create=True
        )
        return bool(author) and not author[0].partner_share

    @api.model
    def _is_for_service(self, message_dict, fallback_model):
        """Whether a mail without a route was meant for service."""
        if fallback_model == TICKET:
            return True
        bounced = message_dict.get("bounced_message")
        if bounced and bounced.model == TICKET:
            return True
        return bool(self._find_team(message_dict))

    @api.model
    def _find_team(self, message_dict):
        """Return the team whose address a mail was sent to."""
        addresses = [one.lower() for one in email_split(message_dict.get("recipients") or "")]
        # sudo: the gateway reads every alias
        return (
            self.env["crm.service.team"]
            .sudo()
            .search(
                [
                    "|",
                    ("alias_id.alias_full_name", "in", addresses),
                    "&",
                    ("alias_id.alias_incoming_local", "=", True),
                    ("alias_name", "in", [one.split("@")[0] for one in addresses]),
                ],
                limit=1,
            )
        )

    @api.model
    def _keep(self, message, message_dict, outcome, reason=False, routes=()):
        """Keep a mail that did not become part of a ticket, whole, once per Message-ID."""
        # sudo: the gateway writes the log, nobody does by hand
        logs = self.sudo()
        message_id = message_dict.get("message_id")
        if message_id and logs.search_count([("message_id", "=", message_id)], limit=1):
            return logs
        if isinstance(message, bytes):
            raw = message
        else:
            raw = mail_repair.source(message) if message is not None else b""
        return logs.create(
            {
                **self._prepare_values(message, message_dict, outcome),
                **self._locate(message_dict, routes),
                "reason": reason,
                "preview": self._get_preview(message_dict),
                "original": base64.b64encode(raw),
            }
        )

    @api.model
    def _note_delivery(self, message, message_dict, routes):
        """List a mail that opened or answered tickets; they hold the mail itself."""
        # sudo: the gateway finds every ticket and writes the log, nobody does by hand
        logs = self.sudo()
        posted = logs.env["mail.message"].search(
            [("message_id", "=", message_dict.get("message_id")), ("model", "=", TICKET)]
        )
        answered = {route[1] for route in routes}
        return logs.create(
            [
                {
                    **self._prepare_values(
                        message, message_dict, "reply" if ticket.id in answered else "ticket"
                    ),
                    "ticket_id": ticket.id,
                    "team_id": ticket.team_id.id,
                    "company_id": ticket.company_id.id,
                }
                for ticket in logs.env[TICKET].browse(posted.mapped("res_id"))
            ]
        )

    @api.model
    def _locate(self, message_dict, routes):
        """Return the ticket, team and company that a kept mail was meant for."""
        bounced = message_dict.get("bounced_message")
        thread_id = next((route[1] for route in routes if route[1]), False)
        if not thread_id and bounced and bounced.model == TICKET:
            thread_id = bounced.res_id
        # sudo: the gateway finds every ticket
        ticket = self.env[TICKET].sudo().browse(thread_id or []).exists()
        team = ticket.team_id or self._find_team(message_dict)
        company = ticket.company_id or team.company_id or self.env.company
        return {"ticket_id": ticket.id, "team_id": team.id, "company_id": company.id}

    @api.model
    def _prepare_values(self, message, message_dict, outcome):
        values = {
            "message_id": message_dict.get("message_id"),
            "in_reply_to": message_dict.get("in_reply_to"),
            "email_from": message_dict.get("email_from"),
            "email_normalized": email_normalize(message_dict.get("email_from"), strict=False),
            "email_to": message_dict.get("to"),
            "subject": message_dict.get("subject"),
            "outcome": outcome,
        }
        if message is not None and not isinstance(message, bytes):
            values |= self._prepare_header_values(message, outcome)
        return values

    @api.model
    def _prepare_header_values(self, message, outcome):
        values = {
            "list_id": mail_kind.header(message, "List-Id"),
            "precedence": mail_kind.header(message, "Precedence"),
            "is_multipart": message.is_multipart(),
        }
        if outcome == "bounce":
            failures = mail_kind.judge(message, delivery_failures(message)).failures
            values |= {
                "bounce_verdict": failures.verdict,
                "bounced_permanent": " ".join(failures.permanent),
                "bounced_temporary": " ".join(failures.temporary),
            }
        return values

    @api.model
    def _get_preview(self, message_dict):
        body = message_dict.get("body")
        return html2plaintext(body)[:PREVIEW_CHARS] if body else ""

    @api.model
    def _has_flooded(self, email_from):
        """Whether a sender was told within the last hours that he writes too much."""
        sender = email_normalize(email_from, strict=False)
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=2)
        # sudo: the gateway reads its own log
        return bool(
            sender
            and self.sudo().search_count(
                [
                    ("email_normalized", "=", sender),
                    ("outcome", "=", "flood"),
                    ("date", ">=", since),
                ],
                limit=1,
            )
        )
