"""Whatever happens to a clock, its ledger proves its state: drawn at random, without a database."""

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import sla
from .sla_tool_common import HOUR, at, office

CHANGES = st.lists(
    st.tuples(
        st.sampled_from(
            ["pause", "resume", "stop", "reopen", "retarget", "bank", "replan", "breach", "merge"]
        ),
        st.integers(min_value=0, max_value=3 * 24 * HOUR),
        st.integers(min_value=1, max_value=40 * HOUR),
    ),
    max_size=25,
)


def changed(kind, clock, moment, target, planner):
    """Apply one change, or None when the clock's state does not allow it."""
    try:
        if kind == "retarget":
            return sla.retarget(clock, target, moment, planner)
        if kind == "merge":
            other, _event = sla.start(target, clock.started_at - target, planner)
            return sla.merge(clock, other, moment, planner, planner)
        return getattr(sla, kind)(clock, moment, planner)
    except ValueError:
        return None


@tagged("post_install", "-at_install")
class TestSlaProperties(BaseCase):
    """Whatever happens to a clock, its ledger proves its state."""

    @settings(max_examples=300, deadline=None)
    @given(changes=CHANGES, target=st.integers(min_value=1, max_value=60 * HOUR))
    def test_replaying_the_ledger_gives_the_state(self, changes, target):
        planner = GRID
        moment = at("09-14 08:00")
        clock, event = sla.start(target, moment, planner)
        events, breach = [event], None
        for kind, gap, new_target in changes:
            moment += gap
            step = changed(kind, clock, moment, new_target, planner)
            if step is None:
                continue
            clock, event = step
            events.append(event)
            self.assertEqual(sla.replay(events), clock)
            self.check_invariants(clock)
            # A breach, once written, never moves.
            self.assertIn(breach, (None, clock.breached_at))
            breach = clock.breached_at

    def check_invariants(self, clock):
        self.assertFalse(clock.running and not clock.live)
        self.assertEqual(clock.deadline is None, clock.live and not clock.running)
        self.assertGreaterEqual(clock.elapsed_s, 0)

    @settings(max_examples=200, deadline=None)
    @given(
        pauses=st.lists(st.integers(min_value=1, max_value=40 * HOUR), max_size=8),
        target=st.integers(min_value=1, max_value=60 * HOUR),
    )
    def test_time_used_is_the_working_time_outside_the_pauses(self, pauses, target):
        start = moment = at("09-14 08:00")
        clock, _event = sla.start(target, start, GRID)
        used, running_from = 0, start
        for index, gap in enumerate(pauses):
            moment += gap
            if index % 2 == 0:
                used += GRID.worked(running_from, moment)
                clock, _event = sla.pause(clock, moment, GRID)
            else:
                running_from = moment
                clock, _event = sla.resume(clock, moment, GRID)
        self.assertEqual(clock.elapsed_s, used)


GRID = office()
