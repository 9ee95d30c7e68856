"""Due dates in working days that stand still while a contract is suspended."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol


class DayGrid(Protocol):
    """What is needed of a working calendar: the n-th working day strictly after a day.

    Zero gives the day itself when it is a working day, else the next one.
    """

    def nth_working_day(self, day: date, count: int) -> date:
        """Return the ``count``-th working day after ``day``."""


class Pause(NamedTuple):
    """A suspension: the days after ``start`` up to and including ``end`` do not count."""

    start: date
    end: date

    def covers(self, day: date) -> bool:
        """Whether ``day`` does not count."""
        return self.start < day <= self.end


def due_date(grid: DayGrid, event: date, working_days: int, pauses: Sequence[Pause] = ()) -> date:
    """Return the day by which ``working_days`` working days have passed since ``event``.

    Working days inside a pause are not counted, so a period that had three days left when the
    contract was suspended has three days left when it is resumed.

    :param grid: working days of the contract's calendar
    :param event: date on which the period begins; it is not counted itself
    :param working_days: length of the period, not negative
    :param pauses: suspensions that have ended
    """
    if working_days < 0:
        raise ValueError("a period cannot be negative")
    step = min(working_days, 1)
    counted = 0
    while True:
        day = grid.nth_working_day(event, step)
        if not any(pause.covers(day) for pause in pauses):
            counted += 1
            if counted >= working_days:
                return day
        step += 1
