from datetime import date, datetime

from odoo.tests import tagged

from .import_common import ImportCase

HEADINGS = "opportunity_id,sales_agent,account,deal_stage,engage_date,close_date,close_value\n"


@tagged("post_install", "-at_install")
class TestImportOpportunities(ImportCase):
    """What a row of an opportunity file becomes."""

    def _row(self, stage="Won", closed="2017-03-01", value="1054", agent="Ada Voss"):
        engaged = "" if stage == "Prospecting" else "2016-10-20"
        text = f"{HEADINGS}W1,{agent},Kiln & Co,{stage},{engaged},{closed},{value}\n"
        answer = self._import("crm.lead", text)
        self.assertEqual(answer["crm_import"]["refused"], 0)
        return self._lead("W1")

    def test_a_won_row_is_a_won_opportunity_of_its_day(self):
        lead = self._row()
        self.assertEqual((lead.won_status, lead.probability, lead.active), ("won", 100, True))
        self.assertTrue(lead.stage_id.is_won)
        self.assertEqual((lead.expected_revenue, lead.type), (1054, "opportunity"))
        self.assertEqual((lead.partner_id, lead.user_id), (self.customer, self.agent))
        self.assertEqual(lead.company_id, self.company)

    def test_days_are_noon_where_the_company_works(self):
        lead = self._row()
        self.assertEqual(lead.date_open, datetime(2016, 10, 20, 4))
        self.assertEqual(lead.date_closed, datetime(2017, 3, 1, 4))
        self.assertEqual((lead.day_open, lead.day_close), (0, 132))
        self.assertEqual(lead.date_last_stage_update, lead.date_closed)

    def test_a_lost_row_is_a_lost_opportunity_with_a_reason(self):
        lead = self._row("Lost", "2017-01-03", "0")
        self.assertEqual((lead.won_status, lead.probability, lead.active), ("lost", 0, False))
        self.assertEqual(lead.lost_reason_id.name, "Not stated")
        self.assertEqual(lead.date_closed, datetime(2017, 1, 3, 4))
        self.assertFalse(lead.stage_id.is_won)

    def test_open_rows_stand_in_the_stage_of_their_word_made_once(self):
        engaging = self._row("Engaging", "", "").stage_id
        self.assertEqual(engaging.name, "Engaging")
        other = self._import("crm.lead", f"{HEADINGS}E2,,,engaging,2016-10-20,,\n")
        self.assertEqual(other["crm_import"]["created"], 1)
        self.assertEqual(self._lead("E2").stage_id, engaging)
        self.assertFalse(self._lead("E2").user_id)

    def test_the_administrator_says_what_a_word_means(self):
        stage = self.env["crm.stage"].create({"name": "In Talks"})
        meaning = self.env["crm.import.stage"].search([("name", "=", "Engaging")])
        meaning.stage_id = stage
        self.assertEqual(self._row("Engaging", "", "").stage_id, stage)
        self.env["crm.import.stage"].create({"name": "closed_won", "outcome": "won"})
        self.assertEqual(self._row("closed_won").won_status, "won")

    def test_a_stage_of_the_pipeline_needs_no_explanation(self):
        stage = self.env["crm.stage"].create({"name": "Pilot Phase"})
        self.assertEqual(self._row("pilot phase", "", "").stage_id, stage)

    def test_an_open_row_closes_expectedly_on_its_day(self):
        lead = self._row("Engaging", "2030-05-06")
        self.assertEqual((lead.date_deadline, lead.date_closed), (date(2030, 5, 6), False))

    def test_the_team_is_that_of_the_salesperson(self):
        self.assertEqual(self._row().team_id, self.team)
        loner = self.env["res.users"].create(
            {
                "name": "Lone Seller",
                "login": "lone_seller",
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
            }
        )
        lead = self._row(agent=loner.name)
        self.assertEqual((lead.user_id, lead.team_id.id), (loner, False))

    def test_an_open_opportunity_can_be_won_by_a_later_file(self):
        self._row("Engaging", "", "")
        lead = self._row()
        self.assertEqual((lead.won_status, lead.probability), ("won", 100))
        self.assertEqual(lead.date_closed, datetime(2017, 3, 1, 4))
        self.assertEqual(lead.date_open, datetime(2016, 10, 20, 4))

    def test_a_won_opportunity_can_turn_out_lost(self):
        self._row()
        lead = self._row("Lost", "2017-04-01", "0")
        self.assertEqual((lead.won_status, lead.expected_revenue), ("lost", 0))
        self.assertEqual(lead.date_closed, datetime(2017, 4, 1, 4))

    def test_a_lost_opportunity_can_be_open_again(self):
        self._row("Lost", "2017-01-03", "0")
        lead = self._row("Engaging", "", "")
        self.assertEqual((lead.won_status, lead.active), ("pending", True))
        self.assertFalse(lead.lost_reason_id)
        self.assertTrue(lead.is_automated_probability)

    def test_empty_cells_leave_what_is_there(self):
        self._row("Engaging", "", "500")
        lead = self._row("Engaging", "", "")
        self.assertEqual(lead.expected_revenue, 500)

    def test_a_won_row_without_an_amount_is_noted(self):
        self._import("crm.lead", f"{HEADINGS}W1,Ada Voss,,Won,2016-10-20,2017-03-01,\n")
        log = self.env["crm.import.log"].search([], limit=1)
        self.assertEqual((log.created_count, log.adjusted_count), (1, 1))
        self.assertEqual(log.issue_ids.code, "amount_missing")

    def test_numbers_count_within_their_company(self):
        lead = self._row()
        other = self.env["res.company"].create({"name": "Second Company"})
        self.manager.company_ids += other
        self.agent.company_ids += other
        text = f"{HEADINGS}W1,Ada Voss,,Engaging,2017-01-01,,\n"
        env = self.env(user=self.manager, context={"allowed_company_ids": other.ids})
        screen = env["base_import.import"].create(
            {
                "res_model": "crm.lead",
                "file": text.encode(),
                "file_name": "x.csv",
                "file_type": "text/csv",
            }
        )
        answer = self._import("crm.lead", None, screen=screen)
        self.assertEqual(answer["crm_import"]["created"], 1)
        self.assertEqual(lead.won_status, "won")

    def test_nobody_is_written_to(self):
        messages = self.env["mail.message"].search_count([])
        self.env = self.env(context=dict(self.env.context, tracking_disable=False))
        self._row()
        self.assertEqual(self.env["mail.message"].search_count([]), messages)
        self.assertFalse(self._lead("W1").message_follower_ids)

    def test_an_imported_account_goes_before_its_namesakes(self):
        self._import("res.partner", "account,sector\nTwin Ltd,retail\n")
        imported = self.env["res.partner"].search([("name", "=", "Twin Ltd")])
        self.env["res.partner"].create({"name": "Twin Ltd", "is_company": True})
        self._import("crm.lead", f"{HEADINGS}T1,,Twin Ltd,Engaging,2017-01-01,,\n")
        self.assertEqual(self._lead("T1").partner_id, imported)
        self.env["res.partner"].create([{"name": "Pair Ltd", "is_company": True}] * 2)
        answer = self._import("crm.lead", f"{HEADINGS}T2,,Pair Ltd,Engaging,2017-01-01,,\n")
        self.assertEqual(self._refused(answer), [(2, "account", "Pair Ltd")])
