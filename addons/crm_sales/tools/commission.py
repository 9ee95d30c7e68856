"""Commission on what a seller brought in during a period: tiers, cap, and the reasons.

The commission of a period is one function of the period's base, :func:`commission`. A line of a
statement is the difference that one document makes to it, so the lines always add up to what the
plan says about the base that is left, in whatever order documents came, changed and went away.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from .instalments import HUNDRED, Number, money

SLICE, WHOLE = "slice", "whole"


class Tier(NamedTuple):
    """A step of a plan: from a base of ``threshold`` on, ``rate`` per cent."""

    threshold: Decimal
    rate: Decimal


class Slice(NamedTuple):
    """A part of the base that one rate applies to, and what it earns before rounding."""

    rate: Decimal
    base: Decimal
    amount: Decimal


def make_tiers(pairs: Sequence[tuple[Number, Number]]) -> list[Tier]:
    """Return the tiers of ``(threshold, rate)`` pairs in order.

    :raises ValueError: none at all, the lowest does not start at zero, two start at the same base,
        or a rate is negative
    """
    tiers = sorted(Tier(Decimal(str(start)), Decimal(str(rate))) for start, rate in pairs)
    if not tiers or tiers[0].threshold:
        raise ValueError("the first tier starts at zero")
    if len({tier.threshold for tier in tiers}) < len(tiers):
        raise ValueError("two tiers start at the same amount")
    if any(tier.rate < 0 for tier in tiers):
        raise ValueError("a rate cannot be negative")
    return tiers


def commission(
    base: Number, tiers: Sequence[Tier], mode: str, digits: int, cap: Number = 0
) -> Decimal:
    """Return the commission of a period over ``base``, rounded half up to the currency.

    :param base: what counts in the period; negative when more was taken back than brought in,
        then the first rate applies
    :param tiers: see :func:`make_tiers`
    :param mode: ``slice``: each slice of the base at its own rate; ``whole``: the rate of the tier
        reached on the whole base
    :param digits: decimals of the currency
    :param cap: at most this much in the period; 0: no cap
    """
    amount = sum((part.amount for part in slices(base, tiers, mode)), Decimal(0))
    amount = money(amount, digits)
    limit = money(cap, digits)
    return min(amount, limit) if limit > 0 else amount


def slices(base: Number, tiers: Sequence[Tier], mode: str) -> list[Slice]:
    """Return the parts of ``base`` with the rate that applies to each; empty parts left out."""
    amount = Decimal(str(base))
    if not amount:
        return []
    if amount < 0 or mode == WHOLE:
        reached = [tier for tier in tiers if tier.threshold <= amount] or tiers[:1]
        rate = reached[-1].rate
        return [Slice(rate, amount, amount * rate / HUNDRED)]
    parts = []
    for index, tier in enumerate(tiers):
        end = tiers[index + 1].threshold if index + 1 < len(tiers) else amount
        part = min(amount, end) - tier.threshold
        if part > 0:
            parts.append(Slice(tier.rate, part, part * tier.rate / HUNDRED))
    return parts


def step(
    before: Number, delta: Number, tiers: Sequence[Tier], mode: str, digits: int, cap: Number = 0
) -> Decimal:
    """Return what ``delta`` more base (negative: less) earns in a period standing at ``before``."""
    after = Decimal(str(before)) + Decimal(str(delta))
    return commission(after, tiers, mode, digits, cap) - commission(
        before, tiers, mode, digits, cap
    )


def step_slices(before: Number, delta: Number, tiers: Sequence[Tier]) -> list[Slice]:
    """Return which slices ``delta`` filled (or emptied, then negative) above ``before``."""
    after = Decimal(str(before)) + Decimal(str(delta))
    changed: dict[Decimal, list[Decimal]] = {}
    for sign, base in ((1, after), (-1, Decimal(str(before)))):
        for part in slices(base, tiers, SLICE):
            entry = changed.setdefault(part.rate, [Decimal(0), Decimal(0)])
            entry[0] += sign * part.base
            entry[1] += sign * part.amount
    return [Slice(rate, base, amount) for rate, (base, amount) in sorted(changed.items()) if base]
