"""The hours of a week in short: days in a row with the same hours stand together."""

from typing import NamedTuple


class DaysAlike(NamedTuple):
    """Days in a row that are worked alike.

    :ivar int first: weekday, 0 is Monday
    :ivar int last: weekday, not before ``first``
    :ivar tuple hours: ``(start, end)`` pairs in minutes since midnight, joined where they touch
    """

    first: int
    last: int
    hours: tuple


def group_week(intervals):
    """Return the working days of a week as a list of ``DaysAlike``, from Monday on.

    :param intervals: ``(weekday, hour_from, hour_to)`` in any order, hours as decimals
    """
    days = {}
    for weekday, hour_from, hour_to in sorted(intervals):
        start, end = round(hour_from * 60), round(hour_to * 60)
        spans = days.setdefault(weekday, [])
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    groups = []
    for weekday, spans in sorted(days.items()):
        hours = tuple(spans)
        if groups and groups[-1].last == weekday - 1 and groups[-1].hours == hours:
            groups[-1] = groups[-1]._replace(last=weekday)
        else:
            groups.append(DaysAlike(weekday, weekday, hours))
    return groups


def clock(minutes):
    """Return minutes since midnight as ``HH:MM``; the end of a day is 24:00."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
