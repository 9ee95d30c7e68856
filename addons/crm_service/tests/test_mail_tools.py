"""Mail written by machines, broken mail, company domains and seals, without a database."""

import email
import email.policy

from odoo.tests import BaseCase, tagged

from odoo.addons.crm_customers.tools.delivery import delivery_failures

from ..tools import mail_domains, mail_kind, mail_repair, seal


def message(*headers, body="Hello"):
    """Parse a raw message the way the gateway does."""
    raw = "\n".join(("From: Li <li@customer.example.com>", "To: help@x.cn", *headers, "", body))
    return email.message_from_bytes(raw.encode(), policy=email.policy.SMTP)


@tagged("post_install", "-at_install")
class TestMailKind(BaseCase):
    """Machines are told from people by what they really send."""

    def test_automatic_mail_is_recognised_with_its_reason(self):
        for header, reason in (
            ("Auto-Submitted: auto-replied", mail_kind.AUTO_SUBMITTED),
            ("Auto-Submitted: auto-generated; owner-email=x", mail_kind.AUTO_SUBMITTED),
            ("Precedence: bulk", mail_kind.BULK),
            ("Precedence: List", mail_kind.BULK),
            ("Precedence: junk", mail_kind.BULK),
            ("Precedence: auto_reply", mail_kind.BULK),
            ("X-Auto-Response-Suppress: All", mail_kind.SUPPRESSED),
            ("X-Auto-Response-Suppress: DR, OOF, AutoReply", mail_kind.SUPPRESSED),
            ("X-Autoreply: yes", mail_kind.OUT_OF_OFFICE),
            ("X-Autorespond: 1", mail_kind.OUT_OF_OFFICE),
            ("Subject: Automatic reply: Import stops", mail_kind.OUT_OF_OFFICE),
            ("Subject: Out of Office: back on Monday", mail_kind.OUT_OF_OFFICE),
            ("Subject: Re: Out of office", mail_kind.OUT_OF_OFFICE),
            ("Subject: 自动回复：系统报错", mail_kind.OUT_OF_OFFICE),
            ("Subject: 自动答复: 您好", mail_kind.OUT_OF_OFFICE),
            ("Return-Path: <>", mail_kind.BOUNCE),
            ("Subject: Undelivered Mail Returned to Sender", mail_kind.BOUNCE),
            ("Subject: 系统退信", mail_kind.BOUNCE),
            (
                "Content-Type: multipart/report; report-type=disposition-notification;"
                ' boundary="x"',
                mail_kind.RECEIPT,
            ),
            (
                'Content-Type: multipart/report; report-type=delivery-status; boundary="x"',
                mail_kind.BOUNCE,
            ),
        ):
            self.assertEqual(mail_kind.automatic_reason(message(header)), reason, header)

    def test_mail_that_people_write_is_not_automatic(self):
        for header in (
            "Subject: The import stops",
            "Subject: Out of office printer is broken",
            "Subject: How do I set an automatic reply?",
            "Subject: 如何设置自动回复",
            "Subject: Re: returned goods",
            "Auto-Submitted: no",
            "Precedence: normal",
            "X-Auto-Response-Suppress: OOF",
            "Return-Path: <li@customer.example.com>",
            "List-Id: <users.example.com>",
        ):
            self.assertIsNone(mail_kind.automatic_reason(message(header)), header)

    def test_the_addresses_of_a_delivery_failure_are_read(self):
        report = "\n".join(
            (
                "From: MAILER-DAEMON@mx.example.com",
                'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
                "",
                "--b",
                "Content-Type: text/plain",
                "",
                "Sorry.",
                "--b",
                "Content-Type: message/delivery-status",
                "",
                "Reporting-MTA: dns; mx.example.com",
                "",
                "Final-Recipient: rfc822; gone@customer.example.com",
                "Action: failed",
                "Status: 5.1.1",
                "--b--",
            )
        )
        parsed = email.message_from_bytes(report.encode(), policy=email.policy.SMTP)
        failures = delivery_failures(parsed)
        self.assertEqual(failures.permanent, ("gone@customer.example.com",))
        self.assertEqual(failures.verdict, "permanent")
        self.assertEqual(delivery_failures(message()).verdict, "none")

    def test_headers_that_cannot_be_parsed_are_read_roughly(self):
        raw = b"From: a@b.cn\r\nTo: help@x.cn,\r\n  b@x.cn\r\nSubject: \xff\xfe\r\n\r\nbody"
        found = mail_kind.rough_headers(raw)
        self.assertEqual(found["email_from"], "a@b.cn")
        self.assertEqual(found["recipients"], "help@x.cn, b@x.cn")
        self.assertTrue(found["subject"])


@tagged("post_install", "-at_install")
class TestMailRepair(BaseCase):
    """Broken mail is mended so that its words survive."""

    def test_an_unknown_character_set_is_replaced_by_one_that_fits(self):
        for charset, encoded, text in (
            ("ansi_x3.110-1983", b"plain words", "plain words"),
            ("x-unknown", "中文内容".encode(), "中文内容"),
            ("gb-strange", "中文内容".encode("gb18030"), "中文内容"),
        ):
            raw = (
                f"From: a@b.cn\nContent-Type: text/plain; charset={charset}\n"
                "Content-Transfer-Encoding: 8bit\n\n"
            ).encode() + encoded
            parsed = email.message_from_bytes(raw, policy=email.policy.SMTP)
            mail_repair.mend_charsets(parsed)
            self.assertEqual(parsed.get_content().strip(), text)

    def test_a_known_character_set_is_left_alone(self):
        parsed = email.message_from_bytes(
            b"Content-Type: text/plain; charset=gb2312\n\nx", policy=email.policy.SMTP
        )
        mail_repair.mend_charsets(parsed)
        self.assertEqual(parsed.get_param("charset"), "gb2312")

    def test_a_date_that_cannot_be_stored_is_noticed(self):
        self.assertTrue(mail_repair.is_readable_date("2026-11-22 10:00:00"))
        self.assertTrue(mail_repair.is_readable_date(False))
        for text in ("102-09-05 10:00:00", "0102-09-05 10:00:00", "yesterday"):
            self.assertFalse(mail_repair.is_readable_date(text))

    def test_headers_that_cannot_be_folded_again_are_kept_as_they_came(self):
        raw = "Subject: Ваше сообщение не доставлено\n\nbody".encode("koi8-r")
        parsed = email.message_from_bytes(raw, policy=email.policy.SMTP)
        self.assertIn("Ваше сообщение".encode("koi8-r"), mail_repair.source(parsed))

    def test_nul_bytes_are_taken_out(self):
        self.assertEqual(mail_repair.without_nul(b"a\x00b"), b"ab")


@tagged("post_install", "-at_install")
class TestMailDomains(BaseCase):
    """A mail domain names a company unless anybody can have a mailbox there."""

    def test_providers_of_private_mailboxes_name_no_company(self):
        for address in ("li@qq.com", "li@163.com", "li@GMAIL.com", "", None, "li", "li@"):
            self.assertEqual(mail_domains.company_domain(address), "")
        self.assertEqual(mail_domains.company_domain("li@Huaxin.com.cn"), "huaxin.com.cn")


@tagged("post_install", "-at_install")
class TestSeal(BaseCase):
    """A fingerprint depends on every word of a content and on nothing else."""

    def test_the_same_content_has_the_same_fingerprint_in_any_order(self):
        one = {"a": "验收", "b": [1, {"c": "", "d": "x"}]}
        other = {"b": [1, {"d": "x", "c": ""}], "a": "验收"}
        self.assertEqual(seal.fingerprint(one), seal.fingerprint(other))

    def test_one_changed_letter_changes_the_fingerprint(self):
        self.assertNotEqual(
            seal.fingerprint({"defects": ["slow"]}), seal.fingerprint({"defects": ["slew"]})
        )

    def test_anyone_can_check_it_with_common_tools(self):
        # printf '{"a":"验收"}' | sha256sum
        self.assertEqual(
            seal.fingerprint({"a": "验收"}),
            seal.bytes_fingerprint('{"a":"验收"}'.encode()),
        )
