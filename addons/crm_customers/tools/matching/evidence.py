"""Evidence for and against two records being the same customer, weighed in bits.

A field that agrees speaks for it by as many bits as agreement by chance is rare; one that differs
speaks against it. Fields that one of the two does not have say nothing. There is one set of
weights for persons and one for companies, for every list they are used on.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from .blocking import candidate_pairs
from .cards import NUMBER, Card
from .names import agree

# From so many bits on a pair is the same customer, or may be.
SURE = 11.0
POSSIBLE = 6.0


@dataclass(frozen=True)
class Weight:
    """What one field says.

    :param field: of the card
    :param grades: ``(likeness from, bits)``, the lowest first; 1.0 is equal
    :param differs: bits below the first grade
    :param words: compare words in whatever order instead of letters
    :param contained: at least so many bits when all words of one are among the other's
    """

    field: str
    grades: tuple[tuple[float, float], ...]
    differs: float
    words: bool = False
    contained: float | None = None


PERSON = (
    Weight("name", ((0.55, -1.5), (0.7, 1), (0.8, 4), (0.9, 7), (1, 9)), -4, words=True),
    Weight("identity", ((0.7, 0), (0.85, 7), (1, 14)), -6),
    Weight("birth", ((0.7, 0), (0.87, 6), (1, 10)), -6),
    Weight("phone", ((0.9, 2), (1, 10)), -1),
    Weight("email", ((0.9, 5), (1, 12)), -0.5),
    Weight("street", ((0.6, 2), (0.8, 6), (1, 8)), -2),
    Weight("street2", ((0.75, 4), (1, 5)), -1),
    Weight("city", ((0.75, 4), (1, 5)), -2),
    Weight("zip", ((0.7, 2), (1, 5)), -2),
    Weight("state", ((1, 1),), -1),
    Weight("country", ((1, 0.5),), -2),
)
COMPANY = (
    Weight(
        "name", ((0.5, -3), (0.65, 0), (0.75, 3), (0.85, 6), (1, 11)), -6, words=True, contained=4
    ),
    Weight("code", ((0.9, 3), (1, 20)), -12),
    Weight("phone", ((0.9, 2), (1, 8)), -2),
    Weight("email", ((1, 6),), 0),
    Weight("domain", ((1, 6),), -1),
    Weight("street", ((0.6, 1), (0.75, 4), (1, 7)), -3, words=True, contained=5),
    Weight("city", ((0.75, 1), (1, 1.5)), -1, contained=1),
    Weight("zip", ((1, 2),), -1),
    Weight("state", ((1, 0.5),), -1),
    Weight("country", ((1, 1),), -8),
    Weight("region", ((1, 0.5),), -8),
)
# Companies of one name are told apart by the number in it, and by their legal form.
OTHER_NUMBER = -8.0
OTHER_FORM = -3.0
# Persons of one name in one street are told apart by the house.
OTHER_HOUSE = -6.0
NUMERALS = re.compile(r"^(?:\d+|[ivx]+)$")


@dataclass(frozen=True)
class Judgement:
    """What the evidence says of many pairs.

    :param first: positions of one card of each pair
    :param second: positions of the other
    :param bits: the sum of the evidence
    :param parts: by field, the bits it gave
    """

    first: np.ndarray
    second: np.ndarray
    bits: np.ndarray
    parts: dict[str, np.ndarray]

    def keep(self, chosen: np.ndarray) -> "Judgement":
        """Only the chosen pairs."""
        parts = {field: bits[chosen] for field, bits in self.parts.items()}
        return Judgement(self.first[chosen], self.second[chosen], self.bits[chosen], parts)

    def reasons(self, place: int) -> dict[str, float]:
        """The fields that say something about one pair, with their bits, the strongest first."""
        found = {field: float(bits[place]) for field, bits in self.parts.items() if bits[place]}
        return dict(sorted(found.items(), key=lambda item: -abs(item[1])))


def judge(cards: Sequence[Card], first: np.ndarray, second: np.ndarray) -> Judgement:
    """Weigh the evidence for pairs of cards; a person and a company are never the same.

    :param first: positions in ``cards``; ``second`` likewise
    """
    kinds = np.fromiter((card.company for card in cards), bool, len(cards))
    judged = []
    for company, weights in ((False, PERSON), (True, COMPANY)):
        chosen = (kinds[first] == company) & (kinds[second] == company)
        if chosen.any():
            judged.append(_weigh(cards, first[chosen], second[chosen], weights, company))
    return judged[0] if len(judged) == 1 else _join(judged)


def find_pairs(cards: Sequence[Card], least: float = SURE) -> Judgement:
    """All pairs of a list that speak for one customer with at least so many bits."""
    first, second = candidate_pairs([card.list_keys() for card in cards])
    judgement = judge(cards, first, second)
    return judgement.keep(judgement.bits >= least)


def as_columns(pairs: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of positions as the two columns that :func:`judge` takes."""
    table = np.array(pairs, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def judge_pairs(pairs: Sequence[tuple[Card, Card]]) -> list[tuple[float, str]]:
    """The evidence for pairs one by one: bits and :func:`explain`, in the order of the pairs."""
    cards = [card for pair in pairs for card in pair]
    first = np.arange(0, len(cards), 2)
    judgement = judge(cards, first, first + 1)
    found = dict(zip(judgement.first.tolist(), range(len(judgement.first)), strict=True))
    return [
        (float(judgement.bits[place]), explain(cards, judgement, place))
        for place in map(found.__getitem__, first.tolist())
    ]


def explain(cards: Sequence[Card], judgement: Judgement, place: int) -> str:
    """Why one pair was judged so, as JSON: ``[[field, how, bits], ...]``, the strongest first.

    ``how`` is ``same``, ``similar`` or ``different``.
    """
    one, other = cards[judgement.first[place]], cards[judgement.second[place]]
    reasons = []
    for field, bits in judgement.reasons(place).items():
        if getattr(one, field, None) == getattr(other, field, ""):
            how = "same"
        else:
            how = "similar" if bits > 0 else "different"
        reasons.append([field, how, round(bits, 1)])
    return json.dumps(reasons)


def _join(judged: list[Judgement]) -> Judgement:
    empty = np.empty(0, np.int64)
    fields = {field for one in judged for field in one.parts}
    return Judgement(
        np.concatenate([one.first for one in judged] or [empty]),
        np.concatenate([one.second for one in judged] or [empty]),
        np.concatenate([one.bits for one in judged] or [empty]),
        {
            field: np.concatenate([one.parts.get(field, np.zeros(len(one.bits))) for one in judged])
            for field in fields
        },
    )


def _weigh(cards, first, second, weights, company: bool) -> Judgement:
    parts = {}
    for weight in weights:
        column = Column([getattr(card, weight.field) for card in cards])
        if column.values:
            parts[weight.field] = _grade(weight, column, first, second)
    if company:
        parts["forms"] = _compare_sets(cards, first, second, "forms", _forms, OTHER_FORM)
        parts["numerals"] = _compare_sets(cards, first, second, "name", _numerals, OTHER_NUMBER)
    else:
        parts["house"] = _compare_sets(cards, first, second, "street", _houses, OTHER_HOUSE)
    bits = sum(parts.values(), np.zeros(len(first)))
    return Judgement(first, second, bits, parts)


class Column:
    """The texts of one field, each different one numbered; 0 is empty."""

    def __init__(self, texts: Sequence[str]):
        """Number the texts in the order they come."""
        numbers = {"": 0}
        self.codes = np.fromiter(
            (numbers.setdefault(text, len(numbers)) for text in texts), np.int64, len(texts)
        )
        self.values = list(numbers)[1:]

    def different(self, first, second):
        """Where both texts are known and differ, and each different pair of them once.

        :return: ``(mask, one texts, other texts, which pair each place of the mask has)``
        """
        one, other = self.codes[first], self.codes[second]
        mask = (one != other) & (one > 0) & (other > 0)
        span = len(self.values) + 1
        packed = np.minimum(one, other)[mask] * span + np.maximum(one, other)[mask]
        packed, places = np.unique(packed, return_inverse=True)
        left = [self.values[code - 1] for code in (packed // span).tolist()]
        right = [self.values[code - 1] for code in (packed % span).tolist()]
        return mask, left, right, places


def _grade(weight: Weight, column: Column, first, second) -> np.ndarray:
    one, other = column.codes[first], column.codes[second]
    result = np.zeros(len(first))
    result[(one == other) & (one > 0)] = weight.grades[-1][1]
    mask, left, right, places = column.different(first, second)
    if not left:
        return result
    scorer = fuzz.token_sort_ratio if weight.words else OSA.normalized_similarity
    likeness = process.cpdist(left, right, scorer=scorer, dtype=np.float32)
    likeness = likeness / 100 if weight.words else likeness
    bits = np.full(len(left), float(weight.differs))
    for least, value in weight.grades:
        bits = np.where(likeness >= least - 1e-6, value, bits)
    if weight.contained is not None:
        inside = process.cpdist(left, right, scorer=fuzz.token_set_ratio, dtype=np.float32) == 100
        bits = np.where(inside, np.maximum(bits, weight.contained), bits)
    result[mask] = bits[places]
    return result


def _compare_sets(cards, first, second, field: str, read: Callable, cost: float) -> np.ndarray:
    """Charge pairs whose sets of marks do not fit each other."""
    column = Column([getattr(card, field) for card in cards])
    mask, left, right, places = column.different(first, second)
    result = np.zeros(len(first))
    charges = [0.0 if read(a, b) else cost for a, b in zip(left, right, strict=True)]
    if charges:
        result[mask] = np.array(charges)[places]
    return result


def _forms(one: str, other: str) -> bool:
    return agree(tuple(one.split()), tuple(other.split()))


def _numerals(one: str, other: str) -> bool:
    marks = [{word for word in text.split() if NUMERALS.match(word)} for text in (one, other)]
    return marks[0] == marks[1]


def _houses(one: str, other: str) -> bool:
    numbers = [NUMBER.search(text) for text in (one, other)]
    return not all(numbers) or numbers[0][0] == numbers[1][0]
