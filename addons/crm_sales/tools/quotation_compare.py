"""Pairs the lines of two revisions of a quotation. Plain Python, no database."""

from typing import NamedTuple


class Line(NamedTuple):
    """A line of a quotation: what it is, and its figures by name."""

    key: object
    label: str
    figures: dict


class Pair(NamedTuple):
    """A line before and after; ``changed`` names the figures that differ."""

    status: str
    before: Line | None
    after: Line | None
    changed: frozenset


def compare_lines(before: list[Line], after: list[Line]) -> list[Pair]:
    """Return the lines of both sides paired, in the order of the later revision.

    Lines of the same key are paired first with one that is equal, then in their order, so a price
    changed on one of two lines of a product is one change. What has no partner was added or
    removed; removed lines stand at the end.
    """
    left = list(before)
    partners = {}
    for equal in (True, False):
        for index, line in enumerate(after):
            if index in partners:
                continue
            match = next(
                (
                    other
                    for other in left
                    if other.key == line.key and (not equal or other.figures == line.figures)
                ),
                None,
            )
            if match is not None:
                partners[index] = match
                left.remove(match)
    pairs = [_pair(partners.get(index), line) for index, line in enumerate(after)]
    return pairs + [Pair("removed", line, None, frozenset()) for line in left]


def _pair(before, after):
    if before is None:
        return Pair("added", None, after, frozenset())
    changed = frozenset(
        name
        for name in before.figures.keys() | after.figures.keys()
        if before.figures.get(name) != after.figures.get(name)
    )
    return Pair("changed" if changed else "same", before, after, changed)
