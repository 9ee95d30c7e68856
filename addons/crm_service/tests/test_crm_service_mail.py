"""The mail gateway: raw messages as the mail server hands them over."""

from email.message import EmailMessage
from email.utils import make_msgid

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ServiceCommon, utc

TICKET = "crm.service.ticket"
HELP = "help@service.example.com"


class MailCommon(ServiceCommon):
    """Sends raw messages through the gateway. No test lives here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Outgoing mail is kept in the queue; nothing leaves a test.
        cls.env["ir.mail_server"].search([]).active = False

    def receive(self, sender="chen@pilot.example.com", subject="The import stops", **options):
        """Hand a message to the gateway and return the tickets and log rows it made."""
        raw = self.compose(sender, subject, **options)
        tickets = self.env[TICKET].search([])
        logs = self.env["crm.service.mail.log"].search([])
        self.env["mail.thread"].message_process(options.get("model"), raw)
        return (
            self.env[TICKET].search([]) - tickets,
            self.env["crm.service.mail.log"].search([]) - logs,
        )

    def compose(
        self,
        sender,
        subject,
        *,
        body="It stops at row 12.",
        to=HELP,
        reply_to=None,
        headers=(),
        message_id=None,
        model=None,
    ):
        message = EmailMessage()
        message["From"] = sender
        message["To"] = to
        message["Subject"] = subject
        message["Message-ID"] = message_id or make_msgid(domain="pilot.example.com")
        # The sender's clock is wrong by years; ours counts.
        message["Date"] = "Mon, 01 Jan 2001 00:00:00 +0000"
        if reply_to is not None:
            message["In-Reply-To"] = reply_to
            message["References"] = reply_to
        for name, value in headers:
            message[name] = value
        message.set_content(body)
        return message.as_bytes()

    def public_message(self, ticket):
        """Return the Message-ID of an answer of ours, to be replied to."""
        return self.reply(ticket, self.agent).message_id


@tagged("post_install", "-at_install")
class TestMailOpensTickets(MailCommon):
    """Mail to a team's address is a ticket of the right customer."""

    def test_mail_from_a_contact_opens_a_ticket_of_that_contact(self):
        with self.at("11-23 10:00"):
            ticket, log = self.receive()
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertEqual(ticket.commercial_partner_id, self.customer)
        self.assertEqual(ticket.team_id, self.team)
        self.assertEqual(ticket.company_id, self.company)
        self.assertEqual(ticket.channel, "email")
        self.assertEqual(ticket.subject, "The import stops")
        self.assertIn("row 12", ticket.description)
        self.assertRegex(ticket.name, r"^T\d+")
        self.assertEqual(log.outcome, "ticket")
        self.assertEqual(log.ticket_id, ticket)

    def test_the_clock_starts_when_we_receive_it_not_when_the_sender_says(self):
        with self.at("11-23 10:00"):
            ticket, _log = self.receive()
        self.assertEqual(ticket.received_at, utc("11-23 10:00"))
        self.assertEqual(ticket.response_deadline, utc("11-23 15:00"))

    def test_an_unknown_sender_of_a_known_company_belongs_to_the_company(self):
        ticket, _log = self.receive("Zhao <zhao@pilot.example.com>")
        self.assertEqual(ticket.partner_id, self.customer)
        self.assertEqual(ticket.email_normalized, "zhao@pilot.example.com")

    def test_an_unknown_sender_waits_in_the_triage_queue(self):
        for sender in ("who@unknown.example.org", "someone@qq.com"):
            ticket, _log = self.receive(sender)
            self.assertFalse(ticket.partner_id)
            self.assertTrue(ticket.next_deadline)

    def test_a_domain_shared_by_two_customers_names_neither(self):
        self.env["res.partner"].create(
            {"name": "姐妹公司", "is_company": True, "email": "office2@pilot.example.com"}
        )
        ticket, _log = self.receive("zhao@pilot.example.com")
        self.assertFalse(ticket.partner_id)

    def test_a_private_mailbox_never_names_a_company(self):
        self.env["res.partner"].create(
            {"name": "小微公司", "is_company": True, "email": "xiaowei@qq.com"}
        )
        ticket, _log = self.receive("other@qq.com")
        self.assertFalse(ticket.partner_id)

    def test_a_mail_without_subject_gets_one(self):
        ticket, _log = self.receive(subject="")
        self.assertTrue(ticket.subject)

    def test_a_mailbox_fetched_for_service_needs_no_alias(self):
        ticket, _log = self.receive(to="old-support@elsewhere.example.com", model=TICKET)
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertFalse(ticket.team_id)

    def test_attachments_are_kept_with_the_ticket(self):
        message = EmailMessage()
        message["From"] = "chen@pilot.example.com"
        message["To"] = HELP
        message["Subject"] = "Screenshot"
        message["Message-ID"] = make_msgid()
        message.set_content("see picture")
        message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="错误.png")
        self.env["mail.thread"].message_process(None, message.as_bytes())
        ticket = self.env[TICKET].search([("subject", "=", "Screenshot")])
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", TICKET), ("res_id", "=", ticket.id)]
        )
        self.assertEqual(attachment.name, "错误.png")

    def test_a_known_sender_is_told_the_number_and_the_promise_once(self):
        with self.at("11-23 10:00"):
            ticket, _log = self.receive()
        receipt = ticket.message_ids.filtered(lambda one: one.message_type == "auto_comment")
        self.assertEqual(len(receipt), 1)
        self.assertIn(ticket.name, receipt.subject)
        self.assertIn(self.contact, receipt.notified_partner_ids)
        mail = self.env["mail.mail"].sudo().search([("mail_message_id", "=", receipt.id)])
        self.assertIn("auto-replied", mail.headers)
        self.assertFalse(ticket.first_response_at)

    def test_a_sender_whom_nobody_knows_is_not_answered_automatically(self):
        ticket, _log = self.receive("who@unknown.example.org")
        self.assertFalse(
            ticket.message_ids.filtered(lambda one: one.message_type == "auto_comment")
        )

    def test_our_answer_reaches_a_sender_who_is_no_contact(self):
        ticket, _log = self.receive("Zhao <zhao@pilot.example.com>")
        answer = self.reply(ticket, self.agent)
        self.assertIn("zhao@pilot.example.com", answer.outgoing_email_to)

    def test_the_same_mail_twice_is_one_ticket(self):
        message_id = make_msgid()
        first, _log = self.receive(message_id=message_id)
        second, log = self.receive(message_id=message_id)
        self.assertTrue(first)
        self.assertFalse(second)
        self.assertFalse(log)


@tagged("post_install", "-at_install")
class TestMailAnswersTickets(MailCommon):
    """A reply goes where it belongs, also when its ticket is finished or merged."""

    def setUp(self):
        super().setUp()
        with self.at("11-23 10:00"):
            self.ticket, _log = self.receive()
            self.answer = self.public_message(self.ticket)

    def test_a_reply_joins_its_ticket(self):
        ticket, log = self.receive(subject="Re: stops", reply_to=self.answer, body="Still stops")
        self.assertFalse(ticket)
        self.assertEqual(log.outcome, "reply")
        self.assertEqual(log.ticket_id, self.ticket)
        self.assertIn("Still stops", self.ticket.message_ids[0].body)

    def test_a_reply_lets_a_waiting_ticket_go_on(self):
        self.ticket._set_kind("waiting", "files")
        self.receive(reply_to=self.answer, body="Here are the files")
        self.assertEqual(self.ticket.kind, "open")
        self.assertFalse(self.ticket.hold_reason)

    def test_a_reply_within_the_window_reopens_a_solved_ticket(self):
        with self.at("11-24 10:00"):
            self.ticket.action_resolve()
        with self.at("11-27 10:00"):
            new, _log = self.receive(reply_to=self.answer)
        self.assertFalse(new)
        self.assertEqual(self.ticket.kind, "open")
        self.assertEqual(self.ticket.reopen_count, 1)

    def test_a_reply_after_the_window_opens_a_new_ticket_that_refers_to_it(self):
        with self.at("11-24 10:00"):
            self.ticket.action_close()
        with self.at("12-10 10:00"):
            new, log = self.receive(reply_to=self.answer)
        self.assertEqual(new.origin_id, self.ticket)
        self.assertEqual(new.partner_id, self.contact)
        self.assertEqual(self.ticket.kind, "closed")
        self.assertEqual(log.outcome, "ticket")

    def test_a_late_word_of_ours_opens_nothing(self):
        with self.at("11-24 10:00"):
            self.ticket.action_close()
        self.agent.partner_id.email = "agent@service.example.com"
        with self.at("12-10 10:00"):
            new, _log = self.receive("agent@service.example.com", reply_to=self.answer)
        self.assertFalse(new)
        self.assertEqual(self.ticket.kind, "closed")

    def test_a_reply_to_a_merged_ticket_goes_to_the_survivor(self):
        survivor = self._create_ticket(subject="The survivor")
        self.ticket._merge_into(survivor)
        new, log = self.receive(reply_to=self.answer, body="one more thing")
        self.assertFalse(new)
        self.assertEqual(log.ticket_id, survivor)
        self.assertIn("one more thing", survivor.message_ids[0].body)

    def test_an_agent_who_answers_by_mail_stops_the_response_clock(self):
        with self.at("11-23 10:00"):
            ticket, _log = self.receive(subject="Another")
        self.agent.partner_id.email = "agent@service.example.com"
        first = ticket.message_ids[-1].message_id
        with self.at("11-23 11:00"):
            self.receive("agent@service.example.com", reply_to=first, body="On it")
        self.assertEqual(ticket.first_response_at, utc("11-23 11:00"))


@tagged("post_install", "-at_install")
class TestMailFromMachines(MailCommon):
    """What machines send never opens, reopens or answers a ticket, and is kept."""

    AUTOMATIC = (
        ("Auto-Submitted", "auto-replied"),
        ("Precedence", "bulk"),
        ("X-Auto-Response-Suppress", "All"),
        ("X-Autoreply", "yes"),
        ("Return-Path", "<>"),
    )

    def test_automatic_mail_opens_no_ticket_and_is_kept_whole(self):
        for header in self.AUTOMATIC:
            mails = self.env["mail.mail"].sudo().search_count([])
            ticket, log = self.receive(headers=[header], body="I am away")
            self.assertFalse(ticket, header)
            self.assertIn(log.outcome, ("automatic", "bounce"))
            self.assertTrue(log.reason)
            self.assertEqual(log.team_id, self.team)
            self.assertIn("I am away", log.preview)
            self.assertTrue(log.original)
            self.assertEqual(self.env["mail.mail"].sudo().search_count([]), mails, header)

    def test_an_absence_note_answers_and_reopens_nothing(self):
        with self.at("11-23 10:00"):
            ticket, _log = self.receive()
            answer = self.public_message(ticket)
        with self.at("11-23 11:00"):
            ticket.action_resolve()
        before = ticket.message_ids
        with self.at("11-23 11:05"):
            _new, log = self.receive(
                subject="自动回复：已收到",
                reply_to=answer,
                headers=[("Auto-Submitted", "auto-replied")],
            )
        self.assertEqual(ticket.kind, "resolved")
        self.assertEqual(ticket.message_ids, before)
        self.assertEqual(log.ticket_id, ticket)
        self.assertEqual(ticket.with_user(self.agent).kept_mail_count, 1)

    def test_an_absence_note_of_an_agent_is_no_answer(self):
        self.agent.partner_id.email = "agent@service.example.com"
        ticket, _log = self.receive()
        first = ticket.message_ids[-1].message_id
        self.receive(
            "agent@service.example.com",
            reply_to=first,
            headers=[("Auto-Submitted", "auto-replied")],
        )
        self.assertFalse(ticket.first_response_at)

    def test_a_delivery_failure_is_kept_with_its_addresses(self):
        raw = b"\n".join(
            (
                b"From: MAILER-DAEMON@mx.example.com",
                b"To: help@service.example.com",
                b"Subject: Undelivered Mail Returned to Sender",
                b"Message-ID: <bounce-1@mx.example.com>",
                b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
                b"",
                b"--b",
                b"Content-Type: text/plain",
                b"",
                b"Sorry.",
                b"--b",
                b"Content-Type: message/delivery-status",
                b"",
                b"Reporting-MTA: dns; mx.example.com",
                b"",
                b"Final-Recipient: rfc822; gone@pilot.example.com",
                b"Action: failed",
                b"Status: 5.1.1",
                b"--b--",
                b"",
            )
        )
        self.env["mail.thread"].message_process(None, raw)
        log = self.env["crm.service.mail.log"].search([("message_id", "ilike", "bounce-1")])
        self.assertEqual(log.outcome, "bounce")
        self.assertEqual(log.bounce_verdict, "permanent")
        self.assertEqual(log.bounced_permanent, "gone@pilot.example.com")

    def test_a_person_can_make_a_ticket_of_kept_mail(self):
        _ticket, log = self.receive(headers=[("Precedence", "bulk")], body="Please help")
        log = log.with_user(self.agent)
        ticket = self.env[TICKET].browse(log.action_create_ticket()["res_id"])
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertIn("Please help", ticket.description)
        self.assertEqual(log.ticket_id, ticket)

    def test_mail_for_other_models_takes_the_hosts_way(self):
        self.env["mail.alias"].create(
            {
                "alias_name": "prospects",
                "alias_domain_id": self.company.alias_domain_id.id,
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        _tickets, logs = self.receive(
            "new@prospect.example.com",
            subject="Automatic reply: a lead",
            to="prospects@service.example.com",
            headers=[("Auto-Submitted", "auto-replied")],
        )
        self.assertFalse(logs)
        self.assertTrue(self.env["crm.lead"].search([("email_from", "ilike", "prospect")]))


@tagged("post_install", "-at_install")
class TestMailTrouble(MailCommon):
    """Floods are capped, broken mail is mended, what fails is kept."""

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_a_flooding_sender_is_capped_warned_once_and_nothing_is_lost(self):
        self.env["ir.config_parameter"].sudo().set_param("mail.gateway.loop.threshold", 5)
        sender = "robot@pilot.example.com"
        mails = self.env["mail.mail"].sudo().search([])
        for number in range(12):
            self.receive(sender, subject=f"Alarm {number}")
        tickets = self.env[TICKET].search([("email_normalized", "=", sender)])
        logs = self.env["crm.service.mail.log"].search([("email_normalized", "=", sender)])
        self.assertEqual(len(tickets), 5)
        self.assertEqual(len(logs), 12)
        self.assertEqual(len(logs.filtered(lambda one: one.outcome == "flood")), 7)
        sent = self.env["mail.mail"].sudo().search([]) - mails
        warnings = sent.filtered(lambda one: "loop-detection" in (one.references or ""))
        self.assertEqual(len(warnings), 1)

    def test_another_sender_is_heard_during_a_flood(self):
        self.env["ir.config_parameter"].sudo().set_param("mail.gateway.loop.threshold", 2)
        for number in range(4):
            self.receive("robot@pilot.example.com", subject=f"Alarm {number}")
        ticket, _log = self.receive()
        self.assertTrue(ticket)

    def test_a_body_in_an_unknown_character_set_is_read(self):
        raw = (
            b"From: chen@pilot.example.com\nTo: help@service.example.com\nSubject: odd\n"
            b"Message-ID: <odd-1@pilot.example.com>\n"
            b"Content-Type: text/plain; charset=ansi_x3.110-1983\n\nreadable words\n"
        )
        self.env["mail.thread"].message_process(None, raw)
        ticket = self.env[TICKET].search([("subject", "=", "odd")])
        self.assertIn("readable words", ticket.description)

    def test_nul_bytes_break_nothing(self):
        raw = self.compose("chen@pilot.example.com", "nul").replace(b"row 12", b"row\x00 12")
        self.env["mail.thread"].message_process(None, raw)
        self.assertTrue(self.env[TICKET].search([("subject", "=", "nul")]))

    def test_a_mail_that_cannot_be_parsed_is_kept(self):
        raw = self.compose("chen@pilot.example.com", "impossible")

        def refuse(*_args, **_kwargs):
            raise LookupError("no way")

        self.patch(self.registry["mail.thread"], "_message_parse_extract_payload", refuse)
        self.assertFalse(self.env["mail.thread"].message_process(None, raw))
        log = self.env["crm.service.mail.log"].search([("subject", "=", "impossible")])
        self.assertEqual(log.outcome, "unreadable")
        self.assertIn("no way", log.reason)
        self.assertTrue(log.original)

    @mute_logger("odoo.addons.crm_service.models.mail_thread")
    def test_a_mail_whose_delivery_fails_is_kept_and_leaves_nothing_half_done(self):
        def refuse(*_args, **_kwargs):
            raise ValueError("broken rule")

        self.team.acknowledge = False
        self.patch(self.registry[TICKET], "_get_speaker", refuse)
        ticket, log = self.receive(subject="fails")
        self.assertFalse(ticket)
        self.assertEqual(log.outcome, "failed")
        self.assertIn("broken rule", log.reason)

    def test_taking_in_a_mail_costs_a_bounded_number_of_queries(self):
        self.receive(subject="warm up")
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        for number in range(10):
            self.receive(subject=f"mail {number}")
        self.env.flush_all()
        each = (self.env.cr.sql_log_count - before) / 10
        self.assertLess(each, 130)
