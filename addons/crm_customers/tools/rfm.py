"""Recency, frequency, monetary value: fifths of all buyers, equal customers in the same fifth."""

from bisect import bisect_left

FIFTHS = 5
# Names for pairs of scores, the first that fits: (name, recency from, to, value from, to), where
# value is the larger of frequency and monetary value.
CLASSES = (
    ("champion", 4, 5, 4, 5),
    ("loyal", 3, 5, 3, 5),
    ("recent", 4, 5, 1, 2),
    ("fading", 1, 2, 3, 5),
    ("occasional", 3, 3, 1, 2),
    ("lapsed", 1, 2, 1, 2),
)


def fifths(values) -> list[int]:
    """Return 1 to 5 for each value: ``1 + floor(5 * (rank - 1) / N)``.

    Equal values have the same rank, the lowest, so that equal customers are never told apart.
    """
    ordered = sorted(values)
    count = len(ordered)
    return [1 + FIFTHS * bisect_left(ordered, value) // count for value in values]


def scores(customers) -> list[tuple[int, int, int]]:
    """Return ``(recency, frequency, monetary)`` of each ``(last date, count, amount)``.

    The monetary score of who brought nothing, or got more credited than invoiced, is 1.
    """
    customers = list(customers)
    if not customers:
        return []
    dates, counts, amounts = zip(*customers, strict=True)
    return [
        (recency, frequency, monetary if amount > 0 else 1)
        for recency, frequency, monetary, amount in zip(
            fifths(dates), fifths(counts), fifths(amounts), amounts, strict=True
        )
    ]


def name_class(recency: int, frequency: int, monetary: int) -> str:
    """Return the name of what the three scores say together, a key of ``CLASSES``."""
    value = max(frequency, monetary)
    return next(
        name
        for name, recent, recent_to, least, most in CLASSES
        if recent <= recency <= recent_to and least <= value <= most
    )
