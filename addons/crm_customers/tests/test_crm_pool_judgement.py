import random
from datetime import date, datetime, time, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .pool_common import TODAY, PoolCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCrmPoolJudgement(PoolCommon):
    """The nightly judgement reads what changed, and says what judging everybody would say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.grade = cls.env["res.partner.grade"].create({"name": "Gold"})
        cls.tag = cls.env["res.partner.category"].create({"name": "战略客户"})
        cls.followup = cls._create_rule(days=10, exempt_contract=True, exempt_tag_ids=cls.tag.ids)
        cls._create_rule(days=60, grade_ids=cls.grade.ids)
        cls._create_rule("opportunity", 40, exempt_opportunity=True)
        cls._create_rule("deal", 90, exempt_deal=True)
        cls.owned = cls._create_owned(*(f"判定 {n} 有限公司" for n in range(12)), days_ago=5)
        cls.contacts = cls.env["res.partner"].create(
            [{"name": "联系人", "parent_id": customer.id} for customer in cls.owned]
        )

    def _judge(self):
        """Judge as the nightly job does, and return how many customers it read."""
        read = []
        pool = type(self.pool)
        evaluate = pool._evaluate

        def count(records, customer_ids=None, rules=None):
            verdicts = evaluate(records, customer_ids, rules)
            read.extend(verdicts)
            return verdicts

        with patch.object(pool, "_evaluate", count):
            self.pool._judge_changed()
        return len(read)

    def _stored(self):
        """Return the verdicts on the customers as they stand in the database."""
        self.env.invalidate_all()
        customers = self.env["res.partner"].search(
            [("crm_pool_id", "=", self.pool.id), ("user_id", "!=", False)]
        )
        return {customer.id: self._plain(customer._get_verdict()) for customer in customers}

    def _plain(self, verdict):
        return (
            verdict.deadline,
            verdict.rule and verdict.rule.id,
            verdict.since,
            verdict.happened,
            verdict.spared,
            verdict.locked,
        )

    def _full(self):
        return {cid: self._plain(verdict) for cid, verdict in self.pool._evaluate().items()}

    # What may happen to a customer in a day

    def _opportunity(self, customer):
        return self.env["crm.lead"].create(
            {
                "name": "Opportunity",
                "type": "opportunity",
                "partner_id": customer.child_ids[:1].id or customer.id,
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
            }
        )

    def _some_lead(self, rng):
        leads = self.env["crm.lead"].search([("partner_id", "child_of", self.owned.ids)])
        return rng.choice(leads) if leads else leads

    def _some_contract(self, rng):
        contracts = self.env["crm.contract"].search([("partner_id", "in", self.owned.ids)])
        return rng.choice(contracts) if contracts else contracts

    def _happen(self, rng, customer):
        """Do one of the things that a rule, or nobody, looks at."""
        lead, contract = self._some_lead(rng), self._some_contract(rng)
        moment = datetime.combine(TODAY, time(4)) - timedelta(days=rng.randrange(30))
        things = {
            "follow up": lambda: self._follow_up(customer, user=customer.user_id),
            "stamp": lambda: customer._stamp_followup(moment),
            "opportunity": lambda: self._opportunity(customer),
            "win": lambda: lead and lead.action_set_won(),
            "lose": lambda: lead and lead.action_set_lost(),
            "reopen": lambda: lead and lead.toggle_active(),
            "move lead": lambda: lead and lead.write({"partner_id": customer.id}),
            "delete lead": lambda: lead and lead.unlink(),
            "contract": lambda: self._create_contract(partner_id=customer.id)._raise_event(
                "signed", date(2026, 9, 1)
            ),
            "end contract": lambda: contract and contract.write({"state": "done"}),
            "invoice": lambda: self._create_invoice(100, partner_id=customer.id),
            "grade": lambda: customer.write({"grade_id": rng.choice((self.grade.id, False))}),
            "tag": lambda: customer.write(
                {"category_id": [rng.choice((Command.link, Command.unlink))(self.tag.id)]}
            ),
            "lock": lambda: self.pool._lock_until(customer, date(2026, 10, rng.randrange(1, 30))),
            "assign": lambda: self.pool._assign(customer, self.colleague),
            "archive": lambda: customer.write({"active": not customer.active}),
            "move contact": lambda: rng.choice(self.contacts).write({"parent_id": customer.id}),
            "rule": lambda: self.followup.write({"days": rng.randrange(5, 30)}),
            "holiday": lambda: self.env["resource.calendar.leaves"].create(
                {
                    "name": "休",
                    "calendar_id": self.calendar.id,
                    "date_from": moment + timedelta(days=30),
                    "date_to": moment + timedelta(days=30, hours=9),
                }
            ),
            "nothing": lambda: customer.write({"comment": "Nobody judges this"}),
        }
        name = rng.choice(sorted(things))
        things[name]()
        return name

    # Tests

    def test_it_says_what_judging_everybody_says_whatever_happened(self):
        rng = random.Random(20260928)
        self._judge()
        for _night in range(30):
            days = [
                self._happen(rng, rng.choice(self.owned)) for _thing in range(rng.randrange(1, 6))
            ]
            self.env.cr.flush()
            self._judge()
            self.assertEqual(self._stored(), self._full(), days)

    def test_the_record_explains_at_once_what_changed_since_the_night(self):
        (self.pool.rule_ids - self.followup).unlink()
        customer = self.owned[0]
        self._judge()
        self.assertIn("10 working days", customer.crm_pool_explanation)
        self._create_contract(partner_id=customer.id)._raise_event("signed", date(2026, 9, 1))
        customer.invalidate_recordset()
        self.assertIn("a contract is in force", customer.crm_pool_explanation)

    def test_a_night_reads_only_whom_something_happened_to(self):
        self.assertEqual(self._judge(), 12)
        self.assertEqual(self._judge(), 0)
        self._opportunity(self.owned[3])
        self.owned[4].comment = "Nobody judges this"
        self.assertEqual(self._judge(), 1)
        self.followup.days = 12
        self.assertEqual(self._judge(), 12)

    def test_everybody_is_judged_once_a_week(self):
        self._judge()
        with freeze_time(TODAY + timedelta(days=6)):
            self.assertEqual(self._judge(), 0)
        with freeze_time(TODAY + timedelta(days=7)):
            self.assertEqual(self._judge(), 12)

    def test_a_date_of_rules_that_are_gone_does_not_stay(self):
        self._judge()
        self.assertTrue(self.owned[0].crm_return_date)
        self.pool.rule_ids.unlink()
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=3600.0):
            self.env["crm.pool"]._cron_return_customers()
        self.assertFalse(any(self.owned.mapped("crm_return_date")))

    def test_merged_customers_are_judged_with_the_documents_of_both(self):
        (self.pool.rule_ids - self.followup).unlink()
        kept, gone = self.owned[:2]
        self._judge()
        self._create_contract(partner_id=gone.id)._raise_event("signed", date(2026, 9, 1))
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((kept | gone).ids, kept, extra_checks=False)
        self.env.invalidate_all()
        self._judge()
        self.assertEqual(self._stored(), self._full())
        self.assertEqual(kept.crm_return_ground, "contract")

    def test_noting_costs_the_same_for_one_and_for_a_hundred_documents(self):
        self._judge()
        counts = []
        for number in (1, 100):
            leads = self.env["crm.lead"].create(
                [
                    {"name": "Lead", "type": "lead", "partner_id": customer.id}
                    for customer in (list(self.owned) * 9)[:number]
                ]
            )
            self.env.cr.flush()
            self.env["crm.pool.queue"].search([]).unlink()
            self.env.invalidate_all()
            leads.mapped("partner_id")
            before = self.env.cr.sql_log_count
            leads._note_to_judge()
            self.env.cr.flush()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
