"""Working time as integers: deadlines and worked seconds without a database.

A ``WorkSchedule`` says in plain values when work is done: the hours of every weekday, make-up
working days and times off. A ``WorkGrid`` lays it out as sorted working intervals in UTC epoch
seconds with prefix sums, so that one deadline or one duration costs two bisections. The grid
grows by itself, at most a year at a time, until an answer is found.

Conventions: instants are whole UTC epoch seconds, an interval is ``[start, end)``, a period of the
day is in local seconds since midnight. A deadline is the *first* instant at which the work is
done, so eight hours from nine o'clock end at closing time, not the next morning.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import pytz

SECONDS_PER_DAY = 24 * 3600
FIRST_GROWTH_DAYS = 16
GROWTH_DAYS = 366
MAX_HORIZON_DAYS = 25 * 366

Span = tuple[int, int]


class NoWorkingTimeError(ValueError):
    """The schedule does not hold the asked amount of working time within the horizon."""


@dataclass(frozen=True)
class MakeUpDay:
    """A date that is worked although the week says otherwise (补班).

    :param weekday: the weekday (0 = Monday) whose hours are worked on the date
    :param despite_leaves: also worked where a time off covers the date
    """

    weekday: int = 0
    despite_leaves: bool = False


@dataclass(frozen=True)
class WorkSchedule:
    """When work is done.

    :param tz: name of the time zone the hours are meant in
    :param hours: periods of the day by (week parity, weekday); a date missing here is free
    :param makeups: make-up working days by date
    :param leaves: times off as UTC epoch seconds, in any order
    :param exhausted: makes the error for an amount of work that the schedule does not hold
    """

    tz: str
    hours: Mapping[tuple[int, int], Sequence[Span]]
    makeups: Mapping[date, MakeUpDay] = field(default_factory=dict)
    leaves: Sequence[Span] = ()
    exhausted: Callable[[str], Exception] = NoWorkingTimeError

    @property
    def is_empty(self) -> bool:
        """Whether there is no working hour at all, whatever the times off say."""
        return not any(start < end for spans in self.hours.values() for start, end in spans)

    def periods(self, day: date) -> Sequence[Span]:
        """Return the periods worked on a date before any time off, in local seconds.

        A make-up day takes the hours of its chosen weekday in the same week; when that weekday
        has none, the date keeps its own.
        """
        parity = week_parity(day)
        makeup = self.makeups.get(day)
        own = self.hours.get((parity, day.weekday()), ())
        return (makeup and self.hours.get((parity, makeup.weekday))) or own


class WorkGrid:
    """Working intervals of a schedule from a first day on.

    Answers are exact for instants from the local start of ``first_day`` on; earlier ones are
    refused, since nothing is known about them.
    """

    def __init__(self, schedule: WorkSchedule, first_day: date, last_day: date | None = None):
        """Lay out the days from ``first_day`` to ``last_day``; the rest comes when asked for."""
        self.schedule = schedule
        self._tz = pytz.timezone(schedule.tz)
        self._leaves = merge_spans(schedule.leaves)
        self._leave_ends = [end for _start, end in self._leaves]
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._sums: list[int] = [0]
        self._days: list[int] = []
        self._day_ends: list[int] = []
        self._next_day = first_day
        self._begin = self._covered = self._midnight(first_day)
        self._growth = FIRST_GROWTH_DAYS
        self._extend(last_day or first_day)

    @property
    def intervals(self) -> list[Span]:
        """The working intervals laid out so far, contiguous ones joined."""
        return list(zip(self._starts, self._ends, strict=True))

    def deadline(self, start: int, seconds: int) -> int:
        """Return the first instant by which ``seconds`` of work are done after ``start``.

        Zero seconds give ``start`` itself in working time, else the next start of work.

        :raises NoWorkingTimeError: (or the schedule's own error) there is not that much work
            within the horizon
        """
        if seconds < 0:
            raise ValueError("a deadline cannot be planned for a negative amount of work")
        self._cover(start)
        done = self._done_until(start)
        while True:
            found = self._find(start, done, seconds)
            if found is not None:
                return found
            self._grow(start, seconds)

    def worked(self, start: int, end: int) -> int:
        """Return the working seconds between two instants; 0 when ``end`` is not after."""
        if end <= start:
            return 0
        self._cover(end)
        return self._done_until(end) - self._done_until(start)

    def is_working_day(self, day: date) -> bool:
        """Whether any work is done on a local date."""
        index = self._day_index(day)
        return index < len(self._days) and self._days[index] == day.toordinal()

    def working_days(self, first: date, last: date) -> list[date]:
        """Return the working days from ``first`` to ``last``, both included."""
        self._extend(last)
        low = self._day_index(first)
        high = bisect_right(self._days, last.toordinal())
        return [date.fromordinal(ordinal) for ordinal in self._days[low:high]]

    def nth_working_day(self, day: date, count: int) -> date:
        """Return the ``count``-th working day strictly after ``day``.

        0 gives ``day`` itself when it is one, else the next one.

        :raises NoWorkingTimeError: (or the schedule's own error) there are not that many within
            the horizon
        """
        if count < 0:
            raise ValueError("working days are counted forward only")
        return date.fromordinal(self._days[self._nth_index(day, count)])

    def end_of_working_day(self, day: date) -> int:
        """Return when work ends on ``day``, or on the next working day when it is none."""
        return self._day_ends[self._nth_index(day, 0)]

    # Looking up

    def _find(self, start: int, done: int, seconds: int) -> int | None:
        if not seconds:
            index = bisect_right(self._ends, start)
            return max(start, self._starts[index]) if index < len(self._starts) else None
        target = done + seconds
        if target > self._sums[-1]:
            return None
        index = bisect_left(self._sums, target)
        return self._ends[index - 1] - (self._sums[index] - target)

    def _done_until(self, instant: int) -> int:
        if instant < self._begin:
            raise ValueError("the instant lies before the first day of the grid")
        index = bisect_right(self._starts, instant)
        if not index:
            return 0
        inside = min(instant, self._ends[index - 1]) - self._starts[index - 1]
        return self._sums[index - 1] + inside

    def _day_index(self, day: date) -> int:
        if self._midnight(day) < self._begin:
            raise ValueError("the date lies before the first day of the grid")
        self._extend(day)
        return bisect_left(self._days, day.toordinal())

    def _nth_index(self, day: date, count: int) -> int:
        index = self._day_index(day)
        if count:
            own = index < len(self._days) and self._days[index] == day.toordinal()
            index += count if own else count - 1
        while index >= len(self._days):
            self._grow(self._midnight(day), count)
        return index

    # Laying out

    def _cover(self, instant: int) -> None:
        if instant >= self._covered:
            self._extend(datetime.fromtimestamp(instant, self._tz).date())

    def _grow(self, start: int, amount: int) -> None:
        beyond = (self._covered - start) // SECONDS_PER_DAY
        if self.schedule.is_empty or beyond > MAX_HORIZON_DAYS:
            raise self.schedule.exhausted(
                f"the schedule does not hold {amount} units of working time "
                f"within {MAX_HORIZON_DAYS} days"
            )
        self._extend(self._next_day + timedelta(days=self._growth))
        self._growth = min(2 * self._growth, GROWTH_DAYS)

    def _extend(self, last_day: date) -> None:
        while self._next_day <= last_day:
            day = self._next_day
            self._next_day = day + timedelta(days=1)
            midnight = self._covered
            self._covered = self._midnight(self._next_day)
            periods = self.schedule.periods(day)
            if periods:
                self._append(day, self._spans(day, midnight, periods))

    def _append(self, day: date, spans: list[Span]) -> None:
        if not spans:
            return
        for start, end in spans:
            if self._ends and self._ends[-1] == start:
                self._ends[-1] = end
                self._sums[-1] += end - start
            else:
                self._starts.append(start)
                self._ends.append(end)
                self._sums.append(self._sums[-1] + end - start)
        self._days.append(day.toordinal())
        self._day_ends.append(spans[-1][1])

    def _spans(self, day: date, midnight: int, periods: Sequence[Span]) -> list[Span]:
        """Turn the local periods of a date into instants and take the times off away."""
        regular = self._covered - midnight == SECONDS_PER_DAY
        spans = merge_spans(
            (midnight + start, midnight + end)
            if regular
            else (self._instant(day, start), self._instant(day, end))
            for start, end in periods
        )
        makeup = self.schedule.makeups.get(day)
        if not self._leaves or (makeup and makeup.despite_leaves):
            return spans
        low = bisect_right(self._leave_ends, midnight)
        return subtract_spans(spans, self._leaves[low:])

    def _instant(self, day: date, seconds: int) -> int:
        """The instant of a local time of day on a date when the clocks change."""
        if seconds >= SECONDS_PER_DAY:
            return self._midnight(day + timedelta(days=1))
        local = datetime.combine(day, time()) + timedelta(seconds=seconds)
        return int(self._tz.localize(local).timestamp())

    def _midnight(self, day: date) -> int:
        return int(self._tz.localize(datetime.combine(day, time())).timestamp())


class WallClock:
    """The grid of no calendar at all: every second counts and every day is a working day."""

    def __init__(self, tz: str = "UTC"):
        """Take the time zone in which a day ends."""
        self._tz = pytz.timezone(tz)

    def deadline(self, start: int, seconds: int) -> int:
        """Return ``start`` plus ``seconds``."""
        if seconds < 0:
            raise ValueError("a deadline cannot be planned for a negative amount of work")
        return start + seconds

    def worked(self, start: int, end: int) -> int:
        """Return the seconds between two instants; 0 when ``end`` is not after."""
        return max(0, end - start)

    def is_working_day(self, day: date) -> bool:
        """Every day is one."""
        return bool(day)

    def working_days(self, first: date, last: date) -> list[date]:
        """Return every day from ``first`` to ``last``, both included."""
        return [first + timedelta(days=index) for index in range((last - first).days + 1)]

    def nth_working_day(self, day: date, count: int) -> date:
        """Return the day ``count`` days later."""
        if count < 0:
            raise ValueError("working days are counted forward only")
        return day + timedelta(days=count)

    def end_of_working_day(self, day: date) -> int:
        """Return the midnight that ends the day in the clock's time zone."""
        following = datetime.combine(day + timedelta(days=1), time())
        return int(self._tz.localize(following).timestamp())


def week_parity(day: date) -> int:
    """Return 0 or 1: which week of a two-week calendar a date lies in, as the host counts it."""
    return (day.toordinal() - 1) // 7 % 2


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Sort intervals, drop empty ones and join those that touch or overlap."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def subtract_spans(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """Take sorted, disjoint holes out of sorted, disjoint intervals."""
    kept: list[Span] = []
    for start, end in spans:
        cursor = start
        for hole_start, hole_end in holes:
            if hole_start >= end:
                break
            if hole_start > cursor:
                kept.append((cursor, hole_start))
            cursor = max(cursor, hole_end)
        if cursor < end:
            kept.append((cursor, end))
    return kept
