from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestCrmCampaignAudience(CampaignCommon):
    """Before anybody is addressed one sees who is left out, and why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ("willing", "withdrawn", "silent", "listed", "twin", "member")
        cls.people = {
            name: cls.env["res.partner"].create(
                {"name": name, "email": f"{name}@example.com", "company_id": cls.company.id}
            )
            for name in names
        }
        cls.people["silent"].email = False
        cls.people["twin"].email = "Willing <WILLING@example.com>"
        cls.env["mail.blacklist"]._add("listed@example.com")
        cls.env["crm.consent"].create(
            {
                "partner_id": cls.people["withdrawn"].id,
                "channel": "email",
                "purpose": "marketing",
                "state": "withdrawn",
            }
        )
        cls.env["crm.campaign.member"].create(
            {"campaign_id": cls.campaign.id, "partner_id": cls.people["member"].id}
        )
        cls.segment = cls._segment(cls.people.values())

    def _audience(self, **values):
        action = self.campaign.with_user(self.marketer).action_crm_add_members()
        audience = self.env[action["res_model"]].with_user(self.marketer).browse(action["res_id"])
        audience.write({"segment_ids": self.segment.ids, **values})
        return audience

    def _reasons(self, audience):
        return {line.name: line.reason for line in audience.line_ids}

    def test_the_preview_lists_everybody_left_out_with_the_reason(self):
        audience = self._audience()
        audience.action_preview()
        self.assertEqual(
            self._reasons(audience),
            {
                "withdrawn": "Consent withdrawn",
                "silent": "No address for this channel",
                "listed": "On the blacklist",
                "twin": "Another member has the same address",
                "member": "Already a member",
            },
        )
        self.assertEqual(
            (audience.total_count, audience.included_count, audience.excluded_count), (6, 1, 5)
        )

    def test_adding_makes_exactly_the_others_members(self):
        audience = self._audience()
        audience.action_preview()
        action = audience.action_add_members()
        members = self.env["crm.campaign.member"].search(action["domain"])
        self.assertEqual(set(members.partner_id.mapped("name")), {"willing", "member"})
        joined = members.filtered(lambda member: member.partner_id.name == "willing")
        self.assertEqual((joined.state, joined.segment_id), ("planned", self.segment))

    def test_who_withdraws_after_the_preview_is_not_added(self):
        audience = self._audience()
        audience.action_preview()
        self.env["crm.consent"].create(
            {
                "partner_id": self.people["willing"].id,
                "channel": "email",
                "purpose": "marketing",
                "state": "withdrawn",
            }
        )
        audience.action_add_members()
        self.assertNotIn(self.people["willing"], self.campaign.crm_member_ids.partner_id)

    def test_the_channel_decides(self):
        audience = self._audience(channel="sms")
        audience.action_preview()
        self.assertEqual(audience.included_count, 0)

    def test_a_withdrawal_for_marketing_does_not_stop_a_survey(self):
        audience = self._audience(purpose="survey")
        audience.action_preview()
        self.assertNotIn("withdrawn", self._reasons(audience))

    def test_changing_the_choice_hides_the_old_preview(self):
        audience = self._audience()
        audience.action_preview()
        with Form(audience) as form:
            form.channel = "phone"
            self.assertFalse(form.previewed)

    def test_a_segment_by_condition_is_worked_out_afresh(self):
        segment = self.env["crm.segment"].create(
            {
                "name": "Freshmen",
                "company_id": self.company.id,
                "domain": repr([("name", "=", "freshman")]),
            }
        )
        self.env["res.partner"].create({"name": "freshman", "email": "f@example.com"})
        audience = self._audience(segment_ids=segment.ids)
        audience.action_preview()
        self.assertEqual(audience.included_count, 1)

    def test_without_a_segment_nothing_is_added(self):
        with self.assertRaisesRegex(UserError, "at least one segment"):
            self._audience(segment_ids=[(5,)]).action_add_members()

    def test_nobody_joins_a_campaign_that_is_over(self):
        self.campaign.with_user(self.marketing_manager).action_crm_cancel()
        with self.assertRaisesRegex(UserError, "is over"):
            self.campaign.with_user(self.marketer).action_crm_add_members()

    def test_a_stranger_cannot_add_members_to_a_colleagues_campaign(self):
        audience = self._audience()
        with self.assertRaises(UserError):
            audience.sudo(False).with_user(self.colleague_marketer).action_add_members()
