"""Broken promises: told once, at the time they were broken."""

import pytz

from odoo.tests import tagged

from .common import ServiceCommon, utc

NEW_YORK = pytz.timezone("America/New_York")


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
