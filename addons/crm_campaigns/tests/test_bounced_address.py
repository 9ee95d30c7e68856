from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CampaignCommon

REPORT = """Return-Path: <>
From: MAILER-DAEMON@mx.example.org
To: bounce@suite.example.com
Subject: Undelivered Mail Returned to Sender
Message-ID: <{number}@mx.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

Your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}

--B--
"""


@tagged("post_install", "-at_install")
class TestBouncedAddress(CampaignCommon):
    """Bounces suppress: mail that comes back for good is the last one to its address."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.env["res.partner"].create({"name": "Gone", "email": "Gone@example.org"})
        mailing = cls.env["mailing.mailing"].create(
            {
                "subject": "Fair",
                "mailing_model_id": cls.env["ir.model"]._get_id("res.partner"),
            }
        )
        cls.env["mailing.trace"].create(
            {
                "mass_mailing_id": mailing.id,
                "model": "res.partner",
                "res_id": cls.person.id,
                "email": "gone@example.org",
            }
        )

    def _receive(self, address="gone@example.org", action="failed", status="5.1.1", number=1):
        report = REPORT.format(address=address, action=action, status=status, number=number)
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, report)

    def _refusal(self, purpose="marketing"):
        people = self.person.with_user(self.marketer)
        return people._get_contact_refusals("email", purpose).get(self.person.id)

    def test_a_permanent_failure_stops_marketing_and_surveys_but_no_service_message(self):
        self.assertFalse(self._refusal())
        self._receive()
        self.assertEqual(self._refusal(), "bounced")
        self.assertEqual(self._refusal("survey"), "bounced")
        self.assertFalse(self._refusal("service"))
        self.assertIn(
            "came back", self.person._explain_contactable("email", "marketing")[self.person.id]
        )

    def test_the_customer_form_says_so_where_it_shows_who_may_be_contacted(self):
        self.assertNotIn("came back", self.person.crm_contact_matrix)
        self._receive()
        self.env.invalidate_all()
        self.assertIn("Mail to this address came back", self.person.crm_contact_matrix)

    def test_every_report_counts_and_the_address_stands_once(self):
        self._receive()
        self._receive(number=2)
        rows = self.env["crm.bounced.address"].with_user(self.marketer).search([])
        rows = rows.filtered(lambda row: row.email == "gone@example.org")
        self.assertEqual(rows.mapped("bounce_count"), [2])

    def test_a_delay_stops_nothing(self):
        self._receive(action="delayed", status="4.2.2")
        self.assertFalse(self._refusal())

    def test_a_report_about_somebody_we_never_wrote_to_stops_nothing(self):
        other = self.env["res.partner"].create({"name": "Other", "email": "other@example.org"})
        self._receive("other@example.org")
        self.assertFalse(other._get_contact_refusals("email", "marketing"))

    def test_mail_from_the_address_lifts_it(self):
        self._receive()
        letter = "From: gone@example.org\nTo: sales@suite.example.com\nSubject: Hello\n\nHi\n"
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process("res.partner", letter)
        self.assertFalse(self._refusal())

    def test_only_a_marketing_manager_lifts_it_by_hand(self):
        self._receive()
        row = self.env["crm.bounced.address"].search([("email", "=", "gone@example.org")])
        with self.assertRaises(AccessError):
            row.with_user(self.marketer).unlink()
        row.with_user(self.marketing_manager).unlink()
        self.assertFalse(self._refusal())
