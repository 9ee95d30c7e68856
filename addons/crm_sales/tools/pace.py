"""How far a target is, measured against the working time that has gone by."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from .instalments import HUNDRED, Number, money
from .shares import largest_remainder


class Pace(NamedTuple):
    """Where a target stands.

    :ivar float percent: attained, per cent of the target
    :ivar float elapsed: working time gone by, per cent of the period
    :ivar float expected: what should be there by now at an even pace
    :ivar float ahead: attained less expected; negative: behind
    :ivar float projected: what comes of it at this pace by the end; 0 before any time has passed
    """

    percent: float
    elapsed: float
    expected: float
    ahead: float
    projected: float


def measure(target: Number, attained: Number, worked: int, whole: int, digits: int) -> Pace:
    """Return the pace of a target.

    :param worked: working seconds of the period gone by
    :param whole: working seconds of the period; 0 (a month without work) counts as all gone by
    :param digits: decimals of the amounts
    """
    goal, done = Decimal(str(target)), Decimal(str(attained))
    share = Decimal(worked) / Decimal(whole) if whole else Decimal(1)
    expected = money(goal * share, digits)
    return Pace(
        percent=float(money(done * HUNDRED / goal, 1)) if goal else 0.0,
        elapsed=float(money(share * HUNDRED, 1)),
        expected=float(expected),
        ahead=float(money(done, digits) - expected),
        projected=float(money(done / share, digits)) if share else 0.0,
    )


def rank(values: Sequence[Number]) -> list[int]:
    """Return the place of each value, the highest first; equal ones share the better place."""
    order = sorted(values, reverse=True)
    return [order.index(value) + 1 for value in values]


def spread(total: Number, working_days: Sequence[int], digits: int) -> list[Decimal]:
    """Spread a yearly figure over months by their working days; the months add up to it exactly.

    Without a working day in the whole year every month weighs the same.
    """
    weights = list(working_days) if any(working_days) else [1] * len(working_days)
    return largest_remainder(total, weights, digits)


def raised(amounts: Sequence[Number], percent: Number, digits: int) -> list[Decimal]:
    """Return last year's months raised by ``percent``; their sum is the year's sum raised by it.

    Each month is rounded by the largest remainder of the raised year, so the year is exact.
    """
    values = [Decimal(str(amount)) for amount in amounts]
    total = money(sum(values, Decimal(0)) * (HUNDRED + Decimal(str(percent))) / HUNDRED, digits)
    if not any(values):
        return [Decimal(0)] * len(values)
    return largest_remainder(total, values, digits)
