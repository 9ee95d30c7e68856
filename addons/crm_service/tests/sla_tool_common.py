"""Calendars and moments that the tests of the clocks share; no database."""

from datetime import date, datetime

import pytz

from odoo.addons.crm_customers.tools.work_grid import (
    MakeUpDay,
    WorkGrid,
    WorkSchedule,
)

HOUR = 3600
SHANGHAI = pytz.timezone("Asia/Shanghai")
NEW_YORK = pytz.timezone("America/New_York")


def at(text, tz=SHANGHAI, year=2026):
    """Epoch seconds of ``MM-DD HH:MM`` local time."""
    return int(tz.localize(datetime.strptime(f"{year}-{text}", "%Y-%m-%d %H:%M")).timestamp())


def office(first=date(2026, 9, 1), makeups=(date(2026, 9, 20), date(2026, 10, 10)), leaves=()):
    """K: Monday to Friday 09-12 and 13-18 in Shanghai, with the National Day of 2026."""
    spans = [(9 * HOUR, 12 * HOUR), (13 * HOUR, 18 * HOUR)]
    return WorkGrid(
        WorkSchedule(
            tz="Asia/Shanghai",
            hours={(parity, day): spans for parity in (0, 1) for day in range(5)},
            makeups={day: MakeUpDay() for day in makeups},
            leaves=[(at("10-01 00:00"), at("10-08 00:00")), *leaves],
        ),
        first,
    )


def hours_of_new_york(spans, days):
    return WorkGrid(
        WorkSchedule(
            tz="America/New_York",
            hours={(parity, day): spans for parity in (0, 1) for day in range(days)},
        ),
        date(2026, 3, 1),
    )
