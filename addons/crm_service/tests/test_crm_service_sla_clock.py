"""The clocks in the database: what starts, holds, stops and voids them."""

import pytz
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ServiceCommon, utc

NEW_YORK = pytz.timezone("America/New_York")


@tagged("post_install", "-at_install")
class TestSlaClockRules(ServiceCommon):
    """What clocks do besides the examples."""

    def setUp(self):
        super().setUp()
        with self.at("11-23 10:00"):
            self.ticket = self._create_ticket()

    def test_only_a_person_of_ours_answering_in_public_stops_the_response(self):
        clock = self.clock(self.ticket, "response")
        with self.at("11-23 10:10"):
            self.ticket.with_user(self.agent).message_post(body="note", message_type="comment")
            self.ticket.message_post(body="bot", subtype_xmlid="mail.mt_comment")
            self.ticket.message_post(
                body="received", message_type="auto_comment", subtype_xmlid="mail.mt_comment"
            )
            self.ticket.message_post(
                body="absent",
                message_type="out_of_office",
                subtype_xmlid="mail.mt_comment",
                author_id=self.agent.partner_id.id,
            )
            self.reply(self.ticket, self.portal_user, "more details")
        self.assertFalse(clock.stopped_at)
        self.assertFalse(self.ticket.first_response_at)
        with self.at("11-23 10:20"):
            self.reply(self.ticket, self.agent)
        self.assertEqual(clock.stopped_at, utc("11-23 10:20"))

    def test_resolving_stops_the_response_too(self):
        with self.at("11-23 11:00"):
            self.ticket.action_resolve()
        self.assertEqual(self.clock(self.ticket, "response").state, "met")

    def test_cancelling_voids_the_clocks(self):
        with self.at("11-25 11:00"):
            self.ticket.action_cancel()
        for metric in ("response", "resolution"):
            clock = self.clock(self.ticket, metric)
            self.assertEqual(clock.state, "void")
        self.assertFalse(self.ticket.next_deadline)
        self.assertFalse(self.ticket.response_deadline)

    def test_taking_a_cancellation_back_promises_anew(self):
        with self.at("11-23 11:00"):
            self.ticket.action_cancel()
        with self.at("11-25 10:00"):
            self.ticket.action_resume()
        self.assertEqual(self.ticket.resolution_deadline, utc("11-26 10:00"))
        self.assertEqual(len(self.ticket.clock_ids), 4)

    def test_the_first_response_never_pauses(self):
        with self.at("11-23 11:00"):
            self.ticket._set_kind("waiting", "files")
        self.assertEqual(self.ticket.response_deadline, utc("11-23 15:00"))
        self.assertEqual(self.ticket.next_deadline, utc("11-23 15:00"))

    def test_a_withdrawn_promise_clears_its_clock(self):
        self.policy.target_ids.filtered(lambda one: one.metric == "response").unlink()
        with self.at("11-23 10:30"):
            self.ticket._sla_apply_policy()
        self.assertEqual(self.clock(self.ticket, "response").state, "void")
        self.assertEqual(self.clock(self.ticket).state, "running")

    def test_a_pause_survives_another_policy(self):
        with self.at("11-23 11:00"):
            self.ticket._set_kind("waiting", "files")
        self._create_policy("Gold", {"resolution": 4}, partner_id=self.customer.id)
        with self.at("11-26 11:00"):
            self.ticket.priority = "2"
        clock = self.clock(self.ticket)
        self.assertEqual(clock.target_s, 4 * 3600)
        self.assertFalse(clock.running_since)
        self.assertFalse(clock.breached_at)
        with self.at("11-27 09:00"):
            self.ticket.action_resume()
        self.assertEqual(self.ticket.resolution_deadline, utc("11-27 12:00"))
        self.assert_ledgers_prove_clocks(self.ticket)

    def test_other_working_hours_apply_from_the_change_on(self):
        with self.at("11-23 18:00"):
            self._create_policy(
                "Gold", {"resolution": 8}, partner_id=self.customer.id, around_the_clock=True
            )
            self.ticket._sla_apply_policy()
        # Seven hours were used in office hours, the last one counts around the clock.
        self.assertEqual(self.ticket.resolution_deadline, utc("11-23 19:00"))
        self.assert_ledgers_prove_clocks(self.ticket)

    def test_time_used_stays_used_when_the_past_is_declared_a_holiday(self):
        with self.at("11-24 09:30"):
            self._create_leave("11-23 00:00", "11-24 00:00")
            self.env.cr.flush()
        clock = self.clock(self.ticket)
        self.assertEqual(clock.elapsed_s, 7.5 * 3600)
        self.assertEqual(self.ticket.resolution_deadline, utc("11-24 10:00"))
        self.assert_ledgers_prove_clocks(self.ticket)

    def test_time_used_stays_used_when_the_weekly_hours_shrink(self):
        with self.at("11-24 09:30"):
            self.calendar.attendance_ids.filtered(lambda one: one.hour_from == 9).unlink()
            self.env.cr.flush()
        self.assertEqual(self.clock(self.ticket).elapsed_s, 7.5 * 3600)
        self.assertEqual(self.ticket.resolution_deadline, utc("11-24 13:30"))
        self.assert_ledgers_prove_clocks(self.ticket)

    def test_a_suspended_contract_holds_every_clock_until_it_runs_again(self):
        contract = self._sign_contract()
        with self.at("11-23 10:00"):
            self.ticket.contract_id = contract
        with self.at("11-23 11:00"):
            contract._suspend("flood")
            self.assertFalse(self.ticket.next_deadline)
            later = self._create_ticket(contract_id=contract.id)
            self.assertFalse(later.next_deadline)
        with self.at("11-25 11:00"):
            contract.action_resume()
        self.assertEqual(self.ticket.response_deadline, utc("11-25 15:00"))
        self.assertEqual(self.ticket.resolution_deadline, utc("11-26 10:00"))
        self.assertEqual(later.resolution_deadline, utc("11-26 11:00"))
        self.assert_ledgers_prove_clocks(self.ticket | later)

    def test_a_ticket_can_have_one_running_clock_per_promise(self):
        values = {
            "ticket_id": self.ticket.id,
            "company_id": self.company.id,
            "metric": "resolution",
            "target_s": 60,
            "started_at": utc("11-23 10:00"),
        }
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env["crm.service.sla.clock"].create(values)

    def test_the_ledger_cannot_be_changed_or_deleted(self):
        event = self.clock(self.ticket).event_ids[:1]
        with self.assertRaises(UserError):
            event.reason = "nothing happened"
        with self.assertRaises(UserError):
            event.unlink()

    def test_thanks_needs_no_answer(self):
        self.policy.target_ids = [Command.create({"metric": "next_response", "minutes": 120})]
        with self.at("11-23 10:30"):
            self.reply(self.ticket, self.agent)
            self.reply(self.ticket, self.portal_user, "Thanks")
        self.assertTrue(self.ticket.awaits_answer)
        with self.at("11-23 10:40"):
            self.ticket.with_user(self.agent).action_no_answer_needed()
        self.assertEqual(self.clock(self.ticket, "next_response").state, "void")
        self.assertFalse(self.ticket.awaits_answer)
