"""Splitting money into instalments so that the parts add up to the whole, always.

Pure decimal arithmetic; no rounding error can hide in it. Amounts are converted through ``str``,
so a float stands for the decimal number that people see, not for its binary neighbour.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

Number = Decimal | float | int | str

HUNDRED = Decimal(100)


def unit(digits: int) -> Decimal:
    """Return the smallest amount of a currency with ``digits`` decimals (0.01 for 2)."""
    if digits < 0:
        raise ValueError("a currency cannot have a negative number of decimals")
    return Decimal(1).scaleb(-digits)


def money(amount: Number, digits: int) -> Decimal:
    """Return ``amount`` as a decimal rounded half up to the currency's smallest unit."""
    return Decimal(str(amount)).quantize(unit(digits), rounding=ROUND_HALF_UP)


def split(total: Number, percents: Sequence[Number], digits: int) -> list[Decimal]:
    """Split ``total`` by percentages that add up to 100.

    Every part but the last is rounded down; the last takes what is left. So the parts add up to
    the total exactly, none is negative, and no customer pays early what rounding could give back.

    :param total: amount to split, not negative
    :param percents: one percentage per instalment, each positive, adding up to 100
    :param digits: decimals of the currency: 0 for JPY, 2 for CNY, 3 for KWD
    :raises ValueError: nothing to split into, a percentage not positive, a sum other than 100
    """
    shares = [Decimal(str(percent)) for percent in percents]
    if not shares:
        raise ValueError("an amount cannot be split into no instalments")
    if any(share <= 0 for share in shares):
        raise ValueError("every percentage must be positive")
    if sum(shares) != HUNDRED:
        raise ValueError(f"the percentages add up to {sum(shares)}, not to 100")
    whole = money(total, digits)
    if whole < 0:
        raise ValueError("a negative amount cannot be split into instalments")
    parts = [_floor(whole * share / HUNDRED, digits) for share in shares[:-1]]
    return [*parts, whole - sum(parts)]


def plan_amounts(
    total: Number, percents: Sequence[Number], fixed: Sequence[Number], digits: int
) -> list[Decimal]:
    """Return the amounts of the percentage lines of a plan that also has fixed amounts.

    When percentages and fixed amounts together make up the total, the last percentage line takes
    the remainder, so the plan is exact. When they do not, nobody is silently given the gap: each
    line gets its share and the plan shows the difference.

    :param total: what the plan should add up to
    :param percents: percentages (of ``total``) of the lines to compute
    :param fixed: amounts of the other lines
    :param digits: decimals of the currency
    """
    shares = [Decimal(str(percent)) for percent in percents]
    if not shares:
        return []
    whole = money(total, digits)
    left = whole - sum((money(amount, digits) for amount in fixed), Decimal(0))
    parts = [_floor(whole * share / HUNDRED, digits) for share in shares]
    gap = left - sum(parts)
    exact = whole * sum(shares) / HUNDRED
    if abs(left - exact) < unit(digits) and gap >= 0:
        parts[-1] += gap
    return parts


def allocate(amount: Number, weights: Sequence[Number], digits: int) -> list[Decimal]:
    """Divide ``amount`` in proportion to ``weights``; the parts add up to it exactly.

    Cumulative rounding: part n is the rounded running total less what went before, so no part is
    off by more than one smallest unit. Weights may be negative (a deduction on an invoice) as
    long as they do not add up to zero; if they do, the first part takes everything.
    """
    shares = [Decimal(str(weight)) for weight in weights]
    if not shares:
        raise ValueError("an amount cannot be divided among nobody")
    whole = money(amount, digits)
    weight = sum(shares)
    if not weight:
        return [whole] + [Decimal(0)] * (len(shares) - 1)
    parts, running, given = [], Decimal(0), Decimal(0)
    for share in shares:
        running += share
        upto = money(whole * running / weight, digits)
        parts.append(upto - given)
        given = upto
    return parts


def _floor(amount: Decimal, digits: int) -> Decimal:
    return amount.quantize(unit(digits), rounding=ROUND_FLOOR)
