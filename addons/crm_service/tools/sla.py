"""The clock of a service promise, as a state machine without a database.

A clock counts working seconds towards a target. It runs, pauses, stops, is reopened, gets another
target, survives a merge and is breached at most once. Every change is one :class:`Event`: what
happened, when, and how many working seconds were used since the last change. Folding the events
(:func:`replay`) gives the state again, so the ledger is the proof of what the clock says.

The rules: a late stop sets the breach to the deadline itself; a breach is final; a changed target
keeps the time used and is never back-dated; a paused clock has no deadline and cannot be breached.

Instants are whole UTC epoch seconds, durations whole working seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

Instant = int

CAUSE_DEADLINE = "deadline"
CAUSE_POLICY = "policy_change"


class Planner(Protocol):
    """Working time in both directions."""

    def deadline(self, start: Instant, seconds: int) -> Instant:
        """Return when ``seconds`` of working time after ``start`` are over."""

    def worked(self, start: Instant, end: Instant) -> int:
        """Return the working seconds between ``start`` and ``end``."""


@dataclass(frozen=True)
class Clock:
    """What a clock says at one moment."""

    target_s: int
    started_at: Instant
    elapsed_s: int = 0
    running_since: Instant | None = None
    deadline: Instant | None = None
    stopped_at: Instant | None = None
    breached_at: Instant | None = None
    cause: str = ""
    void: bool = False

    @property
    def running(self) -> bool:
        """Time is being counted."""
        return self.running_since is not None

    @property
    def live(self) -> bool:
        """The promise is still open, running or held."""
        return self.stopped_at is None

    @property
    def met(self) -> bool:
        """Stopped in time. A void clock promised nothing, so it is neither met nor missed."""
        return not self.live and not self.void and self.breached_at is None

    def consumed(self, at: Instant, planner: Planner) -> int:
        """Working seconds used up to ``at``."""
        return self.elapsed_s + _stretch(self, at, planner)


@dataclass(frozen=True)
class Event:
    """One line of the ledger. ``worked_s`` is what was used since the line before."""

    kind: str
    at: Instant
    worked_s: int
    target_s: int
    deadline: Instant | None
    breached_at: Instant | None
    cause: str
    started_at: Instant


Step = tuple[Clock, Event]


def start(target_s: int, at: Instant, planner: Planner, now: Instant | None = None) -> Step:
    """Start a clock at ``at``.

    ``now`` is given when the promise is made later than the clock's start, because a policy came
    to apply later: a promise that is overspent by then counts as broken at ``now``, not before.
    """
    if target_s <= 0:
        raise ValueError("a target must be longer than nothing")
    clock = Clock(target_s=target_s, started_at=at, running_since=at)
    clock = replace(clock, deadline=planner.deadline(at, target_s))
    if now is not None and clock.deadline < now:
        clock = replace(clock, deadline=now, breached_at=now, cause=CAUSE_POLICY)
    return _step(None, clock, "start", at)


def pause(clock: Clock, at: Instant, planner: Planner) -> Step:
    """Hold the clock: time used so far is kept, the deadline is unknown until it resumes."""
    _require(clock, live=True, running=True)
    held = replace(_banked(clock, at, planner), running_since=None, deadline=None)
    return _step(clock, held, "pause", at)


def resume(clock: Clock, at: Instant, planner: Planner) -> Step:
    """Let a held clock run on with what is left."""
    _require(clock, live=True, running=False)
    running = _planned(replace(clock, running_since=at), at, planner)
    return _step(clock, running, "resume", at)


def stop(clock: Clock, at: Instant, planner: Planner) -> Step:
    """The promise is fulfilled. The deadline stays, for reports; a held clock gets its own."""
    _require(clock, live=True)
    done = _banked(clock, at, planner) if clock.running else _with_deadline(clock, at, planner)
    return _step(clock, replace(done, running_since=None, stopped_at=at), "stop", at)


def void(clock: Clock, at: Instant, planner: Planner) -> Step:
    """The promise no longer stands (cancelled, merged, withdrawn): neither met nor missed."""
    _require(clock, live=True)
    banked = _banked(clock, at, planner) if clock.running else clock
    gone = replace(banked, running_since=None, deadline=None, stopped_at=at, void=True)
    return _step(clock, gone, "void", at)


def reopen(clock: Clock, at: Instant, planner: Planner) -> Step:
    """Run on after a stop: what was used stays used, the time since the stop does not count."""
    _require(clock, live=False)
    if clock.void:
        raise ValueError("a void clock cannot be reopened")
    running = _planned(replace(clock, running_since=at, stopped_at=None), at, planner)
    return _step(clock, running, "reopen", at)


def retarget(clock: Clock, target_s: int, at: Instant, planner: Planner) -> Step:
    """Swap the target, keep the time used; when that is overspent now, it is broken now."""
    if target_s <= 0:
        raise ValueError("a target must be longer than nothing")
    _require(clock, live=True)
    banked = replace(_rebased(clock, at, planner), target_s=target_s)
    return _step(clock, _planned(banked, at, planner), "retarget", at)


def bank(clock: Clock, at: Instant, planner: Planner) -> Step:
    """Fix the time used so far before its calendar changes."""
    _require(clock, live=True)
    return _step(clock, _rebased(clock, at, planner), "bank", at)


def replan(clock: Clock, at: Instant, planner: Planner) -> Step:
    """Plan the deadline again after the calendar changed; time used stays used."""
    _require(clock, live=True)
    planned = clock
    if clock.running:
        planned = _planned(clock, clock.running_since, planner)
        if planned.breached_at is None and planned.deadline < at:
            planned = replace(planned, deadline=at)
    return _step(clock, planned, "replan", at)


def breach(clock: Clock, at: Instant, planner: Planner) -> Step:
    """Write down that the deadline has passed; a clock that is not late is an error."""
    settled = _settled(clock, at)
    if settled.breached_at is None or clock.breached_at is not None:
        raise ValueError("only a clock past its deadline is breached, and only once")
    return _step(clock, settled, "breach", at)


def merge(survivor: Clock, merged: Clock, at: Instant, planner: Planner, other: Planner) -> Step:
    """Let ``survivor`` answer for ``merged`` too: the earliest start and the most time used.

    ``other`` is the planner that measured the merged clock.
    """
    _require(survivor, live=True)
    used = max(survivor.consumed(at, planner), merged.consumed(at, other))
    base = replace(
        _settled(survivor, at),
        elapsed_s=used,
        started_at=min(survivor.started_at, merged.started_at),
        running_since=at if survivor.running else None,
    )
    return _step(survivor, _planned(base, at, planner), "merge", at)


def replay(events: list[Event]) -> Clock:
    """Fold a ledger into the state it proves."""
    clock = None
    for event in events:
        clock = _apply(clock, event)
    return clock


def _apply(clock: Clock | None, event: Event) -> Clock:
    if event.kind == "start":
        clock = Clock(target_s=event.target_s, started_at=event.at, running_since=event.at)
    running, stopped = clock.running_since, clock.stopped_at
    if event.kind in ("pause", "stop", "void"):
        running = None
    elif event.kind in ("resume", "reopen") or (
        running is not None and event.kind in ("retarget", "bank", "merge")
    ):
        running = event.at
    if event.kind in ("stop", "void"):
        stopped = event.at
    elif event.kind == "reopen":
        stopped = None
    return replace(
        clock,
        target_s=event.target_s,
        started_at=event.started_at,
        elapsed_s=clock.elapsed_s + event.worked_s,
        running_since=running,
        deadline=event.deadline,
        stopped_at=stopped,
        breached_at=event.breached_at,
        cause=event.cause,
        void=clock.void or event.kind == "void",
    )


def _step(before: Clock | None, after: Clock, kind: str, at: Instant) -> Step:
    return after, Event(
        kind=kind,
        at=at,
        worked_s=after.elapsed_s - (before.elapsed_s if before else 0),
        target_s=after.target_s,
        deadline=after.deadline,
        breached_at=after.breached_at,
        cause=after.cause,
        started_at=after.started_at,
    )


def _require(clock: Clock, live: bool, running: bool | None = None) -> None:
    if clock.live is not live:
        raise ValueError("the clock has stopped" if live else "the clock has not stopped")
    if running is not None and clock.running is not running:
        raise ValueError("the clock is held" if running else "the clock is running")


def _stretch(clock: Clock, at: Instant, planner: Planner) -> int:
    if clock.running_since is None or at <= clock.running_since:
        return 0
    return planner.worked(clock.running_since, at)


def _settled(clock: Clock, at: Instant) -> Clock:
    """Note a deadline that passed unnoticed; its own time is the time of the breach."""
    late = clock.deadline is not None and clock.deadline < at
    if clock.live and late and clock.breached_at is None:
        return replace(clock, breached_at=clock.deadline, cause=CAUSE_DEADLINE)
    return clock


def _banked(clock: Clock, at: Instant, planner: Planner) -> Clock:
    settled = _settled(clock, at)
    return replace(settled, elapsed_s=settled.consumed(at, planner))


def _rebased(clock: Clock, at: Instant, planner: Planner) -> Clock:
    """Bank the running stretch and go on from ``at``; a held clock has nothing to bank."""
    if not clock.running:
        return clock
    return replace(_banked(clock, at, planner), running_since=at)


def _planned(clock: Clock, at: Instant, planner: Planner) -> Clock:
    """Set the deadline of a clock that goes on at ``at``; a held clock has none."""
    if not clock.running:
        return replace(clock, deadline=None)
    return _with_deadline(clock, at, planner)


def _with_deadline(clock: Clock, at: Instant, planner: Planner) -> Clock:
    left = clock.target_s - clock.elapsed_s
    if left > 0:
        return replace(clock, deadline=planner.deadline(at, left))
    if left < 0 and clock.breached_at is None:
        return replace(clock, deadline=at, breached_at=at, cause=CAUSE_POLICY)
    return replace(clock, deadline=clock.breached_at or at)
