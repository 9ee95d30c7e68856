"""Receipts: sharing money out to what is open, and finding whom an unknown receipt is from."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from .instalments import Number, money

# What a number of a contract, invoice or order looks like in a bank's words: letters, then digits.
TOKEN = re.compile(r"[A-Z]{1,6}[A-Z0-9/_-]*\d{3,}[A-Z0-9/_-]*")

# Weights of what speaks for a match; the number of the contract settles it.
NUMBER, NAME, AMOUNT = 4, 2, 1


def propose(amount: Number, open_amounts: Sequence[Number], digits: int) -> list[Decimal]:
    """Share ``amount`` out to what is open, in order, until it is used up.

    :param amount: money that arrived, not negative
    :param open_amounts: what is open on each item, in the order in which to pay them
    :param digits: decimals of the currency
    :return: one part for each item; their sum is at most ``amount``
    """
    left = money(amount, digits)
    if left < 0:
        raise ValueError("money that arrived cannot be negative")
    parts = []
    for item in open_amounts:
        part = max(Decimal(0), min(left, money(item, digits)))
        parts.append(part)
        left -= part
    return parts


def find_numbers(text: str) -> list[str]:
    """Return what may be document numbers in a bank's words, upper case, without repetition.

    Full-width letters and digits count as plain ones.
    """
    plain = unicodedata.normalize("NFKC", text or "").upper()
    return list(dict.fromkeys(match.strip("/_-") for match in TOKEN.findall(plain)))


class Evidence(NamedTuple):
    """What speaks for a receipt being for an instalment.

    :ivar bool number: the contract's number stands in the bank's words
    :ivar bool name: the payer has the customer's name
    :ivar bool amount: the amount is exactly what is open
    """

    number: bool
    name: bool
    amount: bool

    @property
    def score(self) -> int:
        """How much speaks for it; zero is nothing."""
        return NUMBER * self.number + NAME * self.name + AMOUNT * self.amount
