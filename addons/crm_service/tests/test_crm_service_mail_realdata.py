"""Real mail through the real gateway: hostile headers, odd character sets, bounces of 25 years.

Needs the folder that CRM_REALDATA names; without it the tests are deselected.
"""

import csv
import os
import zipfile
from pathlib import Path

import pytest

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ServiceCommon

TICKET = "crm.service.ticket"
LOG = "crm.service.mail.log"
LOGGERS = ("odoo.addons.mail.models.mail_thread", "odoo.addons.crm_service.models.mail_thread")


@pytest.mark.realdata
@tagged("post_install", "-at_install", "realdata")
class TestRealMail(ServiceCommon):
    """Nothing crashes, nothing loops, nothing is lost, and the answers are bounded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(os.environ["CRM_REALDATA"])
        cls.env["ir.mail_server"].search([]).active = False

    def feed(self, archive):
        """Feed every message of an archive as a mailbox fetched for service would."""
        path = self.folder / archive
        with zipfile.ZipFile(path) as messages:
            names = sorted(name for name in messages.namelist() if not name.endswith("/"))
            for name in names:
                with mute_logger(*LOGGERS):
                    self.env["mail.thread"].message_process(TICKET, messages.read(name))
        return names

    def outcomes(self):
        groups = self.env[LOG]._read_group([], ["outcome"], ["__count"])
        return dict(groups)

    def test_a_mailing_list_archive_with_spam_neither_crashes_nor_loops(self):
        self.env[LOG].search([]).unlink()
        mails = self.env["mail.mail"].sudo().search_count([])
        names = self.feed("9_mail/spamassassin_sample.zip")
        outcomes = self.outcomes()
        self.assertEqual(sum(outcomes.values()), len(names))
        self.assertFalse(outcomes.get("failed"))
        self.assertFalse(outcomes.get("unreadable"))
        bulk = self.env[LOG].search_count(
            [("precedence", "in", ("bulk", "Bulk", "list")), ("outcome", "=", "automatic")]
        )
        self.assertEqual(outcomes["automatic"], bulk)
        tickets = self.env[TICKET].search([("channel", "=", "email")])
        self.assertEqual(len(tickets), outcomes["ticket"])
        # Senders whom nobody knows are answered by nobody but a person.
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), mails)
        again = len(self.env[LOG].search([]))
        self.feed("9_mail/spamassassin_sample.zip")
        self.assertEqual(len(self.env[LOG].search([])), again)

    def test_every_bounce_is_kept_with_its_verdict_and_opens_nothing(self):
        self.env[LOG].search([]).unlink()
        tickets = self.env[TICKET].search_count([])
        names = self.feed("4_campaign/bounces.zip")
        self.assertEqual(self.env[TICKET].search_count([]), tickets)
        logs = self.env[LOG].search([])
        self.assertEqual(sum(self.outcomes().values()), len(logs))
        with (self.folder / "4_campaign/bounces_expected.csv").open() as handle:
            expected = list(csv.DictReader(handle))
        self.assertEqual(len(expected), len(names))
        permanent = sum(bool(row["permanent"]) for row in expected)
        self.assertEqual(
            len(logs.filtered(lambda one: one.bounce_verdict == "permanent")), permanent
        )
        addresses = sum(len(row["permanent"].split()) for row in expected)
        self.assertEqual(sum(len((one.bounced_permanent or "").split()) for one in logs), addresses)
