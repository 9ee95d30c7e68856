from datetime import date

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import SIGNED_ON, SalesCommon


@tagged("post_install", "-at_install")
class TestCrmPaymentPlan(SalesCommon):
    """The plan of a contract: made from an order, exact, due by events in working days."""

    # -- from order to contract --------------------------------------------------------------

    def test_an_order_becomes_a_contract_with_its_value_and_plan(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "CRM for the pilot",
                "partner_id": self.customer.id,
                "type": "opportunity",
                "user_id": self.salesperson.id,
            }
        )
        order = self._create_order(partner_id=self.signatory.id, opportunity_id=lead.id)
        order.action_crm_create_contract()
        contract = order.crm_contract_id
        self.assertEqual(contract.partner_id, self.customer)
        self.assertEqual(contract.partner_signatory_id, self.signatory)
        self.assertEqual(contract.amount_total, order.amount_total)
        self.assertEqual(contract.amount_total, 113000)
        self.assertEqual(contract.lead_id, lead)
        self.assertEqual(contract.subject, "CRM for the pilot")
        self.assertEqual(contract.user_id, self.salesperson)
        self.assertEqual(contract.contract_type, "development")
        self.assertEqual(contract.plan_line_ids.mapped("amount"), [33900, 45200, 33900])
        self.assertEqual(contract.plan_line_ids.order_id, order)
        self.assertEqual(contract.plan_difference, 0)

    def test_a_second_click_opens_the_contract_that_exists(self):
        order = self._create_order()
        first = order.action_crm_create_contract()
        second = order.action_crm_create_contract()
        self.assertEqual(first["res_id"], second["res_id"])
        self.assertEqual(self.env["crm.contract"].search_count([("order_ids", "in", order.ids)]), 1)

    def test_a_draft_quotation_is_no_contract_yet(self):
        order = self._create_order(confirm=False)
        with self.assertRaisesRegex(UserError, "Send or confirm"):
            order.action_crm_create_contract()

    def test_an_order_without_value_is_no_contract(self):
        with self.assertRaisesRegex(UserError, "no value"):
            self._create_order(0).action_crm_create_contract()

    def test_an_order_of_another_customer_cannot_join_a_contract(self):
        contract = self._create_planned_contract(sign=False)
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        order = self._create_order(partner_id=other.id)
        with self.assertRaisesRegex(ValidationError, "same customer"):
            order.crm_contract_id = contract

    # -- templates ---------------------------------------------------------------------------

    def test_a_template_must_add_up_to_a_hundred_percent(self):
        with self.assertRaisesRegex(ValidationError, "add up to 90"):
            self.template.line_ids[0].template_id.write(
                {"line_ids": [Command.update(self.template.line_ids[0].id, {"percent": 20})]}
            )

    def test_thirds_are_a_template(self):
        template = self.template.copy({"name": "Thirds"})
        template.line_ids = [
            Command.update(line.id, {"percent": percent})
            for line, percent in zip(template.line_ids, (33.3333, 33.3333, 33.3334), strict=True)
        ]
        self.assertEqual(round(template.percent_total, 4), 100)

    def test_another_template_replaces_the_plan(self):
        contract = self._create_planned_contract(sign=False)
        contract.plan_template_id = self.env["crm.payment.plan.template"].create(
            {
                "name": "At once",
                "line_ids": [Command.create({"name": "All", "percent": 100, "event": "signed"})],
            }
        )
        contract.action_apply_plan_template()
        self.assertEqual(contract.plan_line_ids.mapped("amount"), [113000])

    # -- amounts -----------------------------------------------------------------------------

    def test_shares_follow_the_value_of_a_draft_and_the_last_takes_the_remainder(self):
        contract = self._create_contract(amount_total=100.01)
        contract._apply_plan_template(self.template)
        self.assertEqual(contract.plan_line_ids.mapped("amount"), [30.00, 40.00, 30.01])
        contract.amount_total = 1000
        self.assertEqual(contract.plan_line_ids.mapped("amount"), [300, 400, 300])

    def test_changing_a_share_in_the_form_shows_the_new_amounts_at_once(self):
        contract = self._create_planned_contract(sign=False)
        with Form(contract.with_user(self.salesperson)) as form:
            with form.plan_line_ids.edit(0) as line:
                line.percent = 20
            with form.plan_line_ids.edit(2) as line:
                line.percent = 40
            self.assertEqual(form.plan_difference, 0)
        self.assertEqual(contract.plan_line_ids.mapped("amount"), [22600, 45200, 45200])

    def test_fixed_amounts_count_when_no_share_is_entered(self):
        contract = self._create_contract(amount_total=100000)
        contract.plan_line_ids = [
            Command.create({"name": "Deposit", "amount_fixed": 20000}),
            Command.create({"name": "Rest", "percent": 80, "event": "trained"}),
        ]
        self.assertEqual(contract.plan_line_ids.mapped("amount"), [20000, 80000])
        contract.action_sign()
        self.assertEqual(contract.state, "signed")

    def test_two_orders_of_one_contract_are_split_each_to_its_own_total(self):
        contract = self._create_planned_contract(sign=False)
        second = self._create_order(1000.01)
        second.crm_contract_id = contract
        contract.action_update_from_orders()
        contract.action_apply_plan_template()
        self.assertEqual(len(contract.plan_line_ids), 6)
        for order in contract.order_ids:
            lines = contract.plan_line_ids.filtered(
                lambda line, order=order: line.order_id == order
            )
            self.assertAlmostEqual(sum(lines.mapped("amount")), order.amount_total, 2)
        contract.action_sign()
        self.assertEqual(contract.state, "signed")

    # -- signing -----------------------------------------------------------------------------

    def test_a_plan_that_does_not_add_up_cannot_be_signed(self):
        contract = self._create_planned_contract(sign=False)
        contract.plan_line_ids[0].percent = 29
        with self.assertRaisesRegex(UserError, r"1,130\.00.*differ. Correct the payment plan"):
            contract.action_sign()
        self.assertEqual(contract.state, "draft")

    def test_an_instalment_without_amount_cannot_be_signed(self):
        contract = self._create_planned_contract(sign=False)
        contract.plan_line_ids = [Command.create({"name": "Nothing"})]
        with self.assertRaisesRegex(UserError, "“Nothing” has no amount"):
            contract.action_sign()

    def test_an_unconfirmed_order_stops_the_signing(self):
        order = self._create_order(confirm=False)
        order.state = "sent"
        contract = self._create_planned_contract(order, sign=False)
        with self.assertRaisesRegex(UserError, "Confirm S"):
            contract.action_sign()

    def test_a_contract_worth_something_else_than_its_orders_cannot_be_signed(self):
        contract = self._create_planned_contract(sign=False)
        contract.amount_total = 120000
        with self.assertRaisesRegex(UserError, "Take the value over"):
            contract.action_sign()
        contract.action_update_from_orders()
        contract.action_sign()

    def test_a_contract_without_order_and_plan_can_be_signed(self):
        contract = self._create_contract()
        contract.action_sign()
        self.assertEqual(contract.state, "signed")

    def test_a_signed_plan_changes_by_amendment_only(self):
        contract = self._create_planned_contract()
        line = contract.plan_line_ids[0]
        for values in ({"percent": 50}, {"event": "trained"}, {"offset_days": 1}):
            with self.assertRaisesRegex(UserError, "amendment"):
                line.write(values)
        with self.assertRaisesRegex(UserError, "amendment"):
            line.unlink()
        with self.assertRaisesRegex(UserError, "amendment"):
            contract.plan_line_ids = [Command.create({"name": "More", "percent": 1})]

    def test_an_order_changed_after_signing_does_not_change_the_plan(self):
        contract = self._create_planned_contract()
        contract.order_ids.order_line[0].price_unit = 200000
        self.assertEqual(contract.plan_line_ids.mapped("amount"), [33900, 45200, 33900])
        with self.assertRaisesRegex(UserError, "Restore the order, or amend the contract"):
            self._invoice(contract.plan_line_ids[0])

    def test_nobody_writes_what_the_ledger_says(self):
        contract = self._create_planned_contract()
        for name, value in (
            ("amount_collected", 1),
            ("state", "paid"),
            ("due_date", SIGNED_ON),
            ("date_event", SIGNED_ON),
        ):
            with self.assertRaisesRegex(AccessError, "from the contract's events and the ledger"):
                contract.plan_line_ids[0].with_user(self.sales_manager).write({name: value})
        with self.assertRaises(AccessError):
            self.env["crm.payment.plan.line"].with_user(self.salesperson).create(
                {
                    "contract_id": self._create_contract().id,
                    "name": "Paid already",
                    "amount_collected": 5,
                }
            )

    # -- events and due dates ----------------------------------------------------------------

    def _load_2026(self, contract):
        """National Day 2026: off from 1 to 7 October, Saturday 10 October is worked."""
        calendar = contract.calendar_id
        self.env["resource.calendar.leaves"].create(
            {
                "name": "National Day",
                "calendar_id": calendar.id,
                "company_id": self.company.id,
                "date_from": "2026-09-30 16:00:00",
                "date_to": "2026-10-07 15:59:59",
            }
        )
        self.env["resource.calendar.makeup"].create(
            {"calendar_id": calendar.id, "date": "2026-10-10", "dayofweek": "4"}
        )

    def test_due_dates_skip_the_national_day_holiday_and_count_its_make_up_saturday(self):
        contract = self._create_planned_contract(sign=False)
        self._load_2026(contract)
        contract.action_sign()
        self.assertEqual(contract.plan_line_ids[0].due_date, date(2026, 10, 16))

    def test_a_holiday_entered_later_moves_due_dates_that_nobody_was_told_yet(self):
        contract = self._create_planned_contract()
        self.assertEqual(contract.plan_line_ids[0].due_date, date(2026, 10, 12))
        self._load_2026(contract)
        self.env.cr.flush()
        self.assertEqual(contract.plan_line_ids[0].due_date, date(2026, 10, 16))

    def test_each_event_makes_its_own_instalment_due_once(self):
        contract = self._create_planned_contract()
        first, second, third = contract.plan_line_ids
        self.assertEqual((first.state, second.state, third.state), ("due", "planned", "planned"))
        contract._raise_event("accepted", date(2026, 11, 2))
        self.assertEqual((second.state, second.due_date), ("due", date(2026, 11, 16)))
        self.assertFalse(contract._raise_event("accepted", date(2026, 12, 1)))
        self.assertEqual(second.due_date, date(2026, 11, 16))
        contract._on_contract_event("accepted", date(2026, 12, 1))
        self.assertEqual(second.due_date, date(2026, 11, 16))
        self.assertEqual(third.state, "planned")

    def test_what_falls_due_is_told_in_the_chatter(self):
        contract = self._create_planned_contract()
        self.assertIn("First over", contract.message_ids.mapped("preview")[0])

    def test_a_fixed_date_falls_due_on_its_day(self):
        contract = self._create_planned_contract(sign=False)
        contract.plan_line_ids[2].write(
            {"event": "date", "date_fixed": date(2026, 12, 1), "offset_days": 0}
        )
        with freeze_time("2026-09-28 04:00"):
            contract.action_sign()
        line = contract.plan_line_ids[2]
        self.assertEqual((line.state, line.date_expected), ("planned", date(2026, 12, 1)))
        with freeze_time("2026-12-01 04:00"), self.enter_registry_test_mode():
            self.env.ref("crm_sales.ir_cron_release_fixed_dates").method_direct_trigger()
        self.assertEqual((line.state, line.due_date), ("due", date(2026, 12, 1)))

    def test_a_fixed_date_needs_a_date(self):
        contract = self._create_contract()
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            contract.plan_line_ids = [
                Command.create({"name": "Some day", "percent": 100, "event": "date"})
            ]

    def test_a_milestone_says_when_an_instalment_is_expected(self):
        contract = self._create_planned_contract(
            milestone_ids=[
                Command.create(
                    {"name": "Acceptance", "event": "accepted", "planned_date": "2026-11-02"}
                )
            ]
        )
        self.assertEqual(contract.plan_line_ids[1].date_expected, date(2026, 11, 16))
        self.assertFalse(contract.plan_line_ids[2].date_expected)

    def test_termination_cancels_what_was_not_invoiced(self):
        contract = self._create_planned_contract()
        self._invoice(contract.plan_line_ids[0])
        contract._raise_event("terminated", date(2026, 10, 20))
        self.assertEqual(
            contract.plan_line_ids.mapped("state"), ["invoiced", "cancelled", "cancelled"]
        )
        self.assertEqual(contract.plan_line_ids[1].amount_to_invoice, 0)

    # -- overdue and suspension --------------------------------------------------------------

    def test_an_instalment_is_overdue_from_the_day_after_its_due_date_until_paid(self):
        line = self._create_planned_contract().plan_line_ids[0]
        invoice = self._invoice(line)
        overdue = [("is_overdue", "=", True), ("id", "=", line.id)]
        with freeze_time("2026-10-12 04:00"):
            line.invalidate_recordset()
            self.assertFalse(line.is_overdue)
            self.assertFalse(line.search_count(overdue))
        with freeze_time("2026-10-15 04:00"):
            line.invalidate_recordset()
            self.assertEqual((line.is_overdue, line.days_overdue), (True, 3))
            self.assertTrue(line.search_count(overdue))
            self._pay(invoice)
            self.assertFalse(line.is_overdue)
            self.assertFalse(line.search_count(overdue))
            self.assertTrue(line.search_count([("is_overdue", "=", False), ("id", "=", line.id)]))

    def test_a_suspension_moves_due_dates_by_the_working_days_it_lasted(self):
        contract = self._create_planned_contract()
        line = contract.plan_line_ids[0]
        invoice = self._invoice(line)
        self.assertEqual(line.due_date, date(2026, 10, 12))
        with freeze_time("2026-10-05 04:00"):
            contract._suspend("Flood")
        with freeze_time("2026-10-15 04:00"):
            line.invalidate_recordset()
            self.assertFalse(line.is_overdue)
            with self.assertRaisesRegex(UserError, "not in force"):
                contract.plan_line_ids[1].with_user(self.biller).action_create_invoices()
        with freeze_time("2026-10-19 04:00"):
            contract.action_resume()
        # five working days were left on 5 October, five are left after 19 October
        self.assertEqual(line.due_date, date(2026, 10, 26))
        self.assertEqual(invoice.invoice_date_due, date(2026, 10, 26))
        receivable = invoice.line_ids.filtered(lambda row: row.display_type == "payment_term")
        self.assertEqual(receivable.date_maturity, date(2026, 10, 26))

    def test_a_due_date_that_had_passed_is_not_moved_by_a_suspension(self):
        contract = self._create_planned_contract()
        line = contract.plan_line_ids[0]
        with freeze_time("2026-10-20 04:00"):
            contract._suspend("Flood")
        with freeze_time("2026-11-20 04:00"):
            contract.action_resume()
        self.assertEqual(line.due_date, date(2026, 10, 12))
