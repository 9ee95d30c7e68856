from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestCrmCampaignTouch(CampaignCommon):
    """What people did is recorded once and stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.touches = cls.env["crm.campaign.touch"]
        cls.person = cls.env["res.partner"].create(
            {"name": "Guest", "email": "guest@example.com", "parent_id": cls.customer.id}
        )

    def _of_campaign(self):
        return self.touches.search([("campaign_id", "=", self.campaign.id)])

    def _values(self, key, **values):
        return {
            "campaign_id": self.campaign.id,
            "partner_id": self.person.id,
            "channel": "email",
            "kind": "click",
            "date": fields.Datetime.now(),
            "source_key": key,
            **values,
        }

    def test_a_touch_is_never_changed_nor_deleted(self):
        touch = self.touches.create({"campaign_id": self.campaign.id})
        with self.assertRaisesRegex(UserError, "never changed"):
            touch.note = "x"
        with self.assertRaisesRegex(UserError, "never deleted"):
            touch.unlink()

    def test_the_same_source_is_recorded_once(self):
        self.assertEqual(len(self.touches._record([self._values("a,1"), self._values("a,2")])), 2)
        self.assertEqual(len(self.touches._record([self._values("a,2"), self._values("a,3")])), 1)
        self.assertEqual(len(self._of_campaign()), 3)

    def test_the_database_refuses_a_second_row_of_a_source(self):
        self.touches._record([self._values("a,1")])
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.touches.create(self._values("a,1"))

    def test_a_lead_of_the_campaign_leaves_a_touch(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Enquiry",
                "partner_id": self.person.id,
                "campaign_id": self.campaign.id,
                "medium_id": self.env.ref("utm.utm_medium_website").id,
            }
        )
        touch = self._of_campaign()
        self.assertEqual(
            (touch.partner_id, touch.lead_id, touch.kind, touch.channel),
            (self.person, lead, "form", "content"),
        )
        self.assertEqual(touch.company_id, self.company)

    def test_a_lead_without_campaign_leaves_none_until_it_gets_one(self):
        lead = self.env["crm.lead"].create({"name": "Enquiry"})
        self.assertFalse(self._of_campaign())
        lead.campaign_id = self.campaign
        lead.campaign_id = self.campaign
        self.assertEqual(len(self._of_campaign()), 1)

    def test_the_touch_learns_the_person_with_its_lead(self):
        lead = self.env["crm.lead"].create(
            {"name": "Enquiry", "contact_name": "New", "campaign_id": self.campaign.id}
        )
        self.assertFalse(self._of_campaign().partner_id)
        lead._handle_partner_assignment(create_missing=True)
        self.assertTrue(lead.partner_id)
        self.assertEqual(self._of_campaign().partner_id, lead.partner_id)

    def test_the_converted_lead_names_its_campaign_on_the_customer(self):
        lead = self.env["crm.lead"].create(
            {"name": "Enquiry", "partner_name": "New Company", "campaign_id": self.campaign.id}
        )
        lead._handle_partner_assignment(create_missing=True)
        self.assertEqual(self._fresh(self.campaign).crm_customer_count, 1)

    def test_merged_leads_hand_their_touches_on(self):
        leads = self.env["crm.lead"].create(
            [{"name": f"Enquiry {i}", "campaign_id": self.campaign.id} for i in range(2)]
        )
        merged = leads.merge_opportunity(auto_unlink=True)
        self.assertEqual(self._of_campaign().lead_id, merged)
        self.assertEqual(len(self._of_campaign()), 2)

    def test_deleting_a_lead_keeps_the_touch(self):
        lead = self.env["crm.lead"].create(
            {"name": "Enquiry", "partner_id": self.person.id, "campaign_id": self.campaign.id}
        )
        lead.unlink()
        self.touches.invalidate_model()
        self.assertEqual(self._of_campaign().partner_id, self.person)

    def test_an_answer_moves_the_member_on(self):
        member = self.env["crm.campaign.member"].create(
            {"campaign_id": self.campaign.id, "partner_id": self.person.id}
        )
        self.touches._record([self._values("a,1")])
        self.assertEqual(member.state, "responded")
        self.touches._record([self._values("a,2", kind="attended")])
        self.assertEqual(member.state, "attended")

    def test_a_machine_is_recorded_but_is_no_response(self):
        member = self.env["crm.campaign.member"].create(
            {"campaign_id": self.campaign.id, "partner_id": self.person.id}
        )
        self.touches._record([self._values("a,1", is_bot=True)])
        campaign = self._fresh(self.campaign)
        self.assertEqual(campaign.crm_touch_count, 1)
        self.assertEqual(campaign.crm_responses_actual, 0)
        self.assertEqual(member.state, "planned")

    def test_a_person_responds_once_however_often_he_clicks(self):
        self.touches._record([self._values(f"a,{i}") for i in range(5)])
        self.assertEqual(self._fresh(self.campaign).crm_responses_actual, 1)

    def test_a_touch_noted_by_hand_is_a_response(self):
        self.touches.with_user(self.marketer).create(
            {"campaign_id": self.campaign.id, "partner_id": self.person.id, "kind": "attended"}
        )
        self.assertEqual(self._fresh(self.campaign).crm_responses_actual, 1)

    def test_the_timeline_of_a_company_holds_its_contacts_touches(self):
        self.touches._record([self._values("a,1"), self._values("a,2")])
        customer = self.customer.with_user(self.marketer)
        self.assertEqual(customer.crm_touch_count, 2)
        found = self.touches.with_user(self.marketer).search(
            customer.action_view_crm_touches()["domain"]
        )
        self.assertEqual(len(found), 2)

    # From mailings

    def _trace(self, **values):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Invitation",
                "campaign_id": self.campaign.id,
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        return self.env["mailing.trace"].create(
            {
                "mass_mailing_id": mailing.id,
                "model": "res.partner",
                "res_id": self.person.id,
                "email": "guest@example.com",
                "message_id": "<1@example.com>",
                "sent_datetime": fields.Datetime.now() - timedelta(hours=1),
                **values,
            }
        )

    def _click(self, trace):
        link = self.env["link.tracker"].create(
            {"url": "https://example.com/fair", "campaign_id": self.campaign.id, "title": "Fair"}
        )
        return self.env["link.tracker.click"].add_click(
            link.code, ip="100.00.00.00", mailing_trace_id=trace.id
        )

    def test_a_click_on_the_mail_is_a_touch(self):
        click = self._click(self._trace())
        touch = self._of_campaign()
        self.assertEqual(
            (touch.partner_id, touch.kind, touch.channel, touch.is_bot),
            (self.person, "click", "email", False),
        )
        self.assertEqual(touch.source_key, f"link.tracker.click,{click.id}")

    def test_a_click_within_moments_of_sending_is_a_machine(self):
        self._click(self._trace(sent_datetime=fields.Datetime.now()))
        self.assertTrue(self._of_campaign().is_bot)

    def test_a_reply_is_one_touch_however_often_it_is_reported(self):
        trace = self._trace()
        for _time in range(2):
            self.env["mailing.trace"].set_replied(domain=[("message_id", "=", trace.message_id)])
        touch = self._of_campaign()
        self.assertEqual((touch.partner_id, touch.kind), (self.person, "reply"))

    def test_a_test_mail_leaves_no_touch(self):
        self._trace(is_test_trace=True).set_replied()
        self.assertFalse(self._of_campaign())

    def test_the_touch_of_a_lead_mailing_names_lead_and_person(self):
        lead = self.env["crm.lead"].create({"name": "L", "partner_id": self.person.id})
        self._trace(model="crm.lead", res_id=lead.id).set_replied()
        touch = self._of_campaign()
        self.assertEqual((touch.lead_id, touch.partner_id), (lead, self.person))

    def test_a_list_contact_is_known_by_his_address(self):
        contact = self.env["mailing.contact"].create({"name": "G", "email": "guest@example.com"})
        self._trace(model="mailing.contact", res_id=contact.id).set_replied()
        self.assertEqual(self._of_campaign().partner_id, self.person)

    def test_a_sent_mail_makes_the_member_invited(self):
        member = self.env["crm.campaign.member"].create(
            {"campaign_id": self.campaign.id, "partner_id": self.person.id}
        )
        self._trace().set_sent()
        self.assertEqual(member.state, "invited")
