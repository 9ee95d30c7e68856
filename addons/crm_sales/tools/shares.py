"""Sharing an amount out so that the parts add up to it, the remainder where it is largest."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

from .instalments import Number, money, unit


def largest_remainder(amount: Number, weights: Sequence[Number], digits: int) -> list[Decimal]:
    """Divide ``amount`` in proportion to ``weights``; the parts add up to it exactly.

    Every part is rounded towards zero; the smallest units left over go to the parts that lost
    most by it, the earlier one among equals. So no part is off by a whole unit, and the order of
    the sellers matters only where their claims are the same. Negative amounts mirror positive
    ones: what is taken back is divided as it was given.

    :param amount: amount to divide; rounded to the currency first
    :param weights: not negative, not all zero
    :param digits: decimals of the currency: 0 for JPY, 2 for CNY, 3 for KWD
    :raises ValueError: no weights, a negative one, or all of them zero
    """
    shares = [Decimal(str(weight)) for weight in weights]
    if any(share < 0 for share in shares):
        raise ValueError("a share cannot be negative")
    total = sum(shares, Decimal(0))
    if not total:
        raise ValueError("an amount cannot be divided among nobody")
    whole, step = money(amount, digits), unit(digits)
    sign, whole = (-1, -whole) if whole < 0 else (1, whole)
    exact = [whole * share / total for share in shares]
    parts = [part.quantize(step, rounding=ROUND_DOWN) for part in exact]
    left = int((whole - sum(parts)) / step)
    losers = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in losers[:left]:
        parts[index] += step
    return [sign * part for part in parts]
