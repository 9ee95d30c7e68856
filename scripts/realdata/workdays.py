"""Working days of China, day by day: what the official holidays make of an ordinary week."""

from collections.abc import Iterator
from datetime import date

from .calendars import create_calendar, load_holidays
from .dedupe import read_rows
from .formats import number

NAME = "workdays"
FILES = {"days": "cn_workdays*.csv"}
OFFICE = ((9, 12), (13, 18))
SATURDAY = 5


def load(session, paths) -> dict[date, bool]:
    """Load the official holidays of the file's years; ask the planner about each of its days."""
    days = sorted({date.fromisoformat(row["date"]) for row in read_rows(paths["days"])})
    calendar = create_calendar(session, "Working Days", OFFICE)
    load_holidays(session, calendar, {day.year for day in days})
    grid = calendar._get_day_grid(days[0])
    return {day: grid.is_working_day(day) for day in days}


def figures(session, days) -> Iterator[tuple[str, str, str]]:
    """Count what the planner says, in all, by year and by month."""
    yield from counts(days, "all")
    for year in sorted({day.year for day in days}):
        own = {day: worked for day, worked in days.items() if day.year == year}
        yield from counts(own, f"year={year}")
    for year, month in sorted({(day.year, day.month) for day in days}):
        worked = sum(
            worked for day, worked in days.items() if (day.year, day.month) == (year, month)
        )
        yield "working_days", f"month={year}-{month:02d}", number(worked)


def counts(days: dict[date, bool], piece: str) -> Iterator[tuple[str, str, str]]:
    """Days, those worked, weekend days worked and days of the week not worked."""
    yield "days", piece, number(len(days))
    yield "working_days", piece, number(sum(days.values()))
    weekends = [worked for day, worked in days.items() if day.weekday() >= SATURDAY]
    weekdays = [worked for day, worked in days.items() if day.weekday() < SATURDAY]
    yield "make_up_days", piece, number(sum(weekends))
    yield "weekdays_off", piece, number(len(weekdays) - sum(weekdays))
