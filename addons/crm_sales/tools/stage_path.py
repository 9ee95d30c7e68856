"""Which conditions of stages a move meets. Plain Python, no database."""

from typing import NamedTuple


class Passage(NamedTuple):
    """A move between positions; a position is anything that orders stages.

    ``start`` is None for an opportunity that was none before.
    """

    start: tuple | None
    end: tuple


def is_passed(passage: Passage, position: tuple, moment: str) -> bool:
    """Whether the move goes through the gate of the stage at ``position``.

    Forward it leaves the stage it stands in and each one skipped, and enters each one skipped and
    the last. Backward, or on the spot, it passes no gate.

    :param moment: ``leave`` or ``enter``
    """
    start, end = passage
    if moment == "enter":
        return (start is None or start < position) and position <= end
    return (start is None or start <= position) and position < end
