from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import SalesCommon


@tagged("post_install", "-at_install")
class TestCrmContractEventRecord(SalesCommon):
    """Sales records events by hand; the instalments that wait for them fall due."""

    def _record(self, contract, event, day, user=None):
        wizard = (
            self.env["crm.contract.event.record"]
            .with_user(user or self.salesperson)
            .create({"contract_id": contract.id, "event": event, "date": day})
        )
        return wizard.action_confirm()

    @freeze_time("2026-11-10 04:00")
    def test_an_acceptance_makes_its_instalment_due_once(self):
        contract = self._create_planned_contract()
        self._record(contract, "accepted", date(2026, 11, 2))
        self.assertEqual(contract.plan_line_ids[1].due_date, date(2026, 11, 16))
        with self.assertRaisesRegex(UserError, "recorded on 2026-11-02 already"):
            self._record(contract, "accepted", date(2026, 11, 3))

    @freeze_time("2026-11-10 04:00")
    def test_an_event_is_not_recorded_ahead_of_time(self):
        contract = self._create_planned_contract()
        with self.assertRaisesRegex(UserError, "not before"):
            self._record(contract, "delivered", date(2026, 11, 11))

    @freeze_time("2026-11-10 04:00")
    def test_only_the_owner_records_events(self):
        contract = self._create_planned_contract()
        for user in (self.colleague, self.biller, self.reader):
            with self.assertRaises(AccessError):
                self._record(contract, "delivered", date(2026, 11, 2), user=user)
