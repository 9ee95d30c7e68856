from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .pool_common import PoolCommon


@tagged("post_install", "-at_install")
class TestPlannedOnThePage(PoolCommon):
    """What is planned with a customer stands above what happened, the next first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.call = cls.env.ref("mail.mail_activity_data_call")
        cls.todo = cls.env.ref("mail.mail_activity_data_todo")

    def _plan(self, days, user=None, record=None, kind=None, **values):
        record = record or self.customer
        return self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "activity_type_id": (kind or self.call).id,
                "date_deadline": self.today + timedelta(days=days),
                "user_id": (user or self.salesperson).id,
                **values,
            }
        )

    def _page(self, user=None, **options):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.customer.with_user(user or self.salesperson).crm_get_timeline(**options)

    def _planned(self, user=None, **options):
        return [row["title"] for row in self._page(user, **options)["planned"]]

    def test_planned_activities_stand_first_the_late_one_before_the_next(self):
        self._plan(20, summary="续约")
        self._plan(-3, summary="回电")
        self._plan(2)
        self.assertEqual(self._planned(), ["回电", self.call.name, "续约"])

    def test_a_planned_meeting_is_shown_once_and_a_past_one_below(self):
        for name, days in (("下周评审", 7), ("上周评审", -7)):
            start = fields.Datetime.now() + timedelta(days=days)
            event = self.env["calendar.event"].create(
                {
                    "name": name,
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "user_id": self.salesperson.id,
                    "partner_ids": [
                        Command.set((self.signatory | self.salesperson.partner_id).ids)
                    ],
                }
            )
            self._plan(days, summary=name, calendar_event_id=event.id)
        page = self._page()
        self.assertEqual(
            [(row["kind"], row["title"]) for row in page["planned"]], [("meeting", "下周评审")]
        )
        self.assertIn("上周评审", [row["title"] for row in page["timeline"]])

    def test_an_activity_of_a_meeting_without_the_customer_is_shown(self):
        start = fields.Datetime.now() + timedelta(days=7)
        event = self.env["calendar.event"].create(
            {"name": "内部准备", "start": start, "stop": start + timedelta(hours=1)}
        )
        self._plan(7, summary="准备会", calendar_event_id=event.id)
        self.assertEqual(self._planned(), ["准备会"])

    def test_of_a_colleagues_lead_nobody_reads_what_is_planned(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "二期",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "user_id": self.colleague.id,
                "company_id": self.company.id,
            }
        )
        self._plan(1, user=self.colleague, record=lead, summary="报价底线")
        self.assertEqual(self._planned(), [])
        self.assertEqual(self._planned(self.colleague), ["报价底线"])
        self.assertEqual(self._planned(self.sales_manager), ["报价底线"])

    def test_what_is_planned_comes_with_the_first_page_and_its_kind(self):
        self._plan(1, summary="回电")
        for number in range(4):
            self.customer.message_post(body=f"记录 {number}", message_type="comment")
        page = self._page(limit=2)
        self.assertEqual(len(page["planned"]), 1)
        self.assertEqual(self._page(limit=2, cursor=page["cursor"])["planned"], [])
        self.assertEqual(self._planned(kinds=["message"]), [])
        self.assertEqual(self._planned(kinds=["activity"]), ["回电"])

    def test_no_more_than_the_next_ten_and_that_there_is_more(self):
        for day in range(11):
            self._plan(day, summary=f"第 {day} 天")
        page = self._page()
        self.assertEqual(len(page["planned"]), 10)
        self.assertTrue(page["more_planned"])
        self.assertEqual(page["planned"][0]["title"], "第 0 天")

    def test_a_planned_call_opens_the_dialogue_that_records_it(self):
        activity = self._plan(0, crm_contact_id=self.signatory.id).with_user(self.salesperson)
        action = activity.action_open_planned()
        record = (
            self.env["crm.followup.record"]
            .with_user(self.salesperson)
            .with_context(**action["context"])
            .create({"note": "确认了交付时间和验收人"})
        )
        self.assertEqual(record.contact_id, self.signatory)
        record.action_record()
        self.assertFalse(activity.active, "the planned one is done, no second one was made")
        self.assertTrue(activity.crm_evidence)
        self.assertEqual(self._planned(), [])
        self.assertIn("followup", {row["kind"] for row in self._page()["timeline"]})

    def test_a_task_that_is_no_contact_opens_as_in_the_host(self):
        action = self._plan(0, kind=self.todo).with_user(self.salesperson).action_open_planned()
        self.assertEqual(action["res_model"], "mail.activity")

    def test_a_hundred_planned_cost_the_queries_of_one(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            customer = self.customer.with_user(self.salesperson)
            customer.name  # noqa: B018 - read by the form before
            before = self.cr.sql_log_count
            customer.crm_get_overview()
            return self.cr.sql_log_count - before

        self._plan(1, user=self.colleague)
        count()
        one = count()
        for day in range(99):
            self._plan(day, user=self.colleague)
        count()
        self.assertEqual(count(), one)


@tagged("post_install", "-at_install")
class TestLastDeal(PoolCommon):
    """The day of the last deal: on the page without a query of its own, and in lists."""

    def test_the_newest_of_all_deals_counts(self):
        self._create_invoice(500)
        self._create_contract(date_signed="2026-11-02").action_sign()
        self.env.flush_all()
        page = self.customer.with_user(self.salesperson).crm_get_overview()
        self.assertEqual(page["last_deal"], "2026-11-02")
        for partner in (self.customer, self.signatory):
            self.assertEqual(str(partner.with_user(self.salesperson).crm_last_deal), "2026-11-02")

    def test_who_never_bought_has_none(self):
        page = self.customer.with_user(self.salesperson).crm_get_overview()
        self.assertFalse(page["last_deal"])
        self.assertFalse(self.customer.crm_last_deal)

    def test_lists_find_and_sort_by_it(self):
        early, late, never = self._create_owned("早一公司", "晚二公司", "无三公司")
        self._create_invoice(10, partner_id=early.id, invoice_date="2026-01-15")
        self._create_invoice(10, partner_id=late.id, invoice_date="2026-08-15")
        partners = self.env["res.partner"].with_user(self.salesperson)
        mine = [("id", "in", (early | late | never).ids)]
        for order, expected in (
            ("crm_last_deal", early + late + never),
            ("crm_last_deal desc", late + early + never),
        ):
            self.assertEqual(partners.search(mine, order=order).ids, expected.ids)
        self.assertEqual(partners.search([*mine, ("crm_last_deal", "<", "2026-06-30")]), early)
        self.assertEqual(partners.search([*mine, ("crm_last_deal", "=", False)]), never)
        self.assertEqual(partners.search([*mine, ("crm_last_deal", "!=", False)]), early | late)
        self.assertEqual(partners.search([*mine, ("crm_last_deal", "=", "2026-08-15")]), late)
        groups = partners._read_group(mine, ["crm_last_deal:month"], ["__count"])
        self.assertEqual([count for _month, count in groups], [1, 1, 1])

    def test_a_hundred_customers_cost_the_queries_of_one(self):
        partners = self.env["res.partner"].create(
            [{"name": f"列表客户{n}", "is_company": True} for n in range(100)]
        )
        self.env.flush_all()

        def count(records):
            self.env.invalidate_all()
            records = records.with_user(self.salesperson)
            records.mapped("commercial_partner_id.id")
            before = self.cr.sql_log_count
            records.read(["crm_last_deal"])
            return self.cr.sql_log_count - before

        count(self.customer)
        self.assertEqual(count(partners), count(self.customer))
