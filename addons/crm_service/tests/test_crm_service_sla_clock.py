"""The clocks in the database: examples of the specification, policies, breaches, ledgers."""

from datetime import timedelta

import pytz
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ServiceCommon, utc

NEW_YORK = pytz.timezone("America/New_York")


@tagged("post_install", "-at_install")
class TestSlaExamplesInTheDatabase(ServiceCommon):
    """The worked examples that need tickets, stages, messages and calendars."""

    def start(self, moment, **values):
        with self.at(moment):
            return self._create_ticket(**values)

    def set_hours(self, response=None, resolution=None, **values):
        self.policy.target_ids.unlink()
        hours = {"response": response, "resolution": resolution, **values}
        self.policy.target_ids = [
            Command.create({"metric": metric, "minutes": value * 60})
            for metric, value in hours.items()
            if value
        ]

    def test_01_to_09_deadlines_of_new_tickets_count_working_hours(self):
        for moment, hours, expected in (
            ("11-23 10:00", 4, "11-23 15:00"),
            ("11-23 09:00", 8, "11-23 18:00"),
            ("11-23 17:30", 1, "11-24 09:30"),
            ("11-27 17:59", 1, "11-30 09:59"),
            ("11-28 10:00", 4, "11-30 14:00"),
            ("11-23 12:30", 1, "11-23 14:00"),
            ("09-30 17:00", 4, "10-08 12:00"),
            ("10-09 17:00", 4, "10-10 12:00"),
            ("09-18 17:30", 2, "09-20 10:30"),
        ):
            self.set_hours(resolution=hours)
            ticket = self.start(moment)
            self.assertEqual(ticket.resolution_deadline, utc(expected), moment)

    def test_08_without_the_make_up_day_the_deadline_is_on_monday(self):
        self.calendar.crm_makeup_ids.unlink()
        self.set_hours(resolution=4)
        self.assertEqual(self.start("10-09 17:00").resolution_deadline, utc("10-12 12:00"))

    def test_10_a_policy_around_the_clock_counts_every_hour(self):
        self.set_hours(resolution=1)
        self.policy.around_the_clock = True
        self.assertEqual(self.start("09-30 23:30").resolution_deadline, utc("10-01 00:30"))

    def test_11_waiting_moves_the_deadline_by_the_time_held(self):
        ticket = self.start("11-23 10:00")
        with self.at("11-23 11:00"):
            ticket._set_kind("waiting", "log files")
            self.assertFalse(ticket.resolution_deadline)
        with self.at("11-24 16:00"):
            ticket.action_resume()
        self.assertEqual(ticket.resolution_deadline, utc("11-25 15:00"))
        self.assertEqual(
            self.clock(ticket).event_ids.filtered(lambda one: one.kind == "pause").reason,
            "log files",
        )
        self.assert_ledgers_prove_clocks(ticket)

    def test_12_waiting_over_the_night_moves_nothing(self):
        self.set_hours(resolution=16)
        ticket = self.start("11-27 10:00")
        with self.at("11-27 19:00"):
            ticket._set_kind("waiting", "an answer")
        with self.at("11-28 10:00"):
            ticket.action_resume()
        self.assertEqual(ticket.resolution_deadline, utc("12-01 10:00"))

    def test_13_another_priority_swaps_the_target_and_keeps_the_time_used(self):
        for before, after, expected in ((16, 8, "11-24 10:00"), (8, 16, "11-25 10:00")):
            self.policy.target_ids.unlink()
            self.policy.target_ids = [
                Command.create({"metric": "resolution", "priority": "1", "minutes": before * 60}),
                Command.create({"metric": "resolution", "priority": "2", "minutes": after * 60}),
            ]
            ticket = self.start("11-23 10:00")
            with self.at("11-23 15:00"):
                ticket.priority = "2"
            self.assertEqual(ticket.resolution_deadline, utc(expected))
            self.assert_ledgers_prove_clocks(ticket)

    def test_14_an_overspent_target_is_broken_when_it_was_changed(self):
        self.set_hours(resolution=16)
        ticket = self.start("11-23 10:00")
        self.set_hours(resolution=8)
        with self.at("11-24 11:00"):
            self.policy.with_user(self.manager).action_reapply()
        clock = self.clock(ticket)
        self.assertEqual(clock.breached_at, utc("11-24 11:00"))
        self.assertEqual(clock.cause, "policy_change")
        self.assert_ledgers_prove_clocks(ticket)

    def test_15_reopening_goes_on_where_it_stopped(self):
        ticket = self.start("11-23 10:00")
        with self.at("11-23 15:00"):
            ticket.action_resolve()
        self.assertEqual(self.clock(ticket).state, "met")
        with self.at("11-26 10:00"):
            ticket.action_resume()
        self.assertEqual(ticket.resolution_deadline, utc("11-26 15:00"))
        self.assertEqual(ticket.reopen_count, 1)
        self.assertFalse(ticket.resolved_at)
        self.assert_ledgers_prove_clocks(ticket)

    def test_16_the_next_response_counts_from_the_oldest_unanswered_message(self):
        self.set_hours(response=4, next_response=2)
        ticket = self.start("11-23 10:00")
        with self.at("11-23 10:30"):
            self.reply(ticket, self.agent)
        for moment in ("11-23 11:30", "11-23 14:00"):
            with self.at(moment):
                self.reply(ticket, self.portal_user, "Any news?")
        clock = self.clock(ticket, "next_response")
        self.assertEqual(clock.started_at, utc("11-23 11:30"))
        self.assertEqual(ticket.next_deadline, utc("11-23 14:30"))
        with self.at("11-23 14:20"):
            self.reply(ticket, self.agent)
        self.assertEqual(clock.state, "met")
        self.assertFalse(ticket.next_deadline)

    def test_17_a_merge_takes_the_earliest_start_and_the_most_time_used(self):
        merged = self.start("11-23 09:00")
        survivor = self.start("11-23 10:00")
        self.assertEqual(survivor.resolution_deadline, utc("11-24 10:00"))
        with self.at("11-23 11:00"):
            merged._merge_into(survivor)
        self.assertEqual(survivor.resolution_deadline, utc("11-23 18:00"))
        self.assertEqual(survivor.received_at, utc("11-23 09:00"))
        self.assertEqual(self.clock(merged).state, "void")
        self.assert_ledgers_prove_clocks(merged | survivor)

    def test_18_an_answer_at_the_weekend_uses_no_working_time(self):
        self.set_hours(response=1)
        ticket = self.start("11-27 19:00")
        self.assertEqual(ticket.response_deadline, utc("11-30 10:00"))
        with self.at("11-28 10:00"):
            self.reply(ticket, self.agent)
        clock = self.clock(ticket, "response")
        self.assertEqual(clock.state, "met")
        self.assertEqual(clock.elapsed_s, 0)
        self.assertEqual(ticket.first_response_at, utc("11-28 10:00"))

    def test_19_and_20_the_zone_is_the_calendars_never_the_users(self):
        self.agent.tz = "Europe/Berlin"
        for spans, days, start, hours, expected in (
            ([(9, 17)], 5, "03-06 16:00", 2, "03-09 10:00"),
            ([(0, 24)], 7, "03-07 22:00", 8, "03-08 07:00"),
            ([(0, 24)], 7, "10-31 22:00", 8, "11-01 05:00"),
        ):
            self.policy.calendar_id = self.env["resource.calendar"].create(
                {
                    "name": "New York",
                    "tz": "America/New_York",
                    "company_id": self.company.id,
                    "attendance_ids": [
                        Command.clear(),
                        *(
                            Command.create(
                                {
                                    "name": str(day),
                                    "dayofweek": str(day),
                                    "hour_from": first,
                                    "hour_to": last,
                                    "day_period": "full_day",
                                }
                            )
                            for day in range(days)
                            for first, last in spans
                        ),
                    ],
                }
            )
            self.set_hours(resolution=hours)
            moment = utc(start, NEW_YORK) + timedelta(hours=8)
            ticket = self.start(moment.strftime("%m-%d %H:%M"), user=self.agent)
            self.assertEqual(ticket.resolution_deadline, utc(expected, NEW_YORK))

    def test_21_a_leave_added_while_the_clock_runs_moves_its_deadline(self):
        self.set_hours(resolution=1)
        ticket = self.start("11-23 17:30")
        with self.at("11-23 17:45"):
            self._create_leave("11-24 00:00", "11-25 00:00")
            self.env.cr.flush()
        self.assertEqual(ticket.resolution_deadline, utc("11-25 09:30"))
        self.assert_ledgers_prove_clocks(ticket)

    def test_22_a_defect_is_rectified_in_ten_working_days(self):
        contract = self._sign_contract(rectify_days=10)
        acceptance = self.env["crm.service.acceptance"].create(
            {
                "contract_id": contract.id,
                "date_delivered": "2026-09-25",
                "item_ids": [Command.create({"name": "Import"})],
            }
        )
        with self.at("09-25 10:00"):
            acceptance.action_submit()
        with self.at("09-28 15:00"):
            defect = acceptance._add_defect({"subject": "Stops", "partner_id": self.contact.id})
        self.assertEqual(defect.resolution_deadline, utc("10-16 18:00"))
        self.calendar.crm_makeup_ids.unlink()
        with self.at("09-28 16:00"):
            self.env.cr.flush()
            other = acceptance._add_defect({"subject": "Slow", "partner_id": self.contact.id})
        self.assertEqual(other.resolution_deadline, utc("10-19 18:00"))


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


@tagged("post_install", "-at_install")
class TestSlaPolicyChoice(ServiceCommon):
    """Exactly one policy applies: the most specific, then the first in sequence."""

    def test_contract_before_customer_before_category_before_team_before_company(self):
        contract = self._sign_contract()
        category = self.env["crm.service.category"].create({"name": "Fault"})
        below = self.env["crm.service.category"].create({"name": "Crash", "parent_id": category.id})
        ladder = [
            self._create_policy("Contract", {"response": 1}, contract_id=contract.id),
            self._create_policy("Customer", {"response": 1}, partner_id=self.customer.id),
            self._create_policy("Category", {"response": 1}, category_id=category.id),
            self._create_policy("Team", {"response": 1}, team_id=self.team.id),
            self.policy,
        ]
        ticket = self._create_ticket(contract_id=contract.id, category_id=below.id)
        for policy in ladder:
            self.assertEqual(ticket.sla_policy_id, policy)
            policy.active = False
            ticket._sla_apply_policy()
        self.assertFalse(ticket.sla_policy_id)
        self.assertFalse(ticket.next_deadline)

    def test_every_condition_of_a_policy_must_hold(self):
        other = self.env["crm.service.team"].create(
            {"name": "Other", "company_id": self.company.id}
        )
        self._create_policy("Both", {"response": 1}, partner_id=self.customer.id, team_id=other.id)
        self.assertEqual(self._create_ticket().sla_policy_id, self.policy)
        self.assertEqual(self._create_ticket(team_id=other.id).sla_policy_id.name, "Both")

    def test_among_equals_the_sequence_decides(self):
        self._create_policy("Second", {"response": 1}, team_id=self.team.id, sequence=20)
        first = self._create_policy("First", {"response": 1}, team_id=self.team.id, sequence=5)
        self.assertEqual(self._create_ticket().sla_policy_id, first)

    def test_a_target_for_the_priority_goes_before_one_for_all(self):
        self.policy.target_ids = [
            Command.create({"metric": "resolution", "priority": "3", "minutes": 120})
        ]
        urgent, normal = self._create_ticket(priority="3"), self._create_ticket()
        self.assertEqual(self.clock(urgent).target_s, 7200)
        self.assertEqual(self.clock(normal).target_s, 8 * 3600)

    def test_the_calendar_is_the_policys_else_the_contracts_else_the_teams(self):
        theirs = self.calendar.copy({"name": "Contract hours"})
        contract = self._sign_contract()
        contract.calendar_id = theirs
        self.assertEqual(self.clock(self._create_ticket()).calendar_id, self.calendar)
        ticket = self._create_ticket(contract_id=contract.id)
        self.assertEqual(self.clock(ticket).calendar_id, theirs)
        own = self.policy.calendar_id = self.calendar.copy({"name": "Policy hours"})
        ticket._sla_apply_policy()
        self.assertEqual(self.clock(ticket).calendar_id, own)

    def test_an_edited_policy_changes_new_tickets_only_until_it_is_reapplied(self):
        ticket = self._create_ticket()
        self.policy.target_ids.filtered(lambda one: one.metric == "resolution").minutes = 60
        self.assertEqual(self.clock(ticket).target_s, 8 * 3600)
        self.assertEqual(self.clock(self._create_ticket()).target_s, 3600)
        self.policy.action_reapply()
        self.assertEqual(self.clock(ticket).target_s, 3600)

    def test_a_policy_of_another_company_never_applies(self):
        self.policy.active = False
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["crm.service.sla.policy"].create(
            {
                "name": "Foreign",
                "company_id": elsewhere.id,
                "target_ids": [Command.create({"metric": "response", "minutes": 60})],
            }
        )
        self.assertFalse(self._create_ticket().sla_policy_id)

    def test_a_target_must_be_longer_than_zero_and_unique(self):
        empty, double = {"metric": "resolution", "minutes": 0}, {"metric": "response", "minutes": 9}
        for values in (empty, double):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.policy.target_ids = [Command.create(values)]


@tagged("post_install", "-at_install")
class TestSlaBreach(ServiceCommon):
    """Broken promises are noticed once, at their own time, by as little work as possible."""

    def setUp(self):
        super().setUp()
        with self.at("11-23 10:00"):
            self.ticket = self._create_ticket(user_id=self.agent.id)
        self.clocks = self.env["crm.service.sla.clock"]

    def mark(self, moment):
        with self.at(moment) as now:
            breached = self.clocks._mark_breached(now, 1000)
            breached.ticket_id._notify_breach(breached)
        return breached.filtered(lambda one: one.ticket_id == self.ticket)

    def test_a_clock_is_late_after_its_deadline_not_at_it(self):
        self.assertFalse(self.mark("11-23 15:00"))
        self.assertEqual(self.mark("11-23 15:01").metric, "response")

    def test_the_breach_carries_the_deadlines_own_time_and_is_told_once(self):
        breached = self.mark("11-24 09:00")
        self.assertEqual(breached.breached_at, utc("11-23 15:00"))
        self.assertFalse(self.mark("11-24 09:05"))
        self.assertEqual(len(self.ticket.activity_ids), 1)
        self.assertEqual(self.ticket.activity_ids.user_id, self.agent)
        self.assert_ledgers_prove_clocks(self.ticket)
        self.assertTrue(self.ticket.sla_missed)
        found = self.env["crm.service.ticket"].search(
            [("sla_missed", "=", True), ("id", "=", self.ticket.id)]
        )
        self.assertEqual(found, self.ticket)

    def test_an_unassigned_ticket_is_told_to_the_team_leader(self):
        self.ticket.user_id = False
        self.mark("11-24 09:00")
        self.assertEqual(self.ticket.activity_ids.user_id, self.leader)

    def test_a_held_clock_is_never_broken(self):
        with self.at("11-23 10:30"):
            self.reply(self.ticket, self.agent)
            self.ticket._set_kind("waiting", "files")
        self.assertFalse(self.mark("12-23 10:30"))

    def test_a_late_answer_is_broken_at_the_deadline_without_any_cron(self):
        with self.at("11-23 17:00"):
            self.reply(self.ticket, self.agent)
        clock = self.clock(self.ticket, "response")
        self.assertEqual(clock.state, "missed")
        self.assertEqual(clock.breached_at, utc("11-23 15:00"))

    def test_a_breach_stays_after_reopening(self):
        self.mark("11-25 10:00")
        with self.at("11-25 11:00"):
            self.ticket.action_resolve()
        with self.at("11-25 12:00"):
            self.ticket.action_resume()
        self.assertEqual(self.clock(self.ticket).state, "late")

    def test_the_cron_is_woken_at_the_earliest_deadline(self):
        cron = self.env.ref("crm_service.ir_cron_mark_breached")
        self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()
        with self.at("11-23 10:00"):
            self._create_ticket()
            self._create_ticket()
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertEqual(triggers.mapped("call_at"), [utc("11-23 15:00")])

    def test_marking_costs_the_same_for_one_and_for_a_hundred(self):
        with self.at("11-23 10:00"):
            self._create_ticket()
        counts = []
        for number in (1, 100):
            with self.at("11-25 10:00") as now:
                self.clocks._mark_breached(now, 1000)
            with self.at("11-23 10:00"):
                self.env["crm.service.ticket"].create(
                    [
                        {
                            "subject": str(index),
                            "team_id": self.team.id,
                            "partner_id": self.contact.id,
                        }
                        for index in range(number)
                    ]
                )
            self.env.flush_all()
            self.env.invalidate_all()
            with self.at("11-25 10:00") as now:
                before = self.env.cr.sql_log_count
                breached = self.clocks._mark_breached(now, 1000)
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(breached), 2 * number)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)
