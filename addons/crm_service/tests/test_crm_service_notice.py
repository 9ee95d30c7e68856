"""Notices of upgrades: exactly the affected, in time, once each, acknowledged."""

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ServiceCommon, utc


@tagged("post_install", "-at_install")
class TestNotice(ServiceCommon):
    """Three working days of notice; one recipient can be mailed, one cannot."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.crm_service_notice_days = 3
        cls.contract = cls._sign_contract()
        cls.rival_contract = cls._sign_contract(partner_id=cls.rival.id)
        cls.rival_contract.partner_signatory_id = cls.rival_contact

    def notice(self, start="11-30 20:00", end="11-30 22:00", **values):
        return (
            self.env["crm.service.notice"]
            .with_user(self.leader)
            .create(
                {
                    "name": "Upgrade to 2.1",
                    "company_id": self.company.id,
                    "window_start": utc(start),
                    "window_end": utc(end),
                    "contract_ids": [Command.set(self.contract.ids)],
                    "body": "<p>Existing functions stay.</p>",
                    **values,
                }
            )
        )

    def send(self, notice, moment="11-23 10:00"):
        with self.at(moment):
            notice.action_send()
            for recipient in notice.sudo().recipient_ids:
                recipient._send_once()

    def test_exactly_the_affected_customers_are_told(self):
        notice = self.notice()
        self.send(notice)
        recipient = notice.recipient_ids
        self.assertEqual(recipient.partner_id, self.contact)
        self.assertEqual(recipient.state, "sent")
        message = recipient.message_ids.filtered(lambda one: one.notified_partner_ids)
        self.assertEqual(message.notified_partner_ids, self.contact)
        self.assertIn("Existing functions stay", message.body)

    def test_a_recipient_is_told_once_however_often_the_cron_runs(self):
        notice = self.notice()
        self.send(notice)
        messages = notice.recipient_ids.message_ids
        with self.at("11-23 11:00"):
            notice.sudo().recipient_ids._send_once()
        self.assertEqual(notice.recipient_ids.message_ids, messages)

    def test_customers_never_see_one_another(self):
        notice = self.notice(contract_ids=[Command.set((self.contract | self.rival_contract).ids)])
        self.send(notice)
        for recipient in notice.recipient_ids:
            self.assertEqual(recipient.message_ids.notified_partner_ids, recipient.partner_id)

    def test_the_window_cannot_begin_before_the_notice_period_is_over(self):
        # Monday plus three working days is Thursday.
        early = self.notice("11-25 20:00", "11-25 22:00")
        with self.at("11-23 10:00"), self.assertRaisesRegex(UserError, "2026-11-26"):
            early.action_send()
        self.send(self.notice("11-26 00:30", "11-26 02:00"))

    def test_the_work_cannot_start_before_its_window_or_before_it_was_sent(self):
        notice = self.notice()
        with self.assertRaises(UserError):
            notice.action_start()
        self.send(notice)
        with self.at("11-30 19:00"), self.assertRaises(UserError):
            notice.action_start()
        with self.at("11-30 20:00"):
            notice.action_start()
            notice.action_done()
        self.assertEqual(notice.state, "done")

    def test_the_work_waits_until_everybody_was_mailed(self):
        notice = self.notice()
        with self.at("11-23 10:00"):
            notice.action_send()
        with self.at("11-30 20:00"), self.assertRaises(UserError):
            notice.action_start()

    def test_who_cannot_be_mailed_is_listed_with_the_reason(self):
        self.contact.email = False
        notice = self.notice()
        self.send(notice)
        self.assertEqual(notice.recipient_ids.state, "blocked")
        self.assertTrue(notice.recipient_ids.reason)
        self.assertEqual(notice.blocked_count, 1)

    def test_what_customers_were_told_cannot_be_changed(self):
        notice = self.notice()
        self.send(notice)
        with self.assertRaises(UserError):
            notice.window_start = utc("11-29 20:00")
        with self.assertRaises(UserError):
            notice.with_user(self.manager).unlink()

    def test_calling_off_tells_those_who_were_told(self):
        notice = self.notice()
        self.send(notice)
        with self.at("11-24 10:00"):
            notice.action_cancel()
        subjects = notice.recipient_ids.message_ids.mapped("subject")
        self.assertTrue(any("Called off" in (subject or "") for subject in subjects))

    def test_an_acknowledgement_is_recorded_once(self):
        notice = self.notice()
        self.send(notice)
        recipient = notice.recipient_ids.sudo()
        with self.at("11-24 10:00"):
            self.assertTrue(recipient._acknowledge("陈立群"))
        with self.at("11-25 10:00"):
            self.assertFalse(recipient._acknowledge("Somebody"))
        self.assertEqual(recipient.acknowledged_by, "陈立群")
        self.assertEqual(recipient.acknowledged_at, utc("11-24 10:00"))
        self.assertEqual(notice.acknowledged_count, 1)

    def test_only_contracts_in_force_are_affected(self):
        self.contract.action_done()
        with self.assertRaises(ValidationError):
            self.notice()

    def test_a_notice_without_contracts_is_not_sent(self):
        notice = self.notice(contract_ids=[])
        with self.at("11-23 10:00"), self.assertRaises(UserError):
            notice.action_send()
