from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .pool_common import TODAY, PoolCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestMailActivity(PoolCommon):
    """Follow-ups: type, contact, outcome, next date; last and next one on the customer."""

    def test_a_recorded_follow_up_stands_on_the_customer(self):
        activity = self._follow_up(
            self.customer,
            contact_id=self.signatory.id,
            outcome="agreed",
            next_date=date(2026, 10, 9),
        )
        self.assertEqual(
            (activity.crm_evidence, activity.crm_contact_id, activity.crm_outcome),
            (True, self.signatory, "agreed"),
        )
        self.assertEqual(activity.feedback, "电话确认了预算和交付时间")
        self.assertEqual(self.customer.crm_last_followup, datetime(2026, 9, 28))
        self.assertEqual(self.customer.crm_next_followup, date(2026, 10, 9))
        self.assertEqual(self.customer.crm_followup_count, 1)

    def test_an_activity_done_in_the_chatter_counts_as_well(self):
        activity = self.customer.with_user(self.salesperson).activity_schedule(
            "mail.mail_activity_data_call", date_deadline=date(2026, 10, 1)
        )
        self.assertEqual(self.customer.crm_next_followup, date(2026, 10, 1))
        activity.action_feedback(feedback="客户同意下周签合同")
        self.assertTrue(self.customer.crm_last_followup)
        self.assertFalse(self.customer.crm_next_followup)

    def test_what_proves_no_contact_does_not_count(self):
        for values in (
            {"note": "ok"},
            {"note": "……………………"},
            {"note": "aaaaaaaaaaaaaaaa"},
            {"outcome": "unreached", "note": "打了三次电话都没有人接听"},
            {"activity_type_id": self.env.ref("mail.mail_activity_data_todo").id},
        ):
            activity = self._follow_up(self.customer, **values)
            self.assertFalse(activity.crm_evidence, values)
        self.assertFalse(self.customer.crm_last_followup)
        self.env.company.crm_followup_min_chars = 0
        self.assertTrue(self._follow_up(self.customer, note="ok").crm_evidence)

    def test_nobody_marks_his_activity_as_evidence(self):
        activity = self.customer.with_user(self.salesperson).activity_schedule(
            "mail.mail_activity_data_call"
        )
        with self.assertRaises(AccessError):
            activity.crm_evidence = True

    def test_a_follow_up_of_the_past_keeps_its_day_and_none_lies_in_the_future(self):
        self._follow_up(self.customer, date=date(2026, 9, 24))
        self.assertEqual(self.customer.crm_last_followup, datetime(2026, 9, 24, 4))
        self._follow_up(self.customer, date=date(2026, 9, 21))
        self.assertEqual(self.customer.crm_last_followup, datetime(2026, 9, 24, 4))
        with self.assertRaises(ValidationError):
            self._follow_up(self.customer, date=date(2026, 9, 30))
        with self.assertRaises(UserError):
            self._follow_up(self.customer, next_date=date(2026, 9, 1))

    def test_activities_on_leads_are_follow_ups_of_their_customer(self):
        lead = self.env["crm.lead"].create(
            {"name": "Deal", "type": "opportunity", "partner_id": self.signatory.id}
        )
        activity = lead.activity_schedule(
            "mail.mail_activity_data_call", date_deadline=date(2026, 10, 2)
        )
        self.assertEqual(activity.crm_customer_id, self.customer)
        self.assertEqual(self.customer.crm_next_followup, date(2026, 10, 2))
        lead.partner_id = self.pooled[0]
        self.assertEqual(activity.crm_customer_id, self.pooled[0])
        self.assertFalse(self.customer.crm_next_followup)

    def test_a_meeting_becomes_a_follow_up_once_it_took_place(self):
        meeting = (
            self.env["calendar.event"]
            .with_user(self.salesperson)
            .create(
                {
                    "name": "Requirements",
                    "start": "2026-09-25 02:00:00",
                    "stop": "2026-09-25 03:00:00",
                    "partner_ids": [
                        Command.set((self.salesperson.partner_id | self.signatory).ids)
                    ],
                }
            )
        )
        action = meeting.action_record_followup()
        record = (
            self.env["crm.followup.record"]
            .with_user(self.salesperson)
            .with_context(**action["context"])
            .create({"note": "确认了需求范围和验收标准"})
        )
        self.assertEqual(
            (record.partner_id, record.contact_id, record.date),
            (self.customer, self.signatory, date(2026, 9, 25)),
        )
        record.action_record()
        self.assertEqual(self.customer.crm_last_followup, datetime(2026, 9, 25, 4))
        meeting.write({"start": "2026-10-25 02:00:00", "stop": "2026-10-25 03:00:00"})
        with self.assertRaises(UserError):
            meeting.action_record_followup()

    def test_planning_costs_the_same_for_one_and_for_a_hundred(self):
        partners = self.env["res.partner"].create([{"name": f"客户 {n}"} for n in range(101)])
        call = self.env.ref("mail.mail_activity_data_call")
        model = self.env["ir.model"]._get_id("res.partner")
        values = [
            {
                "activity_type_id": call.id,
                "res_model_id": model,
                "res_id": partner.id,
                "user_id": self.env.uid,
            }
            for partner in partners
        ]
        activities = self.env["mail.activity"].create(values)
        self.env.flush_all()
        counts = []
        for batch in (partners[:1], partners[1:]):
            before = self.env.cr.sql_log_count
            batch._refresh_next_followup()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts, [1, 1])
        self.assertEqual(activities.crm_customer_id, partners)
