from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .pool_common import TODAY, PoolCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCrmPool(PoolCommon):
    """Claim, assign, return and lock, with caps and cooldown, by the lowest role."""

    # Claim

    def test_a_member_claims_a_customer_and_becomes_its_owner(self):
        customer = self.pooled[0]
        action = self._claim(customer)
        self.assertEqual((customer.user_id, customer.crm_pooled), (self.salesperson, False))
        self.assertEqual(action["res_id"], customer.id)
        log = customer.with_user(self.salesperson).crm_owner_log_ids
        self.assertEqual(
            (log.how, log.to_user_id, log.user_id, log.pool_id),
            ("claim", self.salesperson, self.salesperson, self.pool),
        )

    def test_who_is_no_member_cannot_claim(self):
        with self.assertRaises(AccessError):
            self._claim(self.pooled[0], self.outsider)

    def test_a_claimed_customer_cannot_be_claimed_again(self):
        self._claim(self.pooled[0], self.colleague)
        with self.assertRaisesRegex(UserError, "belongs to suite_colleague"):
            self.pool.with_user(self.salesperson)._claim(self.pooled[0])

    def test_no_more_claims_a_day_than_allowed(self):
        self.pool.daily_limit = 2
        self._claim(self.pooled[:2])
        with self.assertRaisesRegex(UserError, "2 customers a day"):
            self._claim(self.pooled[2])
        self._claim(self.pooled[2], self.colleague)
        with freeze_time("2026-09-29"):
            self._claim(self._create_pooled("南通四号有限公司"))

    def test_the_day_of_the_cap_is_the_pool_s_not_the_server_s(self):
        self.pool.daily_limit = 1
        with freeze_time("2026-09-28 15:59:00"):
            self._claim(self.pooled[0])
        with freeze_time("2026-09-28 16:01:00"):  # the 29th in Shanghai
            self._claim(self.pooled[1])

    def test_a_claim_of_several_is_all_or_nothing(self):
        self.pool.daily_limit = 2
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._claim(self.pooled)
        self.assertTrue(all(self.pooled.mapped("crm_pooled")))

    def test_nobody_holds_more_customers_than_allowed(self):
        self.pool.holding_limit = 2
        self._claim(self.pooled[:2])
        with self.assertRaisesRegex(UserError, "2 are allowed"):
            self._claim(self.pooled[2])

    def test_won_customers_may_be_exempt_from_the_holding_cap(self):
        self.pool.holding_limit = 1
        self._claim(self.pooled[0])
        self._create_invoice(100, partner_id=self.pooled[0].id)
        self._claim(self.pooled[1])
        self.pool.holding_won = True
        self.pool.holding_limit = 2
        with self.assertRaises(UserError):
            self._claim(self.pooled[2])

    def test_the_previous_owner_waits_for_the_cooldown(self):
        customer = self._create_owned("镇江五号有限公司")
        self.pool.with_user(self.salesperson)._return(customer, "没有需求")
        with freeze_time("2026-10-04"), self.assertRaisesRegex(UserError, "2026-10-05"):
            self._claim(customer)
        with freeze_time("2026-10-04"):
            self._claim(customer, self.colleague)
            self.pool.with_user(self.colleague)._return(customer, "no match")
        with freeze_time("2026-10-06"):
            self._claim(customer)
        self.assertEqual(customer.user_id, self.salesperson)

    # No way round

    def test_the_owner_of_a_pooled_customer_is_not_written_directly(self):
        customer = self.pooled[0]
        for user in (self.pool_admin, self.sales_manager):
            with self.assertRaisesRegex(UserError, "Claim it there"):
                customer.with_user(user).user_id = user
        with self.assertRaises(AccessError):
            customer.with_user(self.salesperson).user_id = self.salesperson

    def test_the_state_of_ownership_is_not_written_by_hand(self):
        customer = self._create_owned("泰州六号有限公司").with_user(self.salesperson)
        for values in (
            {"crm_locked_until": "2027-01-01"},
            {"crm_pool_id": False},
            {"crm_last_followup": "2026-09-28 00:00:00"},
            {"crm_owner_how": "claim", "user_id": self.colleague.id},
        ):
            with self.assertRaises(AccessError):
                customer.write(values)

    def test_the_history_of_owners_is_never_changed_or_deleted(self):
        self._claim(self.pooled[0])
        log = self.pooled[0].crm_owner_log_ids
        for user, error in ((self.sales_manager, AccessError), (self.env.user, UserError)):
            with self.assertRaises(UserError):
                log.with_user(user).reason = "另一个理由"
            with self.assertRaises(error):
                log.with_user(user).unlink()

    # Assign, return, lock

    def test_an_administrator_assigns_to_a_member_within_the_holding_cap(self):
        pool = self.pool.with_user(self.pool_admin)
        pool._assign(self.pooled[0], self.colleague, "熟悉行业")
        log = self.pooled[0].crm_owner_log_ids
        self.assertEqual(
            (log.how, log.reason, log.user_id), ("assign", "熟悉行业", self.pool_admin)
        )
        with self.assertRaisesRegex(UserError, "not a member"):
            pool._assign(self.pooled[1], self.outsider)
        self.pool.holding_limit = 1
        with self.assertRaisesRegex(UserError, "1 are allowed"):
            pool._assign(self.pooled[1], self.colleague)
        with self.assertRaises(AccessError):
            self.pool.with_user(self.salesperson)._assign(self.pooled[1], self.salesperson)

    def test_another_pool_s_administrator_has_no_say(self):
        stranger = self._create_user("suite_pool_admin_b", "crm_customers.group_pool_admin")
        with self.assertRaises(AccessError):
            self.pool.with_user(stranger)._assign(self.pooled[0], self.colleague)
        self.pool.admin_ids = [Command.clear()]
        self.pool.with_user(stranger)._assign(self.pooled[0], self.colleague)

    def test_an_owner_returns_his_customer_with_a_reason(self):
        customer = self._create_owned("盐城七号有限公司")
        pool = self.pool.with_user(self.salesperson)
        with self.assertRaisesRegex(UserError, "Say why"):
            pool._return(customer, "  ")
        with self.assertRaises(AccessError):
            self.pool.with_user(self.colleague)._return(customer, "not mine")
        pool._return(customer, "预算取消")
        self.assertEqual((customer.crm_pooled, customer.crm_owner_reason), (True, "预算取消"))

    def test_locks_are_limited_in_number_and_length(self):
        customers = self._create_owned("扬州八号有限公司", "徐州九号有限公司")
        self.pool.write({"lock_limit": 1, "lock_days": 30})
        pool = self.pool.with_user(self.salesperson)
        with self.assertRaisesRegex(UserError, "30 days at most"):
            pool._lock_until(customers[0], TODAY.replace(month=11))
        pool._lock_until(customers[0], TODAY.replace(day=30))
        with self.assertRaisesRegex(UserError, "Unlock one first"):
            pool._lock_until(customers[1], TODAY.replace(day=30))
        with self.assertRaises(AccessError):
            self.pool.with_user(self.colleague)._lock_until(customers[1], TODAY)
        pool._lock_until(customers[0], False)
        pool._lock_until(customers[1], TODAY.replace(day=30))

    # What follows

    def test_contacts_leads_and_activities_go_with_the_customer_and_come_back(self):
        customer = self._create_owned("连云港十号有限公司")
        contact = self.env["res.partner"].create({"name": "李工", "parent_id": customer.id})
        theirs = self.env["res.partner"].create(
            {"name": "王总", "parent_id": customer.id, "user_id": self.outsider.id}
        )
        lead, foreign = self.env["crm.lead"].create(
            [
                {
                    "name": f"Deal of {user.name}",
                    "type": "opportunity",
                    "partner_id": contact.id,
                    "user_id": user.id,
                    "company_id": self.company.id,
                }
                for user in (self.salesperson, self.outsider)
            ]
        )
        activity = lead.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.salesperson.id
        )
        self.assertEqual(contact.user_id, self.salesperson)
        team = lead.team_id
        self.pool.with_user(self.salesperson)._return(customer, "没有需求")
        self.assertFalse(contact.user_id or lead.user_id or activity.user_id)
        self.assertEqual((lead.crm_pooled, lead.team_id), (True, team))
        self.assertEqual((foreign.user_id, theirs.user_id), (self.outsider, self.outsider))
        self._claim(customer, self.colleague)
        self.assertEqual(contact.user_id | lead.user_id | activity.user_id, self.colleague)
        self.assertFalse(lead.crm_pooled)

    def test_the_host_s_assignment_does_not_give_pooled_leads_back(self):
        team = self.env["crm.team"].create(
            {"name": "Assigning", "company_id": self.company.id, "assignment_max": 30}
        )
        self.env["crm.team.member"].create(
            {"crm_team_id": team.id, "user_id": self.salesperson.id, "assignment_max": 30}
        )
        customer = self._create_owned("宿迁十一号有限公司")
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": name,
                    "type": "lead",
                    "partner_id": customer.id,
                    "user_id": self.salesperson.id,
                    "team_id": team_id,
                    "company_id": self.company.id,
                }
                for name, team_id in (("Kept team", team.id), ("No team", False))
            ]
        )
        leads[1].team_id = False
        free = self.env["crm.lead"].create(
            {"name": "Free", "user_id": False, "team_id": team.id, "company_id": self.company.id}
        )
        self.pool.with_user(self.salesperson)._return(customer, "没有需求")
        self.env.flush_all()
        team._action_assign_leads(force_quota=True)
        self.assertEqual(free.user_id, self.salesperson)
        self.assertFalse(leads.user_id)
        self.assertFalse(leads[1].team_id)

    def test_a_new_customer_of_a_member_is_watched_by_his_pool(self):
        customer = (
            self.env["res.partner"]
            .with_user(self.salesperson)
            .create(
                {"name": "淮安十二号有限公司", "is_company": True, "user_id": self.salesperson.id}
            )
        )
        self.assertEqual(customer.crm_pool_id, self.pool)
        self.assertEqual(customer.crm_owner_log_ids.how, "create")

    def test_a_customer_is_entered_into_the_pool_by_the_system_only(self):
        values = {"name": "直接入池有限公司", "is_company": True, "crm_pool_id": self.pool.id}
        partners = self.env["res.partner"]
        self.assertTrue(partners.create(values).crm_pooled)
        self.assertFalse(partners.with_user(self.sales_manager).create(values).crm_pool_id)

    def test_an_edited_owner_is_logged_and_the_contacts_follow(self):
        contact = self.signatory
        self.customer.with_user(self.sales_manager).user_id = self.colleague
        log = self.customer.crm_owner_log_ids[:1]
        self.assertEqual(
            (log.how, log.from_user_id, log.to_user_id, log.user_id),
            ("edit", self.salesperson, self.colleague, self.sales_manager),
        )
        self.assertEqual(contact.user_id, self.colleague)

    def test_a_claim_costs_the_same_for_one_and_for_many(self):
        customers = self._create_pooled(*(f"批量客户 {number} 号" for number in range(31)))
        self._claim(self.pooled[0])  # the quota row exists, caches are warm
        self.env.flush_all()
        counts = []
        for batch in (customers[:1], customers[1:]):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._claim(batch)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 12, counts)
