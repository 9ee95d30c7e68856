"""Deadlines in working time: the grid with prefix sums against the host's ``plan_hours``."""

import random
from datetime import datetime, timedelta

import pytz

from odoo import Command

TICKETS = 500
SEED = 20261001
NATIONAL_DAY = {
    "name": "National Day",
    "date_from": datetime(2026, 9, 30, 16),
    "date_to": datetime(2026, 10, 7, 16),
}


def run(env, measure) -> None:
    """Plan the deadlines of :data:`TICKETS` starts in one year, 1 to 40 hours each."""
    calendar = env["resource.calendar"].create(
        {
            "name": "Benchmark 40 hours",
            "tz": "Asia/Shanghai",
            "global_leave_ids": [Command.create(NATIONAL_DAY)],
        }
    )
    generator = random.Random(SEED)
    first = datetime(2026, 1, 5, tzinfo=pytz.utc)
    requests = [
        (first + timedelta(minutes=generator.randrange(300 * 1440)), generator.randint(1, 40))
        for _ticket in range(TICKETS)
    ]
    env.flush_all()

    def ours() -> list[datetime]:
        asked = [(start, hours * 3600) for start, hours in requests]
        return [deadline.astimezone(pytz.utc) for deadline in calendar._plan_deadlines(asked)]

    def peer() -> list[datetime]:
        planned = (
            calendar.plan_hours(hours, start, compute_leaves=True) for start, hours in requests
        )
        return [deadline.astimezone(pytz.utc) for deadline in planned]

    measure(f"{TICKETS} deadlines in working time", ours, peer, "plan_hours one by one")
