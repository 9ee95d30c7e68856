from datetime import date

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import CrmCommon


@tagged("post_install", "-at_install")
class TestCrmContract(CrmCommon):
    """The contract header and its events, as the salesperson who owns it."""

    def test_a_contract_gets_the_next_number_of_its_company(self):
        first, second = self._create_contract(), self._create_contract()
        self.assertRegex(first.name, r"^HT\d{9}$")
        self.assertEqual(int(second.name[2:]), int(first.name[2:]) + 1)

    def test_the_value_is_written_out_in_chinese_capitals(self):
        contract = self._create_contract(amount_total=123456.78)
        self.assertEqual(contract.amount_capitals, "壹拾贰万叁仟肆佰伍拾陆元柒角捌分")

    def test_a_foreign_value_is_written_out_in_words(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        contract = self._create_contract(amount_total=12, currency_id=usd.id)
        self.assertEqual(contract.amount_capitals, "Twelve Dollars")

    def test_new_contracts_propose_the_company_s_periods(self):
        self.company.write(
            {"crm_inspection_days": 7, "crm_rectify_days": 8, "crm_acceptance_days": 3}
        )
        contract = self._create_contract()
        self.assertEqual(
            (contract.inspection_days, contract.rectify_days, contract.acceptance_days), (7, 8, 3)
        )

    def test_a_contact_is_not_a_party(self):
        with self.assertRaisesRegex(ValidationError, "choose 上海试点机械有限公司"):
            self._create_contract(partner_id=self.signatory.id)

    def test_a_contract_without_value_cannot_be_signed(self):
        contract = self._create_contract(amount_total=0)
        with self.assertRaisesRegex(UserError, "Enter the contract value"):
            contract.action_sign()

    def test_signing_records_the_event_and_makes_the_customer_active(self):
        contract = self._create_contract(date_signed=date(2026, 9, 28))
        contract.action_sign()
        self.assertEqual(contract.state, "signed")
        self.assertEqual(contract._get_event_date("signed"), date(2026, 9, 28))
        self.assertEqual(contract.event_ids.user_id, self.salesperson)
        self.assertEqual(self.customer.crm_lifecycle, "active")

    def test_an_event_happens_once(self):
        contract = self._create_contract()
        contract.action_sign()
        self.assertTrue(contract._raise_event("delivered", date(2026, 10, 8)))
        self.assertFalse(contract._raise_event("delivered", date(2026, 10, 9)))
        self.assertEqual(contract._get_event_date("delivered"), date(2026, 10, 8))

    def test_the_database_refuses_a_second_row_of_an_event(self):
        contract = self._create_contract()
        contract.action_sign()
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            self.env["crm.contract.event"].create(
                {
                    "contract_id": contract.id,
                    "event": "signed",
                    "date": date(2026, 10, 1),
                    "user_id": self.env.uid,
                }
            )

    def test_history_cannot_be_rewritten(self):
        contract = self._create_contract()
        contract.action_sign()
        events = contract.event_ids.sudo()
        with self.assertRaisesRegex(UserError, "never changed"):
            events.date = date(2020, 1, 1)
        with self.assertRaisesRegex(UserError, "never deleted"):
            events.unlink()

    def test_an_unsigned_contract_has_no_further_events(self):
        contract = self._create_contract()
        with self.assertRaisesRegex(UserError, "not in force"):
            contract._raise_event("delivered", date(2026, 10, 8))

    def test_a_milestone_gets_its_real_date_from_the_event(self):
        contract = self._create_contract(
            milestone_ids=[
                Command.create(
                    {"name": "Go-live", "event": "delivered", "planned_date": date(2026, 10, 1)}
                ),
                Command.create({"name": "Test report", "planned_date": date(2026, 9, 1)}),
            ]
        )
        contract.action_sign()
        with freeze_time("2026-10-05"):
            overdue = self.env["crm.contract.milestone"].search(
                [("contract_id", "=", contract.id), ("is_overdue", "=", True)]
            )
            self.assertEqual(set(overdue.mapped("name")), {"Go-live", "Test report"})
            contract._raise_event("delivered", date(2026, 10, 4))
            self.assertEqual(contract.milestone_ids.filtered("is_overdue").name, "Test report")
        delivered = contract.milestone_ids.filtered(lambda row: row.event == "delivered")
        self.assertEqual(delivered.real_date, date(2026, 10, 4))

    def test_signed_values_never_change_by_editing(self):
        contract = self._create_contract()
        contract.action_sign()
        with self.assertRaisesRegex(UserError, "Contract Value can only change by an amendment"):
            contract.amount_total = 90000
        contract.write({"amount_total": 100000, "subject": "Renamed"})

    def test_only_drafts_can_be_deleted(self):
        contract = self._create_contract()
        contract.action_sign()
        with self.assertRaisesRegex(UserError, "Only draft contracts"):
            contract.with_user(self.sales_manager).unlink()

    def test_a_suspended_contract_stands_still_and_its_dates_move_by_the_pause(self):
        contract = self._create_contract(
            date_start=date(2026, 9, 1),
            date_end=date(2027, 8, 31),
            milestone_ids=[Command.create({"name": "Go-live", "planned_date": date(2026, 12, 1)})],
        )
        contract.action_sign()
        with freeze_time("2026-10-08 04:00:00"):
            self.env["crm.contract.suspend"].with_user(self.salesperson).create(
                {"contract_id": contract.id, "reason": "Flood"}
            ).action_confirm()
            self.assertEqual(contract.state, "suspended")
            with self.assertRaisesRegex(UserError, "is suspended. Resume it first"):
                contract._raise_event("delivered", date(2026, 10, 8))
        with freeze_time("2026-10-18 04:00:00"):
            contract.action_resume()
        self.assertEqual(contract.state, "signed")
        self.assertEqual(contract.date_end, date(2027, 9, 10))
        self.assertEqual(contract.milestone_ids.planned_date, date(2026, 12, 11))
        self.assertEqual(contract.suspension_ids.reason, "Flood")

    def test_confidentiality_lasts_years_beyond_the_end(self):
        contract = self._create_contract(
            date_start=date(2026, 9, 1), date_end=date(2028, 2, 29), confidentiality_years=3
        )
        self.assertEqual(contract.confidentiality_end, date(2031, 2, 28))
