"""Deadlines worked out by others: three calendars in Shanghai, two with Chinese holidays."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import pytz

from .calendars import SHANGHAI, create_calendar, load_holidays
from .dedupe import read_rows
from .formats import number

NAME = "sla_vectors"
FILES = {"vectors": "sla_deadline_vectors.csv"}
OFFICE = ((9, 12), (13, 18))
# Hours of each calendar, whether it has Chinese holidays, and whether make-up days are worked.
CALENDARS = {
    "A": (OFFICE, False, False),
    "B": (((9, 17.5),), True, False),
    "C": (OFFICE, True, True),
}
TIME_FORMAT = "%Y-%m-%d %H:%M"
HOUR = 3600


class Vector(NamedTuple):
    """A row of the file, and the planner's answer to it."""

    calendar: str
    start: datetime
    minutes: int
    expected: datetime
    planned: datetime
    at_interval_end: bool


def load(session, paths) -> list[Vector]:
    """Make the calendars, load the official holidays and plan every deadline."""
    rows = read_rows(paths["vectors"])
    years = {local(row[name]).year for row in rows for name in ("start_local", "deadline_local")}
    vectors = []
    for name, (hours, holidays, make_up_days) in CALENDARS.items():
        own = [row for row in rows if row["calendar"] == name]
        calendar = create_calendar(session, name, hours)
        if holidays:
            load_holidays(session, calendar, years)
        if not make_up_days:
            calendar.crm_makeup_ids.unlink()
        vectors += plan(calendar, name, own)
    return vectors


def plan(calendar, name: str, rows: list[dict]) -> Iterator[Vector]:
    """Plan the deadlines of one calendar in one question to the planner.

    Whether work is at rest right after a deadline, the planner says as well.
    """
    if not rows:
        return
    asked = [(local(row["start_local"]), int(row["business_minutes"]) * 60) for row in rows]
    planned = calendar._plan_deadlines(asked)
    grid = calendar._get_work_grid(min(start for start, _seconds in asked), max(planned))
    for row, (start, seconds), deadline in zip(rows, asked, planned, strict=True):
        instant = int(deadline.timestamp())
        yield Vector(
            name,
            start,
            seconds // 60,
            local(row["deadline_local"]),
            deadline,
            not grid.worked(instant, instant + 1),
        )


def figures(session, vectors) -> Iterator[tuple[str, str, str]]:
    """Figures of the planner's deadlines, and how many agree with those published."""
    yield from of("", vectors)
    for name in CALENDARS:
        yield from of(f"calendar={name}", [one for one in vectors if one.calendar == name])


def of(piece: str, vectors: list[Vector]) -> Iterator[tuple[str, str, str]]:
    """Figures of some vectors."""
    between = [one for one in vectors if not one.at_interval_end]
    hours = [(one.planned - one.start).total_seconds() / HOUR for one in between]
    mean = sum(hours) / len(hours) if hours else None
    agreeing = [one for one in vectors if one.planned == one.expected]
    condition = ";".join(filter(None, (piece, "at_interval_end=no")))
    yield "vectors", piece or "all", number(len(vectors))
    yield "agreeing_deadlines", piece or "all", number(len(agreeing))
    yield "vectors_at_interval_end", piece or "all", number(len(vectors) - len(between))
    yield "business_minutes", piece or "all", number(sum(one.minutes for one in vectors))
    yield "hours_to_deadline_mean", condition, number(mean)


def local(text: str) -> datetime:
    """A time of the file."""
    return pytz.timezone(SHANGHAI).localize(datetime.strptime(text, TIME_FORMAT))
