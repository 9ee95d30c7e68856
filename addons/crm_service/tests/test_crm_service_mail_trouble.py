"""The mail gateway against machines, floods and broken mail."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from .mail_common import TICKET, MailCommon


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
