"""The clocks of service promises in the words of their rules, without a database."""

from datetime import date

import pytz

from odoo.tests import BaseCase, tagged

from odoo.addons.crm_customers.tools.work_grid import (
    WallClock,
)

from ..tools import sla
from .sla_tool_common import HOUR, NEW_YORK, at, hours_of_new_york, office


@tagged("post_install", "-at_install")
class TestSlaExamples(BaseCase):
    """The worked examples; the numbers are those of the specification."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = office()

    def deadline(self, start, hours, planner=None):
        clock, _event = sla.start(int(hours * HOUR), start, planner or self.office)
        return clock.deadline

    def test_01_four_hours_skip_the_lunch_break(self):
        self.assertEqual(self.deadline(at("11-23 10:00"), 4), at("11-23 15:00"))

    def test_02_a_full_day_ends_at_closing_time_not_the_next_morning(self):
        self.assertEqual(self.deadline(at("11-23 09:00"), 8), at("11-23 18:00"))

    def test_03_what_is_left_at_closing_time_goes_on_the_next_morning(self):
        self.assertEqual(self.deadline(at("11-23 17:30"), 1), at("11-24 09:30"))

    def test_04_one_minute_before_the_weekend(self):
        self.assertEqual(self.deadline(at("11-27 17:59"), 1), at("11-30 09:59"))

    def test_05_a_call_on_saturday_counts_from_monday(self):
        self.assertEqual(self.deadline(at("11-28 10:00"), 4), at("11-30 14:00"))

    def test_06_a_call_during_lunch_counts_from_one_o_clock(self):
        self.assertEqual(self.deadline(at("11-23 12:30"), 1), at("11-23 14:00"))

    def test_07_the_national_day_is_skipped(self):
        self.assertEqual(self.deadline(at("09-30 17:00"), 4), at("10-08 12:00"))

    def test_08_the_make_up_saturday_is_worked(self):
        self.assertEqual(self.deadline(at("10-09 17:00"), 4), at("10-10 12:00"))
        without = office(makeups=())
        self.assertEqual(self.deadline(at("10-09 17:00"), 4, without), at("10-12 12:00"))

    def test_09_the_make_up_sunday_is_worked(self):
        self.assertEqual(self.deadline(at("09-18 17:30"), 2), at("09-20 10:30"))

    def test_10_around_the_clock_crosses_midnight_into_a_holiday(self):
        self.assertEqual(self.deadline(at("09-30 23:30"), 1, WallClock()), at("10-01 00:30"))

    def test_11_a_pause_moves_the_deadline_by_the_time_held(self):
        clock, _event = sla.start(8 * HOUR, at("11-23 10:00"), self.office)
        clock, _event = sla.pause(clock, at("11-23 11:00"), self.office)
        self.assertIsNone(clock.deadline)
        self.assertEqual(clock.elapsed_s, HOUR)
        clock, _event = sla.resume(clock, at("11-24 16:00"), self.office)
        self.assertEqual(clock.deadline, at("11-25 15:00"))

    def test_12_a_pause_outside_working_hours_moves_nothing(self):
        clock, _event = sla.start(16 * HOUR, at("11-27 10:00"), self.office)
        unpaused = clock.deadline
        clock, _event = sla.pause(clock, at("11-27 19:00"), self.office)
        clock, _event = sla.resume(clock, at("11-28 10:00"), self.office)
        self.assertEqual(clock.deadline, at("12-01 10:00"))
        self.assertEqual(clock.deadline, unpaused)

    def test_13_another_target_keeps_the_time_used(self):
        for before, after, expected in ((16, 8, "11-24 10:00"), (8, 16, "11-25 10:00")):
            clock, _event = sla.start(before * HOUR, at("11-23 10:00"), self.office)
            clock, _event = sla.retarget(clock, after * HOUR, at("11-23 15:00"), self.office)
            self.assertEqual(clock.deadline, at(expected))
            self.assertIsNone(clock.breached_at)

    def test_14_an_overspent_new_target_is_broken_at_the_change_not_before(self):
        clock, _event = sla.start(16 * HOUR, at("11-23 10:00"), self.office)
        clock, event = sla.retarget(clock, 8 * HOUR, at("11-24 11:00"), self.office)
        self.assertEqual(clock.elapsed_s, 9 * HOUR)
        self.assertEqual(clock.breached_at, at("11-24 11:00"))
        self.assertEqual(clock.deadline, at("11-24 11:00"))
        self.assertEqual(clock.cause, sla.CAUSE_POLICY)
        self.assertEqual(event.breached_at, at("11-24 11:00"))

    def test_15_reopening_goes_on_where_it_stopped(self):
        clock, _event = sla.start(8 * HOUR, at("11-23 10:00"), self.office)
        clock, _event = sla.stop(clock, at("11-23 15:00"), self.office)
        self.assertTrue(clock.met)
        clock, _event = sla.reopen(clock, at("11-26 10:00"), self.office)
        self.assertEqual(clock.deadline, at("11-26 15:00"))

    def test_16_the_next_response_counts_from_the_oldest_unanswered_message(self):
        clock, _event = sla.start(2 * HOUR, at("11-23 11:30"), self.office)
        # The message of 14:00 finds the clock running and changes nothing.
        self.assertEqual(clock.deadline, at("11-23 14:30"))

    def test_17_a_merge_takes_the_earliest_start_and_the_most_time_used(self):
        survivor, _event = sla.start(8 * HOUR, at("11-23 10:00"), self.office)
        merged, _event = sla.start(8 * HOUR, at("11-23 09:00"), self.office)
        self.assertEqual(survivor.deadline, at("11-24 10:00"))
        for moment in ("11-23 10:00", "11-23 11:20", "11-23 16:00"):
            clock, _event = sla.merge(survivor, merged, at(moment), self.office, self.office)
            self.assertEqual(clock.deadline, at("11-23 18:00"))
            self.assertEqual(clock.started_at, at("11-23 09:00"))

    def test_18_an_answer_at_the_weekend_uses_no_working_time(self):
        clock, _event = sla.start(HOUR, at("11-27 19:00"), self.office)
        self.assertEqual(clock.deadline, at("11-30 10:00"))
        clock, _event = sla.stop(clock, at("11-28 10:00"), self.office)
        self.assertTrue(clock.met)
        self.assertEqual(clock.elapsed_s, 0)
        self.assertEqual(clock.deadline, at("11-30 10:00"))

    def test_19_office_hours_over_a_change_to_summer_time(self):
        grid = hours_of_new_york([(9 * HOUR, 17 * HOUR)], 5)
        deadline = self.deadline(at("03-06 16:00", NEW_YORK), 2, grid)
        self.assertEqual(deadline, at("03-09 10:00", NEW_YORK))
        self.assertEqual(deadline, at("03-09 14:00", pytz.utc))

    def test_20_all_hours_over_both_changes_of_the_clocks(self):
        grid = hours_of_new_york([(0, 24 * HOUR)], 7)
        for start, end in (("03-07 22:00", "03-08 07:00"), ("10-31 22:00", "11-01 05:00")):
            deadline = self.deadline(at(start, NEW_YORK), 8, grid)
            self.assertEqual(deadline, at(end, NEW_YORK))

    def test_21_a_leave_added_while_the_clock_runs_moves_its_deadline(self):
        clock, _event = sla.start(HOUR, at("11-23 17:30"), self.office)
        closed = office(leaves=[(at("11-24 00:00"), at("11-25 00:00"))])
        clock, _event = sla.replan(clock, at("11-23 18:00"), closed)
        self.assertEqual(clock.deadline, at("11-25 09:30"))

    def test_22_ten_working_days_end_at_closing_time(self):
        for planner, expected in ((self.office, "10-16"), (office(makeups=()), "10-19")):
            day = planner.nth_working_day(date(2026, 9, 28), 10)
            deadline = planner.end_of_working_day(day)
            self.assertEqual(deadline, at(f"{expected} 18:00"))
            # As a clock: the working seconds up to that moment are the target.
            start = at("09-28 15:00")
            target = planner.worked(start, deadline)
            clock, _event = sla.start(target, start, planner)
            self.assertEqual(clock.deadline, deadline)


@tagged("post_install", "-at_install")
class TestSlaRules(BaseCase):
    """What the examples leave open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = office()

    def start(self, hours=8, moment="11-23 10:00"):
        clock, _event = sla.start(int(hours * HOUR), at(moment), self.office)
        return clock

    def test_a_stop_at_the_very_deadline_is_in_time(self):
        clock = self.start(4)
        done, _event = sla.stop(clock, clock.deadline, self.office)
        self.assertTrue(done.met)
        late, _event = sla.stop(clock, clock.deadline + 1, self.office)
        self.assertFalse(late.met)

    def test_a_late_stop_is_breached_at_the_deadline_itself(self):
        clock, _event = sla.stop(self.start(4), at("11-23 17:00"), self.office)
        self.assertEqual(clock.breached_at, at("11-23 15:00"))
        self.assertEqual(clock.cause, sla.CAUSE_DEADLINE)

    def test_a_pause_after_the_deadline_does_not_hide_the_breach(self):
        clock, _event = sla.pause(self.start(4), at("11-23 16:00"), self.office)
        self.assertEqual(clock.breached_at, at("11-23 15:00"))
        clock, _event = sla.resume(clock, at("11-24 10:00"), self.office)
        self.assertEqual(clock.deadline, at("11-23 15:00"))

    def test_a_breach_is_final_whatever_the_new_target(self):
        clock, _event = sla.breach(self.start(4), at("11-23 15:01"), self.office)
        clock, _event = sla.retarget(clock, 40 * HOUR, at("11-23 16:00"), self.office)
        self.assertEqual(clock.breached_at, at("11-23 15:00"))
        done, _event = sla.stop(clock, at("11-23 17:00"), self.office)
        self.assertFalse(done.met)

    def test_a_clock_that_is_not_late_cannot_be_breached(self):
        with self.assertRaises(ValueError):
            sla.breach(self.start(4), at("11-23 15:00"), self.office)

    def test_a_held_clock_is_never_breached(self):
        clock, _event = sla.pause(self.start(4), at("11-23 11:00"), self.office)
        with self.assertRaises(ValueError):
            sla.breach(clock, at("12-23 11:00"), self.office)

    def test_a_pause_survives_a_changed_target(self):
        clock, _event = sla.pause(self.start(16), at("11-24 11:00"), self.office)
        clock, _event = sla.retarget(clock, 8 * HOUR, at("11-24 12:00"), self.office)
        self.assertFalse(clock.running)
        self.assertIsNone(clock.deadline)
        self.assertIsNone(clock.breached_at)
        clock, _event = sla.resume(clock, at("11-25 09:00"), self.office)
        self.assertEqual(clock.breached_at, at("11-25 09:00"))
        self.assertEqual(clock.cause, sla.CAUSE_POLICY)

    def test_a_held_clock_that_stops_gets_a_deadline_for_the_reports(self):
        clock, _event = sla.pause(self.start(8), at("11-23 11:00"), self.office)
        clock, _event = sla.stop(clock, at("11-25 10:00"), self.office)
        self.assertTrue(clock.met)
        self.assertEqual(clock.deadline, at("11-25 18:00"))
        self.assertEqual(clock.elapsed_s, HOUR)

    def test_a_void_clock_is_neither_met_nor_missed(self):
        clock, _event = sla.void(self.start(4), at("11-23 11:00"), self.office)
        self.assertFalse(clock.met)
        self.assertIsNone(clock.breached_at)
        with self.assertRaises(ValueError):
            sla.reopen(clock, at("11-24 11:00"), self.office)

    def test_a_promise_made_later_is_never_broken_in_the_past(self):
        clock, _event = sla.start(4 * HOUR, at("11-23 10:00"), self.office, now=at("11-25 10:00"))
        self.assertEqual(clock.breached_at, at("11-25 10:00"))
        self.assertEqual(clock.deadline, at("11-25 10:00"))
        self.assertEqual(clock.cause, sla.CAUSE_POLICY)

    def test_time_used_stays_used_when_the_calendar_shrinks(self):
        clock = self.start(16)
        clock, _event = sla.bank(clock, at("11-24 12:00"), self.office)
        self.assertEqual(clock.elapsed_s, 10 * HOUR)
        # From now on nobody worked on Monday; the ten hours stay used all the same.
        closed = office(leaves=[(at("11-23 00:00"), at("11-24 00:00"))])
        clock, _event = sla.replan(clock, at("11-24 12:00"), closed)
        self.assertEqual(clock.deadline, at("11-25 10:00"))

    def test_a_calendar_edit_never_plans_a_deadline_into_the_past(self):
        closed = office(leaves=[(at("11-23 00:00"), at("11-25 00:00"))])
        clock, _event = sla.start(4 * HOUR, at("11-23 10:00"), closed)
        self.assertEqual(clock.deadline, at("11-25 14:00"))
        clock, _event = sla.replan(clock, at("11-24 18:00"), self.office)
        self.assertEqual(clock.deadline, at("11-24 18:00"))
        self.assertIsNone(clock.breached_at)

    def test_impossible_changes_are_refused(self):
        running = self.start()
        stopped, _event = sla.stop(running, at("11-23 11:00"), self.office)
        held, _event = sla.pause(running, at("11-23 11:00"), self.office)
        for change, clock in (
            (sla.resume, running),
            (sla.pause, held),
            (sla.pause, stopped),
            (sla.stop, stopped),
            (sla.reopen, running),
        ):
            with self.assertRaises(ValueError):
                change(clock, at("11-23 12:00"), self.office)
        with self.assertRaises(ValueError):
            sla.start(0, at("11-23 10:00"), self.office)
