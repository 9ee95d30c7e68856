"""Health of a customer, 0 to 100, and the reasons for it: plain arithmetic on a few facts.

The score starts at 100 and loses points. Each loss is a :class:`Reason`, so that a score can always
be explained; who has never been invoiced has no score. The bands are data, because the nightly job
turns the same ones into SQL.
"""

from typing import NamedTuple

# (at least so many, points lost), the worst first.
OVERDUE_DAYS = ((91, 50), (61, 40), (31, 30), (16, 20), (1, 10))
SILENT_DAYS = ((366, 30), (181, 20), (91, 10))
UNTOUCHED_DAYS = ((181, 10), (91, 5))
# (percent less than in the year before, points lost)
DECLINE_PERCENT = ((50, 15), (20, 8))
# An overdue amount below this share of a year's invoices is a rest, not a habit.
MINOR_PERCENT = 1
MINOR_POINTS = 5
# (at least so many points, level)
LEVELS = ((80, "good"), (60, "watch"), (0, "risk"))


class Facts(NamedTuple):
    """What a score is made of.

    :ivar overdue_amount: what is due and unpaid, company currency; credits deducted
    :ivar overdue_days: age of the oldest unpaid due date, 0 when nothing is overdue
    :ivar silent_days: days since the last invoice; None: never invoiced
    :ivar untouched_days: days since the last follow-up; None: never followed up
    :ivar invoiced: without tax, the last 12 months
    :ivar invoiced_before: without tax, the 12 months before these
    """

    overdue_amount: float = 0.0
    overdue_days: int = 0
    silent_days: int | None = None
    untouched_days: int | None = None
    invoiced: float = 0.0
    invoiced_before: float = 0.0


class Reason(NamedTuple):
    """Why points were lost.

    :ivar code: ``overdue``, ``overdue_minor``, ``silent``, ``decline``, ``untouched``, ``never``
    :ivar points: negative
    :ivar value: days, or percent for ``decline``
    """

    code: str
    points: int
    value: int


def _lose(value, bands):
    return next((points for least, points in bands if value >= least), 0)


def _cents(amount):
    return round(amount * 100)


def _overdue(facts):
    if _cents(facts.overdue_amount) <= 0:
        return None
    points = _lose(facts.overdue_days, OVERDUE_DAYS)
    minor = _cents(facts.overdue_amount) * 100 < _cents(facts.invoiced) * MINOR_PERCENT
    if minor:
        return Reason("overdue_minor", -min(points, MINOR_POINTS), facts.overdue_days)
    return Reason("overdue", -points, facts.overdue_days)


def _decline(facts):
    now, before = _cents(facts.invoiced), _cents(facts.invoiced_before)
    if before <= 0:
        return None
    percent = (before - now) * 100 // before
    return Reason("decline", -_lose(percent, DECLINE_PERCENT), min(percent, 100))


def _untouched(facts):
    if facts.untouched_days is None:
        return Reason("never", -UNTOUCHED_DAYS[0][1], 0)
    return Reason("untouched", -_lose(facts.untouched_days, UNTOUCHED_DAYS), facts.untouched_days)


def explain(facts: Facts) -> list[Reason]:
    """Return why a customer has less than 100, the heaviest reason first."""
    if facts.silent_days is None:
        return []
    silent = Reason("silent", -_lose(facts.silent_days, SILENT_DAYS), facts.silent_days)
    found = (_overdue(facts), silent, _decline(facts), _untouched(facts))
    return sorted((one for one in found if one and one.points), key=lambda one: one.points)


def score(facts: Facts) -> int | None:
    """Return the health, 0 to 100; None without any invoice."""
    if facts.silent_days is None:
        return None
    return max(0, 100 + sum(reason.points for reason in explain(facts)))


def level(points: int | None) -> str | None:
    """Return ``good``, ``watch`` or ``risk``; None without a score."""
    if points is None:
        return None
    return next(name for least, name in LEVELS if points >= least)
