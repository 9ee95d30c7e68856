"""The clocks in the database: the worked examples of the specification."""

from datetime import timedelta

import pytz

from odoo import Command
from odoo.tests import tagged

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
