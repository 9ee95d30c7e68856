from odoo import Command
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import SalesCommon


@tagged("post_install", "-at_install")
class TestCrmStageGroup(SalesCommon):
    """A set of stages that several teams share."""

    def setUp(self):
        super().setUp()
        env = self.env(user=self.sales_manager)
        self.one, self.two, self.three = env["crm.team"].create(
            [{"name": name, "company_id": self.company.id} for name in ("One", "Two", "Three")]
        )
        self.group = env["crm.stage.group"].create(
            {"name": "Shared", "team_ids": [Command.set((self.one | self.two).ids)]}
        )
        self.stage = env["crm.stage"].create({"name": "In it", "crm_group_id": self.group.id})

    def test_stages_follow_the_teams_of_their_group_whichever_changes(self):
        self.assertEqual(self.stage.team_ids, self.one | self.two)
        self.three.crm_stage_group_id = self.group
        self.assertEqual(self.stage.team_ids, self.one | self.two | self.three)
        self.group.team_ids = [Command.unlink(self.one.id)]
        self.assertEqual(self.stage.team_ids, self.two | self.three)
        other = self.stage.create({"name": "Later"})
        self.group.stage_ids = [Command.link(other.id)]
        self.assertEqual(other.team_ids, self.two | self.three)
        other.crm_group_id = False
        self.assertFalse(other.team_ids)

    def test_the_pipeline_of_a_team_shows_the_stages_of_its_group(self):
        lead = (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .create({"name": "Lead", "type": "opportunity", "team_id": self.two.id})
        )
        self.assertIn(self.stage, lead._stage_find(limit=None))
        lead.team_id = self.three
        self.assertNotIn(self.stage, lead._stage_find(limit=None))

    def test_a_group_with_stages_keeps_a_team_and_is_not_deleted(self):
        with self.assertRefused("Choose the teams", ValidationError):
            self.group.team_ids = [Command.clear()]
        with self.assertRefused("Take the stages out", ValidationError):
            self.group.unlink()

    def test_salespeople_do_not_change_groups(self):
        with self.assertRaises(AccessError):
            self.group.with_user(self.salesperson).name = "Mine"


@tagged("post_install", "-at_install")
class TestCrmLeadOutcome(SalesCommon):
    """Lost reason mandatory at form, mass action and remote call; won reason asked at the win."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Reasons",
                "company_id": cls.company.id,
                "member_ids": [Command.set(cls.salesperson.ids)],
                "crm_lost_reason_rule": "required",
            }
        )
        cls.lost_reason = cls.env["crm.lost.reason"].create({"name": "Too dear"})
        cls.won_reason = cls.env["crm.won.reason"].create({"name": "Fits"})

    def _leads(self, count=1, **values):
        return (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .create(
                [
                    {
                        "name": f"Deal {index}",
                        "type": "opportunity",
                        "team_id": self.team.id,
                        "company_id": self.company.id,
                        "partner_id": self.customer.id,
                        **values,
                    }
                    for index in range(count)
                ]
            )
        )

    def test_no_lead_is_lost_without_a_reason_whichever_way(self):
        for work in (
            lambda lead: lead.action_set_lost(),
            lambda lead: lead.write({"active": False, "probability": 0}),
            lambda lead: (
                self.env["crm.lead.lost"]
                .with_user(self.salesperson)
                .create({"lead_ids": [Command.set(lead.ids)]})
                .action_lost_reason_apply()
            ),
        ):
            lead = self._leads()
            with self.assertRefused("Choose the lost reason"):
                work(lead)
            lead.invalidate_recordset()
        zero = self._leads(probability=0)
        with self.assertRefused("Choose the lost reason"):
            zero.action_archive()

    def test_with_a_reason_the_form_and_the_mass_action_lose_them(self):
        leads = self._leads(3)
        leads[1].probability = 0
        wizard = Form(
            self.env["crm.lead.lost"]
            .with_user(self.salesperson)
            .with_context(default_lead_ids=leads.ids)
        )
        self.assertTrue(wizard.crm_reason_required)
        wizard.lost_reason_id = self.lost_reason
        wizard.save().action_lost_reason_apply()
        self.assertEqual(set(leads.mapped("won_status")), {"lost"})
        self.assertEqual(leads.lost_reason_id, self.lost_reason)

    def test_the_reason_of_a_lost_lead_is_not_taken_away(self):
        lead = self._leads()
        lead.action_set_lost(lost_reason_id=self.lost_reason.id)
        with self.assertRefused("Choose the lost reason"):
            lead.lost_reason_id = False
        lead.invalidate_recordset()
        lead.action_restore()
        self.assertFalse(lead.lost_reason_id)
        self.assertEqual(lead.won_status, "pending")

    def test_the_company_decides_where_the_team_does_not(self):
        self.team.crm_lost_reason_rule = "company"
        self._leads().action_set_lost()
        self.company.crm_lost_reason_rule = "required"
        with self.assertRaises(UserError):
            self._leads().action_set_lost()
        self.team.crm_lost_reason_rule = "optional"
        self._leads().action_set_lost()

    def test_the_button_asks_for_the_won_reason_and_the_win_needs_it(self):
        self.team.crm_won_reason_rule = "required"
        lead = self._leads()
        action = lead.action_set_won_rainbowman()
        self.assertEqual(action["res_model"], "crm.lead.won")
        self.assertEqual(lead.won_status, "pending")
        with self.assertRaises(RedirectWarning) as caught:
            lead.action_set_won()
        lead.invalidate_recordset()
        wizard = Form(
            self.env["crm.lead.won"]
            .with_user(self.salesperson)
            .with_context(**caught.exception.args[3])
        )
        with self.assertRaises(AssertionError):
            wizard.save()
        wizard.reason_id = self.won_reason
        wizard.save().action_won()
        self.assertEqual((lead.won_status, lead.crm_won_reason_id), ("won", self.won_reason))
        with self.assertRaises(RedirectWarning):
            lead.crm_won_reason_id = False
        lead.invalidate_recordset()
        lead.stage_id = lead._stage_find(domain=[("is_won", "=", False)])
        self.assertFalse(lead.crm_won_reason_id)

    def test_a_reason_in_use_is_archived_and_not_deleted(self):
        lead = self._leads(crm_won_reason_id=self.won_reason.id)
        reason = self.won_reason.with_user(self.sales_manager)
        with self.assertRefused("Archive it instead"):
            reason.unlink()
        reason.active = False
        self.assertEqual(lead.crm_won_reason_id, reason)

    def test_asked_is_not_mandatory(self):
        self.team.crm_won_reason_rule = "optional"
        lead = self._leads()
        self.assertEqual(lead.action_set_won_rainbowman()["res_model"], "crm.lead.won")
        wizard = Form(
            self.env["crm.lead.won"]
            .with_user(self.salesperson)
            .with_context(default_lead_ids=lead.ids)
        ).save()
        wizard.action_won()
        self.assertEqual(lead.won_status, "won")

    def test_a_lead_is_not_created_as_won_without_the_reason(self):
        self.team.crm_won_reason_rule = "required"
        stage = self.env["crm.stage"].search([("is_won", "=", True), ("team_ids", "=", False)])[:1]
        with self.assertRefused("Say why"):
            self._leads(stage_id=stage.id)
        lead = self._leads(stage_id=stage.id, crm_won_reason_id=self.won_reason.id)
        self.assertEqual(lead.won_status, "won")
