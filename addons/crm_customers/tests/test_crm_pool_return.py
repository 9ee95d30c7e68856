from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .pool_common import TODAY, PoolCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCrmPoolReturn(PoolCommon):
    """Customers go back by rule, after a reminder, with the reason on the record."""

    def _run_job(self):
        """Run the nightly job; commits of the job are counted instead of made."""
        cron = type(self.env["ir.cron"])
        with patch.object(cron, "_commit_progress", return_value=3600.0) as commit:
            self.env["crm.pool"]._cron_return_customers()
        return commit.call_count

    def test_without_follow_up_within_the_working_days_a_customer_goes_back(self):
        self._create_rule(days=10)
        late, fresh = self._create_owned("过期有限公司"), self._create_owned("新有限公司")
        late.crm_owner_since = late.crm_pool_since = "2026-09-11 04:00:00"  # 11 working days ago
        fresh.crm_owner_since = fresh.crm_pool_since = "2026-09-14 04:00:00"
        self._run_job()
        self.assertEqual((late.crm_pooled, fresh.crm_pooled), (True, False))
        log = late.crm_owner_log_ids[:1]
        self.assertEqual((log.how, log.from_user_id), ("rule", self.salesperson))
        self.assertEqual(log.reason, "No follow-up within 10 working days")

    def test_only_an_evidenced_follow_up_sets_the_clock_back(self):
        self._create_rule(days=10)
        customers = self._create_owned("真跟进有限公司", "假跟进有限公司", days_ago=40)
        self._follow_up(customers[0])
        self._follow_up(customers[1], note="ok")
        self._run_job()
        self.assertEqual(customers.mapped("crm_pooled"), [False, True])

    def test_no_opportunity_and_no_deal_are_rules_too(self):
        self._create_rule("opportunity", 10)
        self._create_rule("deal", 10)
        bare, promising, buying = self._create_owned("甲公司", "乙公司", "丙公司", days_ago=40)
        for customer in promising | buying:
            self.env["crm.lead"].create(
                {"name": "New deal", "type": "opportunity", "partner_id": customer.id}
            )
        self._create_invoice(100, partner_id=buying.id)
        self._run_job()
        self.assertEqual([row.crm_pooled for row in (bare, promising, buying)], [True, True, False])
        self.assertIn("deal", promising.crm_owner_reason)

    def test_days_depend_on_the_level(self):
        grade = self.env["res.partner.grade"].create({"name": "Gold"})
        self._create_rule(days=10)
        self._create_rule(days=60, grade_ids=grade.ids)
        common, gold = self._create_owned("普通客户", "金牌客户", days_ago=40)
        gold.grade_id = grade
        self._run_job()
        self.assertEqual((common.crm_pooled, gold.crm_pooled), (True, False))

    def test_exempt_and_locked_customers_stay(self):
        tag = self.env["res.partner.category"].create({"name": "战略客户"})
        self._create_rule(days=10, exempt_contract=True, exempt_tag_ids=tag.ids)
        tagged_, signed, locked = self._create_owned("甲公司", "乙公司", "丙公司", days_ago=40)
        tagged_.category_id = tag
        self._create_contract(partner_id=signed.id)._raise_event("signed", date(2026, 9, 1))
        self.pool.with_user(self.salesperson)._lock_until(locked, date(2026, 9, 28))
        self._run_job()
        self.assertFalse(any((tagged_ | signed | locked).mapped("crm_pooled")))
        with freeze_time("2026-09-29"):
            self._run_job()
        self.assertEqual((locked.crm_pooled, signed.crm_pooled), (True, False))

    def test_the_owner_is_reminded_once_before_the_return(self):
        self.pool.remind_days = 3
        self._create_rule(days=10)
        customer = self._create_owned("提醒有限公司")
        customer.crm_owner_since = customer.crm_pool_since = "2026-09-16 04:00:00"  # until the 30th
        self._run_job()
        self._run_job()
        reminder = customer.activity_ids
        self.assertEqual(
            (len(reminder), reminder.user_id, reminder.date_deadline),
            (1, self.salesperson, date(2026, 9, 30)),
        )
        self._follow_up(customer)
        self.assertFalse(reminder.exists())

    def test_the_record_explains_when_and_why(self):
        self._create_rule(days=10)
        customer = self._create_owned("说明有限公司").with_user(self.salesperson)
        customer.sudo().crm_owner_since = customer.sudo().crm_pool_since = "2026-09-16 04:00:00"
        self.env.invalidate_all()
        self.assertEqual(
            customer.crm_pool_explanation,
            "Goes back to 华东公海 in 3 days, after 09/30/2026, because nothing was followed up"
            " since 09/16/2026 and 10 working days are allowed.",
        )
        self._follow_up(customer)
        self.assertIn("the last follow-up was on 09/28/2026", customer.crm_pool_explanation)
        self.assertEqual(customer.crm_return_date, date(2026, 10, 12))

    def test_the_explanation_speaks_of_spared_locked_and_pooled_customers(self):
        self._create_rule(days=10, exempt_contract=True)
        customer = self._create_owned("说明二有限公司")
        pool = self.pool.with_user(self.salesperson)
        pool._lock_until(customer, date(2026, 11, 30))
        self.assertIn("Locked: stays", customer.crm_pool_explanation)
        self._create_contract(partner_id=customer.id)._raise_event("signed", date(2026, 9, 1))
        customer.invalidate_recordset()
        self.assertIn("a contract is in force", customer.crm_pool_explanation)
        self.assertIn("In 华东公海 since", self.pooled[0].crm_pool_explanation)

    def test_holidays_do_not_count(self):
        self._create_rule(days=10)
        customer = self._create_owned("假期有限公司")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "国庆",
                "calendar_id": self.calendar.id,
                "date_from": "2026-09-30 16:00:00",
                "date_to": "2026-10-07 15:59:59",
            }
        )
        self.pool._refresh_return_dates()
        self.assertEqual(customer.crm_return_date, date(2026, 10, 19))

    def test_a_dry_run_says_who_would_return_when_and_changes_nothing(self):
        rule = self._create_rule(days=60)
        late, fresh = self._create_owned("甲公司", days_ago=20), self._create_owned("乙公司")
        pool = self.pool.with_user(self.pool_admin)
        preview = (
            self.env["crm.pool.preview"]
            .with_user(self.pool_admin)
            .browse(pool.action_preview()["res_id"])
        )
        self.assertEqual((preview.watched, preview.due_now, preview.due_month), (2, 0, 0))
        preview.rule_ids.days = 10
        preview.action_run()
        self.assertEqual((preview.due_now, preview.due_now_before, preview.due_month), (1, 0, 2))
        self.assertEqual(preview.line_ids.partner_id, late | fresh)
        self.assertEqual(preview.line_ids[0].partner_id, late)
        self.assertIn("10 working days", preview.line_ids[0].explanation)
        self.assertEqual(rule.days, 60)
        preview.action_apply()
        self.assertEqual(self.pool.rule_ids.mapped("days"), [10])

    def test_a_dry_run_is_for_administrators_of_the_pool(self):
        with self.assertRaises(AccessError):
            self.pool.with_user(self.salesperson).action_preview()

    def test_watching_existing_customers_takes_nobody_by_surprise(self):
        self._create_rule(days=10)
        old = self.customer
        old.write({"crm_pool_id": False, "create_date": "2020-01-01"})
        self.env.flush_all()
        self.assertEqual(self.pool.unwatched_count, 1)
        self.pool.with_user(self.pool_admin).action_watch_customers()
        self.assertEqual(old.crm_pool_id, self.pool)
        self._run_job()
        self.assertEqual(old.user_id, self.salesperson)

    def test_the_job_commits_batch_by_batch(self):
        self._create_rule(days=10)
        self._create_owned(*(f"过期 {number} 公司" for number in range(150)), days_ago=40)
        self.assertEqual(self._run_job(), 3)  # the announcement and two batches

    def test_judging_costs_the_same_number_of_queries_for_one_and_for_a_hundred(self):
        self._create_rule(days=10)
        self._create_owned(*(f"客户 {number} 公司" for number in range(100)), days_ago=5)
        self.env.flush_all()
        ids = self.env["res.partner"].search([("crm_pool_id", "=", self.pool.id)]).ids
        counts = []
        for batch in (ids[:1], ids):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.pool._evaluate(batch)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
