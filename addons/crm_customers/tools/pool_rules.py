"""When a customer goes back to the public pool, and why. Plain values, no database.

A rule gives the owner a number of working days for something to happen: a follow-up, a new
opportunity, a deal. The clock of a rule runs from the latest of: the last time it happened, the day
the owner got the customer, the day the pool began to watch it, and the day the rule came into
force. The earliest deadline of all rules counts; the customer goes back once that day is over.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

TRIGGERS = ("followup", "opportunity", "deal")


@dataclass(frozen=True)
class ReturnRule:
    """One return rule.

    :param days: working days the owner has
    :param levels: customer levels it is for; empty: every level that no other rule of the same
        trigger names
    :param start: the day from which the rule counts
    """

    id: int
    trigger: str
    days: int
    start: date
    levels: frozenset = frozenset()
    exempt_deal: bool = False
    exempt_opportunity: bool = False
    exempt_contract: bool = False
    exempt_tags: frozenset = frozenset()


@dataclass(frozen=True)
class CustomerFacts:
    """What is known of one owned customer; days are local days of the pool's calendar."""

    id: int
    owned_since: date
    watched_since: date
    level: int | None = None
    tags: frozenset = frozenset()
    last: dict = field(default_factory=dict)  # trigger -> day it last happened
    open_opportunity: bool = False
    contract_in_force: bool = False
    locked_until: date | None = None


@dataclass(frozen=True)
class Verdict:
    """What the rules say of a customer.

    :param deadline: last day on which the owner can still act; None: it does not go back
    :param since: the day from which the deciding rule counted
    :param happened: whether ``since`` is the day the thing itself happened
    :param spared: why nothing threatens: ``deal, opportunity, contract, tag``, ``no_rule``
    :param locked: a lock put the deadline off
    """

    deadline: date | None = None
    rule: ReturnRule | None = None
    since: date | None = None
    happened: bool = False
    spared: str | None = None
    locked: bool = False


def rules_for_level(rules: Iterable[ReturnRule], level: int | None) -> list[ReturnRule]:
    """The rules a customer of this level is under: named levels come before the general rule."""
    chosen = []
    for trigger in TRIGGERS:
        of_trigger = [rule for rule in rules if rule.trigger == trigger]
        named = [rule for rule in of_trigger if level in rule.levels]
        chosen += named or [rule for rule in of_trigger if not rule.levels]
    return chosen


def spared_by(rule: ReturnRule, facts: CustomerFacts) -> str | None:
    """Which exemption of the rule holds for the customer, or None."""
    if rule.exempt_contract and facts.contract_in_force:
        return "contract"
    if rule.exempt_opportunity and facts.open_opportunity:
        return "opportunity"
    if rule.exempt_deal and facts.last.get("deal"):
        return "deal"
    if rule.exempt_tags & facts.tags:
        return "tag"
    return None


def clock_start(rule: ReturnRule, facts: CustomerFacts) -> tuple[date, bool]:
    """The day from which a rule counts, and whether that is the day the thing happened."""
    floor = max(facts.owned_since, facts.watched_since, rule.start)
    happened = facts.last.get(rule.trigger)
    return (happened, True) if happened and happened >= floor else (floor, False)


def judge(
    facts: CustomerFacts,
    rules: Iterable[ReturnRule],
    nth_working_day: Callable[[date, int], date],
) -> Verdict:
    """Say when the customer goes back and which of the rules for its level decides.

    :param rules: those of its level, see `rules_for_level`
    :param nth_working_day: the n-th working day strictly after a day
    """
    decided, spared = None, None
    for rule in rules:
        reason = spared_by(rule, facts)
        if reason:
            spared = spared or reason
            continue
        since, happened = clock_start(rule, facts)
        deadline = nth_working_day(since, rule.days)
        if decided is None or deadline < decided[0]:
            decided = (deadline, rule, since, happened)
    if decided is None:
        return Verdict(spared=spared or "no_rule")
    if facts.locked_until and facts.locked_until > decided[0]:
        return Verdict(facts.locked_until, *decided[1:], locked=True)
    return Verdict(*decided)


def is_due(verdict: Verdict, today: date) -> bool:
    """Whether the owner's last day is over."""
    return verdict.deadline is not None and verdict.deadline < today
