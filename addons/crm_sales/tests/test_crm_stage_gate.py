import base64

from odoo import Command
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import Form, tagged

from ..tools.stage_path import Passage, is_passed
from .common import SalesCommon


@tagged("post_install", "-at_install")
class TestCrmStageGate(SalesCommon):
    """Exit gates: fields, document, activity - at every way in, with all that is missing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Gate team",
                "company_id": cls.company.id,
                "member_ids": [Command.set((cls.salesperson | cls.colleague).ids)],
            }
        )
        cls.stages = cls.env["crm.stage"].create(
            [
                {
                    "name": name,
                    "sequence": sequence,
                    "is_won": name == "Won",
                    "team_ids": [Command.set(cls.team.ids)],
                }
                for sequence, name in enumerate(("Need", "Offer", "Talks", "Won"), start=901)
            ]
        )
        cls.need, cls.offer, cls.talks, cls.won = cls.stages
        cls.tender = cls.env["crm.document.type"].create({"name": "Gate tender"})
        cls.call = cls.env.ref("mail.mail_activity_data_call")

    @classmethod
    def _gate(cls, stage, moment="leave", names=(), **values):
        return (
            cls.env["crm.stage.gate"]
            .with_user(cls.sales_manager)
            .create(
                {
                    "stage_id": stage.id,
                    "moment": moment,
                    "field_ids": [Command.create({"field": name}) for name in names],
                    **values,
                }
            )
        )

    def _lead(self, user=None, **values):
        return (
            self.env["crm.lead"]
            .with_user(user or self.salesperson)
            .create(
                {
                    "name": "Gated",
                    "type": "opportunity",
                    "team_id": self.team.id,
                    "stage_id": self.need.id,
                    "company_id": self.company.id,
                    **values,
                }
            )
        )

    def _attach(self, lead, kind=None):
        return (
            self.env["ir.attachment"]
            .with_user(self.salesperson)
            .create(
                {
                    "name": "tender.pdf",
                    "raw": b"%PDF",
                    "res_model": "crm.lead",
                    "res_id": lead.id,
                    "crm_document_type_id": kind and kind.id,
                }
            )
        )

    def test_all_that_is_missing_is_listed_with_labels_in_the_users_language(self):
        self._gate(
            self.need,
            names=("date_deadline", "expected_revenue"),
            document_type_ids=[Command.set(self.tender.ids)],
            activity_type_ids=[Command.set(self.call.ids)],
            note="Ask the presales team",
        )
        lead = self._lead()
        with self.assertRaises(UserError) as caught:
            lead.stage_id = self.offer
        text = str(caught.exception)
        for part in (
            "“Gated” cannot enter the stage “Offer” yet",
            "Field: Expected Closing",
            "Field: Expected Revenue",
            "Document: Gate tender",
            f"Activity done: {self.call.name}",
            "Ask the presales team",
        ):
            self.assertIn(part, text)
        label = (
            self.env["ir.model.fields"]
            ._get("crm.lead", "expected_revenue")
            .with_context(lang="zh_CN")
            .field_description
        )
        with self.assertRaises(UserError) as caught:
            lead.with_context(lang="zh_CN").stage_id = self.offer
        self.assertIn(f"字段：{label}", str(caught.exception))

    def test_the_lead_moves_when_field_document_and_activity_stand(self):
        self._gate(
            self.need,
            names=("expected_revenue",),
            document_type_ids=[Command.set(self.tender.ids)],
            activity_type_ids=[Command.set(self.call.ids)],
        )
        lead = self._lead(expected_revenue=100)
        self._attach(lead)
        activity = lead.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.salesperson.id
        )
        with self.assertRaises(UserError) as caught:
            lead.stage_id = self.offer
        self.assertIn("Gate tender", str(caught.exception))
        self.assertIn(self.call.name, str(caught.exception))
        self.assertNotIn("Field:", str(caught.exception))
        self._attach(lead, self.tender)
        activity.action_feedback(feedback="Talked")
        lead.stage_id = self.offer
        self.assertEqual(lead.stage_id, self.offer)

    def test_any_document_is_enough_where_no_type_is_named(self):
        self._gate(self.need, document=True)
        lead = self._lead()
        with self.assertRefused("A document attached"):
            lead.stage_id = self.offer
        self._attach(lead)
        lead.stage_id = self.offer

    def test_what_the_form_fills_in_with_the_move_counts(self):
        self._gate(self.need, names=("date_deadline",))
        lead = self._lead()
        with Form(lead) as form:
            form.date_deadline = "2026-12-31"
            form.stage_id = self.offer
        self.assertEqual(lead.stage_id, self.offer)

    def test_the_document_is_attached_in_the_form(self):
        self._gate(self.need, document_type_ids=[Command.set(self.tender.ids)])
        lead = self._lead()
        with Form(lead) as form:
            with form.crm_document_ids.new() as document:
                document.name = "tender.pdf"
                document.datas = base64.b64encode(b"%PDF").decode()
                document.crm_document_type_id = self.tender
            form.stage_id = self.offer
        self.assertEqual(lead.stage_id, self.offer)
        self.assertEqual(lead.crm_document_ids.res_model, "crm.lead")

    def test_skipping_a_stage_skips_no_condition_and_going_back_meets_none(self):
        self._gate(self.offer, names=("date_deadline",))
        self._gate(self.offer, moment="enter", names=("expected_revenue",))
        lead = self._lead()
        with self.assertRaises(UserError) as caught:
            lead.stage_id = self.talks
        self.assertIn("Expected Closing", str(caught.exception))
        self.assertIn("Expected Revenue", str(caught.exception))
        lead.write(
            {"date_deadline": "2026-12-31", "expected_revenue": 5, "stage_id": self.talks.id}
        )
        lead.write({"date_deadline": False, "expected_revenue": 0})
        lead.stage_id = self.need
        self.assertEqual(lead.stage_id, self.need)

    def test_winning_by_the_button_meets_the_conditions(self):
        self._gate(self.won, moment="enter", names=("partner_id",))
        lead = self._lead()
        with self.assertRaises(UserError):
            lead.action_set_won()
        lead.partner_id = self.customer
        lead.action_set_won()
        self.assertEqual(lead.won_status, "won")

    def test_creating_importing_and_converting_meet_the_conditions(self):
        self._gate(self.need, names=("expected_revenue",))
        with self.assertRefused("Expected Revenue"):
            self._lead(stage_id=self.offer.id)
        result = (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .with_context(import_file=True)
            .load(
                ["name", "type", "team_id/.id", "stage_id/.id"],
                [["Imported", "opportunity", str(self.team.id), str(self.offer.id)]],
            )
        )
        self.assertFalse(result["ids"])
        self.assertIn("Expected Revenue", result["messages"][0]["message"])
        lead = self._lead(type="lead", stage_id=self.offer.id)
        with self.assertRefused("Expected Revenue"):
            lead.convert_opportunity(self.customer)
        lead.expected_revenue = 10
        lead.convert_opportunity(self.customer)
        self.assertEqual(lead.type, "opportunity")

    def test_a_condition_of_a_team_holds_for_the_teams_below_it_only(self):
        office, other = self.env["crm.team"].create(
            [{"name": name, "company_id": self.company.id} for name in ("Office", "Other")]
        )
        self.team.parent_id = office
        self._gate(self.need, names=("date_deadline",), team_id=other.id)
        lead = self._lead()
        lead.stage_id = self.offer
        lead.stage_id = self.need
        self._gate(self.need, names=("expected_revenue",), team_id=office.id)
        with self.assertRefused("Expected Revenue"):
            lead.stage_id = self.offer

    def test_a_manager_overrides_with_a_reason_that_is_kept_for_good(self):
        self._gate(self.need, names=("date_deadline",))
        lead = self._lead()
        with self.assertRaises(RedirectWarning) as caught:
            lead.with_user(self.sales_manager).stage_id = self.offer
        _text, action_id, _button, context = caught.exception.args
        self.assertEqual(action_id, self.env.ref("crm_sales.crm_lead_move_action").id)
        with self.assertRaises(UserError):
            lead.write({"stage_id": self.offer.id, "crm_gate_reason": "Because I say so"})
        wizard = Form(
            self.env["crm.lead.move"].with_user(self.sales_manager).with_context(**context)
        )
        self.assertEqual(wizard.stage_id, self.offer)
        wizard.reason = "The customer names the day next week"
        wizard.save().action_move()
        self.assertEqual(lead.stage_id, self.offer)
        row = lead.crm_gate_pass_ids
        self.assertEqual(
            (row.user_id, row.from_stage_id, row.to_stage_id, row.reason),
            (self.sales_manager, self.need, self.offer, "The customer names the day next week"),
        )
        self.assertIn("Expected Closing", row.missing)
        with self.assertRefused("never changed"):
            row.sudo().reason = "Another"
        with self.assertRaises(AccessError):
            row.with_user(self.sales_manager).unlink()

    def test_salespeople_write_no_conditions_and_see_no_wizard(self):
        gate = self._gate(self.need, names=("date_deadline",))
        with self.assertRaises(AccessError):
            gate.with_user(self.salesperson).active = False
        with self.assertRaises(AccessError):
            self.env["crm.lead.move"].with_user(self.salesperson).create({"reason": "No"})

    def test_a_condition_asks_for_something_of_the_opportunity(self):
        with self.assertRefused("Say which field", ValidationError):
            self._gate(self.need)
        with self.assertRefused("people fill in", ValidationError):
            self._gate(self.need, names=("create_date",))

    def test_an_archived_condition_holds_no_longer(self):
        gate = self._gate(self.need, names=("date_deadline",))
        lead = self._lead()
        gate.active = False
        lead.stage_id = self.offer
        self.assertEqual(lead.stage_id, self.offer)

    def test_a_hundred_leads_are_judged_with_the_queries_of_one(self):
        self._gate(
            self.need,
            names=("name",),
            document_type_ids=[Command.set(self.tender.ids)],
            activity_type_ids=[Command.set(self.call.ids)],
        )
        counts = []
        for size in (1, 1, 100):
            leads = self.env["crm.lead"].create(
                [
                    {
                        "name": f"Lead {index}",
                        "type": "opportunity",
                        "team_id": self.team.id,
                        "stage_id": self.need.id,
                        "company_id": self.company.id,
                        "user_id": self.salesperson.id,
                    }
                    for index in range(size)
                ]
            )
            for lead in leads:
                self._attach(lead, self.tender)
                lead.activity_schedule("mail.mail_activity_data_call").action_done()
            self.env.flush_all()
            leads._fields["stage_id"]._update_cache(leads, self.offer.id)
            count = self.env.cr.sql_log_count
            leads._check_gates(dict.fromkeys(leads.ids, self.need))
            counts.append(self.env.cr.sql_log_count - count)
        self.assertLessEqual(counts[2], counts[1] + 1, counts)

    def test_the_path_of_a_move(self):
        forward = Passage((1, 1), (3, 1))
        self.assertEqual(
            [is_passed(forward, (place, 1), "leave") for place in (0, 1, 2, 3, 4)],
            [False, True, True, False, False],
        )
        self.assertEqual(
            [is_passed(forward, (place, 1), "enter") for place in (0, 1, 2, 3, 4)],
            [False, False, True, True, False],
        )
        backward = Passage((3, 1), (1, 1))
        self.assertFalse(any(is_passed(backward, (place, 1), "leave") for place in range(5)))
        born = Passage(None, (2, 1))
        self.assertTrue(is_passed(born, (1, 1), "leave"))
        self.assertTrue(is_passed(born, (2, 1), "enter"))
