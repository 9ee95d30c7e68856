"""The mail gateway: raw messages as the mail server hands them over."""

from email.message import EmailMessage
from email.utils import make_msgid

from odoo.tests import tagged

from .common import utc
from .mail_common import HELP, TICKET, MailCommon


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
