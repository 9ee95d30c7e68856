"""Working calendars for data sets that ask the planner, made as an administrator makes them."""

from collections.abc import Iterable

from odoo import Command

SHANGHAI = "Asia/Shanghai"
WORKING_WEEK = range(5)


def create_calendar(session, name: str, hours: Iterable[tuple[float, float]]):
    """A calendar in Shanghai, Monday to Friday, with these hours each day."""
    lines = [
        Command.create(
            {
                "name": f"{weekday} {start}",
                "dayofweek": str(weekday),
                "hour_from": start,
                "hour_to": end,
                "day_period": "morning" if start < 12 else "afternoon",
            }
        )
        for weekday in WORKING_WEEK
        for start, end in hours
    ]
    return session.administrator["resource.calendar"].create(
        {"name": name, "tz": SHANGHAI, "attendance_ids": [Command.clear(), *lines]}
    )


def load_holidays(session, calendar, years: Iterable[int]) -> None:
    """Press the button that loads the official holidays, for each of the years."""
    for year in sorted(years):
        calendar.action_load_official_holidays(year)
        session.after_step()
