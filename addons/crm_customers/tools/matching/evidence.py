"""Evidence for and against two records being the same customer, weighed in bits.

A field that agrees speaks for it by as many bits as agreement by chance is rare; one that differs
speaks against it. Fields that one of the two does not have say nothing. There is one set of
weights for persons and one for companies, for every list they are used on.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from operator import attrgetter

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
    :param joined: equal is also what is equal without blanks
    """

    field: str
    grades: tuple[tuple[float, float], ...]
    differs: float
    words: bool = False
    contained: float | None = None
    joined: bool = False

    @property
    def most(self) -> float:
        """The most bits the field can give."""
        return max(value for _least, value in self.grades)

    @property
    def most_unequal(self) -> float:
        """The most bits it can give when the texts differ; words may stand in another order."""
        if self.words:
            return self.most
        return max((value for _least, value in self.grades[:-1]), default=self.differs)


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
        "name",
        ((0.5, -3), (0.65, 0), (0.75, 3), (0.85, 6), (1, 11)),
        -6,
        words=True,
        contained=4,
        joined=True,
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
# Pairs are taken out of the arrays when at least one of five can go.
SPARED = 0.8
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


def judge(
    cards: Sequence[Card], first: np.ndarray, second: np.ndarray, least: float | None = None
) -> Judgement:
    """Weigh the evidence for pairs of cards; a person and a company are never the same.

    :param first: positions in ``cards``; ``second`` likewise
    :param least: leave out pairs with fewer bits, as soon as they cannot reach them any more
    """
    kinds = np.fromiter((card.company for card in cards), bool, len(cards))
    judged = []
    for company, weights in ((False, PERSON), (True, COMPANY)):
        chosen = (kinds[first] == company) & (kinds[second] == company)
        if chosen.any():
            judged.append(_weigh(cards, first[chosen], second[chosen], weights, company, least))
    return judged[0] if len(judged) == 1 else _join(judged)


def find_pairs(cards: Sequence[Card], least: float = SURE) -> Judgement:
    """All pairs of a list that speak for one customer with at least so many bits."""
    first, second = candidate_pairs([card.list_keys() for card in cards])
    return judge(cards, first, second, least)


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


def _weigh(cards, first, second, weights, company: bool, least: float | None) -> Judgement:
    columns = {weight.field: _read_column(cards, weight.field) for weight in weights}
    steps = [
        (weight.field, partial(_grade, weight, column))
        for weight in sorted(weights, key=_cost)
        if (column := columns[weight.field]).values
    ]
    if company:
        marks = columns["name"].derive(_numerals)
        steps.append(("forms", partial(_compare_forms, _read_column(cards, "forms"))))
        steps.append(("numerals", partial(_compare_marks, columns["name"], marks, OTHER_NUMBER)))
    else:
        marks = columns["street"].derive(_house)
        steps.insert(0, ("house", partial(_compare_marks, marks, marks, OTHER_HOUSE)))
    if least is None:
        parts = {field: read(first, second) for field, read in steps}
        bits = sum(parts.values(), np.zeros(len(first)))
        return Judgement(first, second, bits, _in_order(parts, weights))
    return _weigh_until(least, first, second, steps, weights, columns)


def _weigh_until(least, first, second, steps, weights, columns) -> Judgement:
    """Weigh field by field, and let go of pairs that the fields left cannot bring so far."""
    rest = {
        weight.field: columns[weight.field].bound(weight, first, second)
        for weight in weights
        if columns[weight.field].values
    }
    reach = sum(rest.values(), np.zeros(len(first)))
    parts: dict[str, np.ndarray] = {}
    for place, (field, read) in enumerate(steps):
        parts[field] = read(first, second)
        reach = reach + parts[field] - rest.pop(field, 0.0)
        alive = reach >= least - 1e-9
        if place + 1 == len(steps) or alive.sum() < SPARED * len(alive):
            first, second, reach = first[alive], second[alive], reach[alive]
            parts = {name: bits[alive] for name, bits in parts.items()}
            rest = {name: bits[alive] for name, bits in rest.items()}
    return Judgement(first, second, reach, _in_order(parts, weights))


def _in_order(parts, weights):
    """The fields in the order of the weights, which is that of equally strong reasons."""
    order = {weight.field: place for place, weight in enumerate(weights)}
    return dict(sorted(parts.items(), key=lambda item: order.get(item[0], len(order))))


def _cost(weight: Weight) -> tuple:
    """Short texts that tell customers apart come first, comparing words in any order last."""
    return weight.words, weight.field in ("street", "street2", "email"), weight.differs


def _read_column(cards, field: str) -> "Column":
    return Column(list(map(attrgetter(field), cards)))


class Column:
    """The texts of one field, each different one numbered; 0 is empty."""

    def __init__(self, texts: Sequence[str]):
        """Number the texts in the order they come."""
        different = dict.fromkeys(texts)
        different.pop("", None)
        self.values = list(different)
        numbers = {"": 0} | dict(zip(self.values, count(1), strict=False))
        self.codes = np.fromiter(map(numbers.__getitem__, texts), np.int64, len(texts))

    def derive(self, read: Callable[[str], str]) -> "Column":
        """The column of what is read from each text."""
        derived = Column(["", *map(read, self.values)])
        derived.codes = derived.codes[self.codes]
        return derived

    def bound(self, weight: Weight, first, second) -> np.ndarray:
        """The most bits that a field can give to each pair."""
        one, other = self.codes[first], self.codes[second]
        most = np.where(one == other, weight.most, weight.most_unequal)
        if weight.contained is not None:
            most = np.maximum(most, weight.contained)
        return np.where((one > 0) & (other > 0), most, 0.0)

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
    if weight.joined:
        equal = [_is_joined(one, other) for one, other in zip(left, right, strict=True)]
        likeness = np.where(equal, 1.0, likeness)
    for least, value in weight.grades:
        bits = np.where(likeness >= least - 1e-6, value, bits)
    if weight.contained is not None:
        inside = process.cpdist(left, right, scorer=fuzz.token_set_ratio, dtype=np.float32) == 100
        bits = np.where(inside, np.maximum(bits, weight.contained), bits)
    result[mask] = bits[places]
    return result


def _is_joined(one: str, other: str) -> bool:
    """Whether names differ in blanks alone, as ``Wal-Mart`` and ``Walmart``; initials do not."""
    if one.replace(" ", "") != other.replace(" ", ""):
        return False
    return min(map(len, f"{one} {other}".split())) > 1


def _compare_forms(column: Column, first, second) -> np.ndarray:
    """Charge pairs whose legal forms do not fit each other."""
    mask, left, right, places = column.different(first, second)
    result = np.zeros(len(first))
    charges = [
        0.0 if agree(tuple(one.split()), tuple(other.split())) else OTHER_FORM
        for one, other in zip(left, right, strict=True)
    ]
    if charges:
        result[mask] = np.array(charges)[places]
    return result


def _compare_marks(known: Column, marks: Column, cost: float, first, second) -> np.ndarray:
    """Charge pairs with different marks, where there is something they could be read from.

    :param known: what both of a pair must have
    """
    one, other = marks.codes[first], marks.codes[second]
    both = (known.codes[first] > 0) & (known.codes[second] > 0)
    return np.where(both & (one != other), cost, 0.0)


def _numerals(text: str) -> str:
    """The numbers in a company's name, which tell branches and funds apart."""
    return " ".join(sorted({word for word in text.split() if NUMERALS.match(word)}))


def _house(text: str) -> str:
    found = NUMBER.search(text)
    return found[0] if found else ""
