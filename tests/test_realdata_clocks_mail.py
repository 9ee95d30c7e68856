"""Data that nobody here wrote: working days, deadlines, a mail archive, delivery failures."""

import pytest
from realdata import bounces, mail, sla_vectors, workdays
from realdata.gateway import LOG
from realdata_figures import RealDataCase

from odoo.tests import tagged
from odoo.tools import mute_logger

LOGGERS = ("odoo.addons.mail.models.mail_thread", "odoo.addons.crm_service.models.mail_thread")


@pytest.mark.realdata
@tagged("post_install", "-at_install", "-standard", "realdata")
class TestClocksOfThirdParties(RealDataCase):
    """The official holidays make the published working days, the planner the deadlines."""

    def test_working_days_are_the_published_ones(self):
        _paths, days = self.load(workdays)
        self.compare(workdays, days)

    def test_deadlines_are_the_published_ones(self):
        _paths, vectors = self.load(sla_vectors)
        ours = self.compare(sla_vectors, vectors, ["agreeing_deadlines"])
        self.assertEqual(ours["agreeing_deadlines", "all"], len(vectors))


@pytest.mark.realdata
@tagged("post_install", "-at_install", "-standard", "realdata")
class TestMailOfThirdParties(RealDataCase):
    """Every message is in the log, none opens a loop, and every failure has its verdict."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.mail_server"].search([]).active = False

    def test_the_archive_stands_in_the_log_and_nobody_is_written_to(self):
        mails = self.env["mail.mail"].search_count([])
        with mute_logger(*LOGGERS):
            _paths, entries = self.load(mail)
        self.compare(mail, entries, ["messages"])
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        logs = self.env[LOG].browse(entries.values())
        self.assertFalse(logs.filtered(lambda log: log.outcome in ("failed", "unreadable")))
        self.assertFalse(
            logs.filtered(lambda log: log.outcome not in ("ticket", "reply") and not log.original)
        )

    def test_a_second_delivery_leaves_nothing(self):
        with mute_logger(*LOGGERS):
            paths, _entries = self.load(mail)
            _paths, again = self.load(mail)
        self.assertEqual(set(again.values()), {0}, paths)

    def test_every_delivery_failure_has_the_published_verdict(self):
        tickets = self.env["crm.service.ticket"].search_count([])
        with mute_logger(*LOGGERS):
            _paths, loaded = self.load(bounces)
        ours = self.compare(bounces, loaded, ["agreeing_messages"])
        self.assertEqual(ours["agreeing_messages", "all"], len(loaded.rows))
        self.assertEqual(self.env["crm.service.ticket"].search_count([]), tickets)
