from datetime import date

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestUtmCampaign(CampaignCommon):
    """A plan is approved once and then stands."""

    def _approved(self):
        self.campaign.with_user(self.marketing_manager).action_crm_approve()
        return self.campaign

    def test_the_way_from_draft_to_closed(self):
        campaign = self._approved()
        self.assertEqual(campaign.crm_state, "approved")
        self.assertEqual(campaign.crm_approver_id, self.marketing_manager)
        self.assertTrue(campaign.crm_approved_on)
        campaign.with_user(self.marketer).action_crm_start()
        campaign.with_user(self.marketer).action_crm_close()
        self.assertEqual(campaign.crm_state, "closed")

    def test_only_a_manager_approves(self):
        with self.assertRaises(AccessError):
            self.campaign.with_user(self.marketer).action_crm_approve()

    def test_the_state_cannot_be_written_past_the_approval(self):
        with self.assertRaises(AccessError):
            self.campaign.with_user(self.marketer).write({"crm_state": "approved"})
        with self.assertRaisesRegex(UserError, "cannot become"):
            self.campaign.with_user(self.marketing_manager).write({"crm_state": "closed"})

    def test_a_campaign_cannot_be_created_approved(self):
        with self.assertRaisesRegex(UserError, "starts as a draft"):
            self._create_campaign("Approved from nowhere", crm_state="approved")

    def test_a_plan_without_dates_is_not_approved(self):
        campaign = self._create_campaign("Dateless", crm_date_end=False)
        with self.assertRaisesRegex(UserError, "no end date"):
            campaign.with_user(self.marketing_manager).action_crm_approve()

    def test_an_end_before_the_start_is_refused(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_campaign("Backwards", crm_date_end=date(2026, 2, 1))

    def test_the_plan_is_locked_after_approval(self):
        line = self._budget(1000)
        campaign = self._approved().with_user(self.marketing_manager)
        for vals in (
            {"crm_date_end": date(2026, 4, 30)},
            {"crm_expected_revenue": 1},
            {"crm_approver_id": self.marketer.id},
            {"crm_budget_line_ids": [Command.create({"amount": 1})]},
        ):
            with self.assertRaises(UserError, msg=str(vals)):
                campaign.write(vals)
        with self.assertRaisesRegex(UserError, "budget"):
            line.with_user(self.marketing_manager).amount = 2000
        with self.assertRaisesRegex(UserError, "budget"):
            line.with_user(self.marketing_manager).unlink()

    def test_writing_a_locked_field_with_its_own_value_is_no_change(self):
        campaign = self._approved()
        campaign.write({"crm_date_end": date(2026, 3, 31), "crm_goal": False})
        self.assertEqual(campaign.crm_state, "approved")

    def test_the_owner_may_change_after_approval(self):
        self._approved().with_user(self.marketing_manager).user_id = self.colleague_marketer
        self.assertEqual(self.campaign.user_id, self.colleague_marketer)

    def test_a_manager_opens_the_plan_again_and_it_needs_a_new_approval(self):
        campaign = self._approved()
        with self.assertRaises(AccessError):
            campaign.with_user(self.marketer).action_crm_draft()
        campaign.with_user(self.marketing_manager).action_crm_draft()
        self.assertFalse(campaign.crm_approved_on)
        campaign.with_user(self.marketer).crm_date_end = date(2026, 4, 30)
        self.assertEqual(campaign.crm_date_end, date(2026, 4, 30))

    def test_an_approval_is_asked_for_by_an_activity_and_closes_it(self):
        campaign = self.campaign.with_user(self.marketer)
        with self.assertRaisesRegex(UserError, "Choose an approver"):
            campaign.action_crm_request_approval()
        campaign.crm_approver_id = self.marketing_manager
        campaign.action_crm_request_approval()
        campaign.action_crm_request_approval()
        self.assertEqual(len(campaign.activity_ids), 1)
        self.assertEqual(campaign.activity_ids.user_id, self.marketing_manager)
        campaign.with_user(self.marketing_manager).action_crm_approve()
        self.assertFalse(campaign.activity_ids)

    def test_a_copy_is_a_draft_with_the_budget(self):
        self._budget(1000)
        self._approved()
        copy = self.campaign.copy()
        self.assertEqual(copy.crm_state, "draft")
        self.assertEqual(copy.crm_budget_line_ids.amount, 1000)
        self.assertNotEqual(copy.name, self.campaign.name)

    def test_an_approved_campaign_is_not_deleted(self):
        self._approved()
        with self.assertRaisesRegex(UserError, "not deleted"):
            self.campaign.with_user(self.marketing_manager).unlink()

    def test_a_campaign_is_no_part_of_itself(self):
        child = self._create_campaign("Child", crm_parent_id=self.campaign.id)
        with self.assertRaisesRegex(UserError, "Recursion"):
            self.campaign.crm_parent_id = child

    def test_parent_and_child_share_the_company(self):
        other = self._other_company()
        with self.assertRaisesRegex(ValidationError, "same company"):
            self.campaign.sudo().crm_parent_id = (
                self.env["utm.campaign"].sudo().create({"title": "X", "company_id": other.id})
            )

    def test_two_companies_may_use_one_name(self):
        other = self._other_company()
        here = self._create_campaign("Autumn Fair", name="autumn")
        stranger = self._create_user("suite_stranger", "base.group_user")
        stranger.sudo().write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        there = (
            self.env["utm.campaign"]
            .with_user(stranger)
            .with_context(allowed_company_ids=other.ids)
            .create({"title": "Autumn Fair", "name": "autumn", "company_id": other.id})
        )
        self.assertEqual(here.name, "autumn")
        self.assertEqual(there.name, "autumn [2]")

    def test_a_budget_line_counts_in_its_month(self):
        self.assertEqual(self._budget(1000).month, date(2026, 3, 1))

    def test_a_negative_budget_is_refused(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._budget(-1)

    def test_a_budget_in_foreign_currency_counts_at_the_rate_of_its_month(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": usd.id,
                "company_id": self.company.id,
                "name": date(2026, 3, 1),
                "inverse_company_rate": 7,
            }
        )
        line = self._budget(1000, currency_id=usd.id)
        self.assertEqual(line.amount_company, 7000)

    def test_the_marketer_plans_on_the_form(self):
        with Form(self.env["utm.campaign"].with_user(self.marketer)) as form:
            form.title = "Autumn Fair"
            form.crm_date_start = date(2026, 9, 1)
            form.crm_date_end = date(2026, 9, 30)
            form.crm_expected_leads = 50
            with form.crm_budget_line_ids.new() as line:
                line.channel = "event"
                line.amount = 5000
        campaign = form.save()
        self.assertEqual(campaign.crm_budget_line_ids.month, date(2026, 9, 1))
        self.assertEqual(campaign.crm_budget, 5000)
        self.assertEqual(campaign.user_id, self.marketer)
