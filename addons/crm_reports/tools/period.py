"""Reporting periods as plain dates: no database, no user, no time zone.

A period is a pair ``(first, last)`` of inclusive dates, or ``(None, None)`` for all time.
"""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

# Months of the calendar unit that each key names, and how many units back it lies.
_UNITS = {
    "this_month": (1, 0),
    "last_month": (1, 1),
    "this_quarter": (3, 0),
    "last_quarter": (3, 1),
    "this_year": (12, 0),
    "last_year": (12, 1),
}

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_STEPS = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    **{interval: relativedelta(months=months) for interval, months in _MONTHS.items()},
}

#: Every key that :func:`period_bounds` understands, in the order a menu shows them.
PERIODS = (*_UNITS, "all", "custom")


def period_bounds(key, today, date_from=None, date_to=None):
    """Return the inclusive dates of the period ``key`` as seen on ``today``.

    :param str key: one of :data:`PERIODS`
    :param date today: the day the period is seen from
    :param date date_from: first day of a custom period, None for an open start
    :param date date_to: last day of a custom period, None for an open end
    :return: ``(first, last)``; None stands for an open side
    :raises ValueError: for an unknown key, or a custom period that ends before it starts
    """
    if key == "all":
        return None, None
    if key == "custom":
        if date_from and date_to and date_to < date_from:
            raise ValueError("a period cannot end before it starts")
        return date_from, date_to
    if key not in _UNITS:
        raise ValueError(f"unknown period {key!r}")
    months, back = _UNITS[key]
    first = _start_of(today, months) - relativedelta(months=months * back)
    return first, first + relativedelta(months=months) - timedelta(days=1)


def previous_bounds(first, last, today):
    """Return the period to compare ``(first, last)`` with, or None when it is open.

    Whole months follow whole months (March is compared with February, not with 31 days), any other
    span the same number of days. A period that is still running is compared with the same stretch
    of the one before: the year to 22 November with last year to 22 November.
    """
    if not first or not last:
        return None
    after = last + timedelta(days=1)
    if first.day == 1 and after.day == 1:
        months = (after.year - first.year) * 12 + after.month - first.month
        step = relativedelta(months=months)
    else:
        step = after - first
    end = today - step if first <= today < last else first - timedelta(days=1)
    return first - step, end


def start_of(day, interval):
    """Return the first day of the ``month``, ``quarter`` or ``year`` that holds ``day``."""
    return _start_of(day, _MONTHS[interval])


def buckets(start, last, interval):
    """Return the first days of the buckets from ``start`` on that begin no later than ``last``.

    :param start: first day (or moment) of the first bucket
    :param last: comparable with ``start``, inclusive
    :param str interval: ``day``, ``week``, ``month``, ``quarter`` or ``year``
    """
    step = _STEPS[interval]
    found = []
    while start <= last:
        found.append(start)
        start += step
    return found


def _start_of(day, months):
    """Return the first day of the calendar unit of ``months`` months that holds ``day``."""
    return date(day.year, (day.month - 1) // months * months + 1, 1)
