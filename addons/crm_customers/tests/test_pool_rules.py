from datetime import date, timedelta
from unittest import TestCase

from ..tools.pool_rules import (
    CustomerFacts,
    ReturnRule,
    is_due,
    judge,
    rules_for_level,
)

DAY = date(2026, 9, 1)


def after(day, count):
    """Every day is a working day."""
    return day + timedelta(days=count)


def facts(**values):
    return CustomerFacts(**{"id": 1, "owned_since": DAY, "watched_since": DAY, **values})


def decide(known, rules):
    """Judge as the pool does, by the rules of the customer's level."""
    return judge(known, rules_for_level(rules, known.level), after)


def rule(trigger="followup", days=10, **values):
    return ReturnRule(**{"id": 1, "trigger": trigger, "days": days, "start": DAY, **values})


class TestPoolRules(TestCase):
    """When a customer goes back, and why; without a database."""

    def test_the_clock_runs_from_the_last_follow_up(self):
        verdict = decide(facts(last={"followup": date(2026, 9, 8)}), [rule()])
        self.assertEqual((verdict.deadline, verdict.happened), (date(2026, 9, 18), True))

    def test_without_follow_up_it_runs_from_the_day_the_owner_got_the_customer(self):
        old = facts(owned_since=date(2026, 9, 4), last={"followup": date(2026, 8, 1)})
        verdict = decide(old, [rule()])
        self.assertEqual((verdict.deadline, verdict.happened), (date(2026, 9, 14), False))

    def test_a_new_rule_and_a_new_pool_do_not_count_backwards(self):
        long_owned = facts(owned_since=date(2020, 1, 1), watched_since=date(2026, 9, 2))
        self.assertEqual(decide(long_owned, [rule()]).deadline, date(2026, 9, 12))
        late = [rule(start=date(2026, 9, 5))]
        self.assertEqual(decide(long_owned, late).deadline, date(2026, 9, 15))

    def test_the_earliest_deadline_of_all_rules_decides(self):
        rules = [rule(days=30), rule("deal", 20, id=2), rule("opportunity", 25, id=3)]
        verdict = decide(facts(), rules)
        self.assertEqual((verdict.rule.id, verdict.deadline), (2, date(2026, 9, 21)))

    def test_a_rule_for_a_level_comes_before_the_general_one(self):
        general, gold = rule(), rule(days=40, id=2, levels=frozenset({7}))
        self.assertEqual(rules_for_level([general, gold], 7), [gold])
        self.assertEqual(rules_for_level([general, gold], None), [general])
        self.assertEqual(rules_for_level([gold], 8), [])

    def test_an_exemption_spares_the_customer_from_its_rule_only(self):
        spared = rule(exempt_contract=True, exempt_deal=True, exempt_opportunity=True)
        for values, reason in (
            ({"contract_in_force": True}, "contract"),
            ({"open_opportunity": True}, "opportunity"),
            ({"last": {"deal": date(2019, 1, 1)}}, "deal"),
        ):
            verdict = decide(facts(**values), [spared])
            self.assertEqual((verdict.deadline, verdict.spared), (None, reason))
        both = [spared, rule("deal", 20, id=2)]
        self.assertEqual(decide(facts(contract_in_force=True), both).rule.id, 2)

    def test_a_tag_spares_and_without_a_rule_nothing_threatens(self):
        tagged = facts(tags=frozenset({3, 4}))
        self.assertEqual(decide(tagged, [rule(exempt_tags=frozenset({4}))]).spared, "tag")
        self.assertEqual(decide(tagged, []).spared, "no_rule")

    def test_a_lock_puts_the_return_off_but_never_forward(self):
        locked = decide(facts(locked_until=date(2026, 10, 1)), [rule()])
        self.assertEqual((locked.deadline, locked.locked), (date(2026, 10, 1), True))
        short = decide(facts(locked_until=date(2026, 9, 3)), [rule()])
        self.assertEqual((short.deadline, short.locked), (date(2026, 9, 11), False))

    def test_the_last_day_belongs_to_the_owner(self):
        verdict = decide(facts(), [rule()])
        self.assertFalse(is_due(verdict, date(2026, 9, 11)))
        self.assertTrue(is_due(verdict, date(2026, 9, 12)))
