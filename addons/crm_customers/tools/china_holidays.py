"""Official holidays and make-up working days of China, a calendar year at a time.

Source: the library ``chinesecalendar``, which transcribes the State Council's yearly notices. A
year it does not know is an error, never a guess: the days are fixed by decree each November.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, workdays


class UnknownYearError(ValueError):
    """The library holds no notice for the year."""


@dataclass(frozen=True)
class OfficialPeriod:
    """Consecutive dates, first and last included, of one holiday."""

    first: date
    last: date
    name: str
    chinese_name: str

    @property
    def label(self) -> str:
        """The name in both languages, since a calendar has readers of both."""
        return f"{self.chinese_name} {self.name}"


@dataclass(frozen=True)
class OfficialYear:
    """What the notices say about one calendar year."""

    year: int
    holidays: tuple[OfficialPeriod, ...]
    makeups: tuple[OfficialPeriod, ...]


def known_years() -> tuple[int, int]:
    """Return the first and the last year the library knows."""
    return min(holidays).year, max(holidays).year


def official_year(year: int) -> OfficialYear:
    """Return the holidays and make-up days that lie in a calendar year.

    A make-up day in December may belong to the next year's notice; it is known once that notice
    is in the library.

    :raises UnknownYearError: the library has no data for the year
    """
    if not any(day.year == year for day in holidays):
        raise UnknownYearError(f"no official holidays known for {year}")
    return OfficialYear(year, _periods(holidays, year), _periods(workdays, year, joined=False))


def _periods(names: dict[date, str], year: int, joined: bool = True) -> tuple[OfficialPeriod, ...]:
    """Group the days of a year; neighbours of the same name become one period if ``joined``."""
    periods: list[OfficialPeriod] = []
    for day in sorted(day for day in names if day.year == year):
        name = names[day]
        last = periods[-1] if periods else None
        if joined and last and last.name == name and last.last == day - timedelta(days=1):
            periods[-1] = OfficialPeriod(last.first, day, name, last.chinese_name)
        else:
            periods.append(OfficialPeriod(day, day, name, Holiday(name).chinese))
    return tuple(periods)
