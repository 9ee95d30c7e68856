from datetime import datetime, timedelta

from odoo.tests import tagged

from .common import ReportsCommon

STARTED = datetime(2026, 9, 14, 2)


@tagged("post_install", "-at_install")
class TestSlaReport(ReportsCommon):
    """Compliance counts what was decided: kept, late, and what is overdue today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls._create_ticket(received_at=STARTED)
        cls.ticket.clock_ids.unlink()

    def _create_clocks(self, number, **values):
        tickets = self.env["crm.service.ticket"].browse(
            [self._create_ticket(received_at=STARTED).id for _index in range(number)]
        )
        clocks = tickets.clock_ids.filtered(lambda clock: clock.metric == "response")
        (tickets.clock_ids - clocks).unlink()
        self.assertEqual(len(clocks), number)
        clocks.write({"started_at": STARTED, **values})
        return clocks

    def test_compliance_counts_overdue_as_broken_and_leaves_running_ones_out(self):
        now = datetime(2026, 11, 20, 4)
        past, future = now - timedelta(days=1), now + timedelta(days=1)
        self._create_clocks(68, deadline=past, stopped_at=past, breached_at=False)
        self._create_clocks(12, deadline=past, stopped_at=now, breached_at=past)
        self._create_clocks(3, deadline=past, stopped_at=False, breached_at=False)
        self._create_clocks(7, deadline=future, stopped_at=False, breached_at=False)
        report = self.env["crm.sla.report"].with_user(self.service_manager)
        rows = report._get_figures(["__count"], ["result"])
        self.assertEqual(
            {row["result"][0]: row["__count"] for row in rows},
            {"met": 68, "late": 12, "overdue": 3, "running": 7},
        )
        [row] = report._get_figures(["compliance:avg", "met_count:sum", "broken_count:sum"])
        self.assertEqual(round(row["compliance:avg"], 2), 81.93)
        self.assertEqual((row["met_count:sum"], row["broken_count:sum"]), (68, 15))
        payload = self._tile(self.service_manager, "service_compliance")
        self.assertEqual(round(payload["totals"][0]["value"], 2), 81.93)
        self.assertEqual(payload["count"], 83)

    def test_a_clock_marked_broken_counts_as_overdue_and_a_void_one_not_at_all(self):
        past = datetime(2026, 11, 1)
        self._create_clocks(1, deadline=past, stopped_at=False, breached_at=past)
        self._create_clocks(1, deadline=past, stopped_at=past, breached_at=False, void=True)
        rows = self.env["crm.sla.report"].with_user(self.service_manager).search([])
        self.assertEqual(rows.mapped("result"), ["overdue"])

    def test_a_held_clock_is_still_in_time(self):
        self._create_clocks(1, deadline=False, stopped_at=False, running_since=False)
        row = self.env["crm.sla.report"].with_user(self.service_manager).search([])
        self.assertEqual((row.result, row.running_count), ("running", 1))
        self.assertEqual(row.action_open_source()["res_model"], "crm.service.ticket")
