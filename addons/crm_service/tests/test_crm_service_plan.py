"""The service period: plans, visits, reports, advice."""

from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ServiceCommon

VISIT = "crm.service.visit"


class PlanCommon(ServiceCommon):
    """A contract in force with a monthly plan. No test lives here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._sign_contract()

    def plan(self, **values):
        return self.env["crm.service.plan"].create(
            {
                "name": "Monthly",
                "contract_id": self.contract.id,
                "interval": 1,
                "date_start": "2026-08-31",
                "user_id": self.agent.id,
                "line_ids": [Command.create({"name": "Backups"}), Command.create({"name": "Logs"})],
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestServicePeriod(PlanCommon):
    """What a signed acceptance starts."""

    def accept(self, moment="10-20 10:00"):
        with self.at(moment):
            self.contract._raise_event("accepted", fields.Date.today())

    def test_acceptance_starts_the_service_period_and_a_plan(self):
        self.company.write({"crm_service_visit_months": 2, "crm_service_period_months": 6})
        self.contract.date_end = False
        self.accept()
        self.assertEqual(str(self.contract.crm_service_start), "2026-10-20")
        self.assertEqual(str(self.contract.crm_service_end), "2027-04-20")
        plan = self.contract.crm_plan_ids
        self.assertEqual((plan.interval, plan.interval_unit, plan.state), (2, "month", "active"))
        self.assertTrue(plan.line_ids)
        self.assertEqual(str(plan.visit_ids.planned_date), "2026-12-20")

    def test_the_contracts_own_plan_and_end_go_first(self):
        self.contract.date_end = "2027-12-31"
        own = self.plan(date_start=False)
        self.accept()
        self.assertEqual(self.contract.crm_plan_ids, own)
        self.assertEqual(str(own.date_start), "2026-10-20")
        self.assertEqual(str(self.contract.crm_service_end), "2027-12-31")

    def test_no_plan_is_made_where_the_company_wants_none(self):
        self.company.crm_service_visit_months = 0
        self.accept()
        self.assertFalse(self.contract.crm_plan_ids)

    def test_the_end_of_the_contract_ends_its_plans(self):
        with self.at("10-20 10:00"):
            plan = self.plan(date_start="2026-10-20")
            plan.action_activate()
            self.assertEqual(plan.visit_ids.mapped("state"), ["planned"])
            self.contract._raise_event("terminated", fields.Date.today())
        self.assertEqual(plan.state, "ended")
        self.assertEqual(plan.visit_ids.mapped("state"), ["cancelled"])


@tagged("post_install", "-at_install")
class TestVisitGeneration(PlanCommon):
    """Visits are planned ahead, on working days, once per planned date."""

    def test_dates_keep_the_rhythm_and_move_to_working_days(self):
        with self.at("08-31 10:00"):
            plan = self.plan()
            plan.action_activate()
        with self.at("10-31 10:00"):
            plan._generate_visits(fields.Date.today())
        planned = [str(visit.planned_date) for visit in plan.visit_ids.sorted("planned_date")]
        dates = [str(visit.date) for visit in plan.visit_ids.sorted("planned_date")]
        # The 31st stays the last day of the month.
        self.assertEqual(planned, ["2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31"][:3])
        # Saturday 10-31 moves to Monday.
        self.assertEqual(dates, ["2026-09-30", "2026-11-02", "2026-11-30"])

    def test_a_date_in_the_holidays_moves_behind_them(self):
        with self.at("09-04 10:00"):
            plan = self.plan(date_start="2026-09-04")
            plan.action_activate()
        self.assertEqual(str(plan.visit_ids.sorted("date")[0].planned_date), "2026-10-04")
        self.assertEqual(str(plan.visit_ids.sorted("date")[0].date), "2026-10-08")

    def test_running_the_generator_again_changes_nothing(self):
        with self.at("09-04 10:00"):
            plan = self.plan(date_start="2026-09-04")
            plan.action_activate()
            visits = plan.visit_ids
            self.assertFalse(plan._generate_visits(fields.Date.today()))
        self.assertEqual(plan.visit_ids, visits)

    def test_a_planned_date_exists_once_in_the_database(self):
        with self.at("09-04 10:00"):
            plan = self.plan(date_start="2026-09-04")
            plan.action_activate()
        values = plan._prepare_visit_values(plan.visit_ids[0].planned_date)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env[VISIT].create(values)

    def test_no_visit_is_planned_after_the_end(self):
        with self.at("09-04 10:00"):
            plan = self.plan(date_start="2026-09-04", date_end="2026-10-10")
            plan.action_activate()
        self.assertEqual([str(one.planned_date) for one in plan.visit_ids], ["2026-10-04"])

    def test_a_suspended_contract_plans_nothing_and_moves_what_lies_ahead(self):
        with self.at("09-04 10:00"):
            plan = self.plan(date_start="2026-09-04", date_end="2027-09-04")
            plan.action_activate()
            visit = plan.visit_ids.sorted("date")[0]
        with self.at("09-07 10:00"):
            self.contract._suspend("flood")
            with self.assertRaises(UserError):
                visit.action_start()
        found = self.env["crm.service.plan"].search(
            [("state", "=", "active"), ("contract_id.state", "=", "signed")]
        )
        self.assertNotIn(plan, found)
        with self.at("09-21 10:00"):
            self.contract.action_resume()
        self.assertEqual(visit.date, fields.Date.to_date("2026-10-08") + relativedelta(days=14))
        self.assertEqual(str(plan.date_end), "2027-09-18")

    def test_generating_costs_the_same_for_one_plan_and_for_thirty(self):
        def cost(number):
            plans = self.env["crm.service.plan"].create(
                [
                    {
                        "name": str(index),
                        "contract_id": self.contract.id,
                        "interval": 1,
                        "date_start": "2026-09-04",
                        "state": "active",
                    }
                    for index in range(number)
                ]
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            with self.at("09-04 10:00"):
                visits = plans._generate_visits(fields.Date.today())
                self.env.flush_all()
            self.assertEqual(len(visits), number)
            return self.env.cr.sql_log_count - before

        cost(1)
        one, thirty = cost(1), cost(30)
        # Planning a working day reads the calendar; numbers are drawn one by one.
        self.assertLess((thirty - one) / 29, 12)


@tagged("post_install", "-at_install")
class TestVisit(PlanCommon):
    """An inspection with its checklist, tickets, report and advice."""

    def setUp(self):
        super().setUp()
        with self.at("09-04 10:00"):
            plan = self.plan(date_start="2026-09-04")
            plan.action_activate()
        self.visit = plan.visit_ids.sorted("date")[0].with_user(self.agent)

    def finish(self):
        with self.at("10-08 10:00"):
            self.visit.action_start()
            self.visit.line_ids[0].write({"result": "ok"})
            self.visit.line_ids[1].write({"result": "fault", "note": "Disk full"})
            self.visit.action_done()

    def test_every_check_needs_a_result_and_a_fault_needs_words(self):
        self.visit.action_start()
        with self.assertRaises(UserError):
            self.visit.action_done()
        with self.assertRaises(ValidationError):
            self.visit.line_ids[0].result = "fault"

    def test_a_fault_leads_to_one_ticket_with_the_contracts_promises(self):
        with self.at("10-08 10:00"):
            self.visit.action_start()
            line = self.visit.line_ids[1]
            line.write({"result": "fault", "note": "Disk full"})
            first = line.action_create_ticket()["res_id"]
            second = line.action_create_ticket()["res_id"]
        self.assertEqual(first, second)
        ticket = self.env["crm.service.ticket"].browse(first)
        self.assertEqual(ticket.contract_id, self.contract)
        self.assertTrue(ticket.next_deadline)
        self.assertEqual(self.visit.ticket_count, 1)
        self.visit.line_ids[0].result = "ok"
        with self.assertRaises(UserError):
            self.visit.line_ids[0].action_create_ticket()

    def test_a_finished_visit_cannot_be_changed(self):
        self.finish()
        with self.assertRaises(UserError):
            self.visit.line_ids[0].note = "later thoughts"
        with self.assertRaises(UserError):
            self.visit.action_cancel()

    def test_the_report_is_mailed_to_the_signatory_with_the_pdf(self):
        self.finish()
        pdf = "odoo.addons.base.models.ir_actions_report.IrActionsReport._render_qweb_pdf"
        with self.at("10-08 12:00"), self.mock_pdf(pdf):
            self.visit.action_send_report()
        self.assertTrue(self.visit.report_sent_on)
        message = self.visit.message_ids.filtered(lambda one: one.attachment_ids)
        self.assertIn(self.contact, message.notified_partner_ids)
        self.assertTrue(message.attachment_ids.name.endswith(".pdf"))

    def mock_pdf(self, target):
        return patch(target, lambda *_args, **_kwargs: (b"%PDF-1.4", "pdf"))

    def test_the_report_is_not_sent_against_the_customers_will(self):
        self.finish()
        self.env["crm.consent"].create(
            {
                "partner_id": self.contact.id,
                "channel": "email",
                "purpose": "service",
                "state": "withdrawn",
            }
        )
        with self.assertRaisesRegex(UserError, self.contact.name):
            self.visit.action_send_report()

    def test_the_printed_report_shows_checks_findings_and_advice(self):
        self.finish()
        self.env["crm.service.advice"].create(
            {"name": "更换硬盘", "contract_id": self.contract.id, "visit_id": self.visit.id}
        )
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "crm_service.crm_service_visit_action_report", self.visit.ids
        )
        for word in ("Backups", "Disk full", "更换硬盘", self.visit.name):
            self.assertTrue(word in html.decode(), word)

    def test_advice_is_followed_up_until_the_customer_has_decided(self):
        advice = (
            self.env["crm.service.advice"]
            .with_user(self.agent)
            .create(
                {
                    "name": "More storage",
                    "contract_id": self.contract.id,
                    "follow_up_date": "2026-11-01",
                }
            )
        )
        self.assertEqual(advice.activity_ids.user_id, self.agent)
        self.assertEqual(str(advice.activity_ids.date_deadline), "2026-11-01")
        advice.follow_up_date = "2026-12-01"
        self.assertEqual(advice.activity_ids.mapped("date_deadline"), [advice.follow_up_date])
        with self.assertRaises(UserError):
            advice.action_decline()
        advice.decision = "Too dear"
        advice.action_decline()
        self.assertFalse(advice.activity_ids)
