from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import SalesCommon


@tagged("post_install", "-at_install")
class TestCrmForecast(SalesCommon):
    """Forecast commit / best case, manager override, weekly snapshots, slippage, accuracy."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stages = cls.env["crm.stage"]
        cls.early = stages.create({"name": "Early", "sequence": 1})
        cls.late = stages.create({"name": "Late", "sequence": 2, "crm_forecast_category": "best"})
        cls.team = cls.env["crm.team"].create({"name": "East", "company_id": cls.company.id})
        cls.leader = cls._create_user("suite_leader", "sales_team.group_sale_salesman_all_leads")
        cls.team.user_id = cls.leader

    def _create_lead(self, amount=1000, deadline=date(2026, 9, 30), *, by=None, **values):
        return (
            self.env["crm.lead"]
            .with_user(by or self.salesperson)
            .create(
                {
                    "name": "Deal",
                    "type": "opportunity",
                    "company_id": self.company.id,
                    "user_id": self.salesperson.id,
                    "team_id": self.team.id,
                    "stage_id": self.early.id,
                    "expected_revenue": amount,
                    "probability": 30,
                    "date_deadline": deadline,
                    **values,
                }
            )
        )

    def _take(self, day):
        """Take the snapshot as the job does on ``day``; return this company's rows of it."""
        self.env.flush_all()
        with freeze_time(f"{day} 04:00:00"):
            snapshots = self.env["crm.forecast.snapshot"]
            while snapshots._take(limit=2):
                pass
            return snapshots.search(
                [("week", "=", snapshots._get_week()), ("company_id", "=", self.company.id)]
            )

    def _changes(self, day, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        with freeze_time(f"{day} 04:00:00"):
            rows = (
                self.env["crm.forecast.change"]
                .with_user(user or self.salesperson)
                .search([("company_id", "=", self.company.id)])
            )
            return {row.lead_id: row.kind for row in rows}

    # -- categories ----------------------------------------------------------------------------

    def test_by_default_the_stage_says_the_category_else_the_probability(self):
        lead = self._create_lead()
        self.assertEqual(lead.crm_forecast_category, "pipeline")
        lead.probability = 85
        self.assertEqual(lead.crm_forecast_category, "commit")
        lead.stage_id = self.late
        self.assertEqual(lead.crm_forecast_category, "best")

    def test_the_sellers_choice_survives_stage_moves_and_period_change(self):
        lead = self._create_lead()
        lead.crm_forecast_choice = "commit"
        lead.stage_id = self.late
        lead.probability = 10
        lead.date_deadline = date(2026, 12, 31)
        self.assertEqual(lead.crm_forecast_category, "commit")
        lead.crm_forecast_choice = False
        self.assertEqual(lead.crm_forecast_category, "best")

    def test_a_managers_override_survives_the_seller_stage_moves_and_period_change(self):
        lead = self._create_lead()
        lead.with_user(self.sales_manager).crm_forecast_override = "omitted"
        lead.crm_forecast_choice = "commit"
        lead.stage_id = self.late
        lead.date_deadline = date(2026, 12, 31)
        self.assertEqual(lead.crm_forecast_category, "omitted")

    def test_a_seller_does_not_overrule_the_leader_of_the_team_does(self):
        lead = self._create_lead()
        with self.assertRaises(AccessError):
            lead.crm_forecast_override = "commit"
        with self.assertRaises(AccessError):
            self._create_lead(crm_forecast_override="commit")
        lead.with_user(self.leader).crm_forecast_override = "best"
        self.assertEqual(lead.crm_forecast_category, "best")

    # -- snapshots -----------------------------------------------------------------------------

    def test_a_week_records_every_open_deal_once_in_steps(self):
        leads = [self._create_lead(amount) for amount in (100, 200, 300)]
        won = self._create_lead(999)
        won.action_set_won()
        rows = self._take("2026-09-09")
        self.assertEqual(rows.lead_id, self.env["crm.lead"].union(*leads))
        self.assertEqual(set(rows.mapped("week")), {date(2026, 9, 7)})
        self.assertEqual(sorted(rows.mapped("amount")), [100, 200, 300])
        self.assertEqual(self._take("2026-09-10"), rows)
        self.assertEqual(len(self._take("2026-09-14")), 3)

    def test_a_killed_run_goes_on_with_the_deals_that_are_missing(self):
        for amount in (1, 2, 3):
            self._create_lead(amount)
        self.env.flush_all()
        with freeze_time("2026-09-07 04:00:00"):
            self.env["crm.forecast.snapshot"]._take(limit=2)
        rows = self._take("2026-09-07")
        self.assertEqual(sorted(rows.mapped("amount")), [1, 2, 3])

    def test_a_snapshot_is_never_changed_and_stays_when_the_deal_is_deleted(self):
        lead = self._create_lead()
        row = self._take("2026-09-07")
        with self.assertRaises(UserError):
            row.amount = 1
        with self.assertRaises(UserError):
            row.unlink()
        lead.sudo().unlink()
        row.invalidate_recordset()
        self.assertEqual((row.lead_name, row.amount), ("Deal", 1000))

    def test_a_snapshot_is_read_like_its_deal(self):
        own = self._create_lead()
        self._create_lead(by=self.sales_manager, user_id=self.colleague.id)
        rows = self._take("2026-09-07")
        self.assertEqual(len(rows), 2)
        seen = rows.with_user(self.salesperson).search([("id", "in", rows.ids)])
        self.assertEqual(seen.lead_id, own)
        for user in (self.sales_manager, self.leader):
            self.assertEqual(len(rows.with_user(user).search([("id", "in", rows.ids)])), 2)
        for user in (self.salesperson, self.sales_manager):
            self.assertFalse(rows.with_user(user).has_access("write"))
        for user in (self.biller, self.reader):
            self.assertFalse(rows.with_user(user).has_access("read"))

    def test_recording_costs_the_same_queries_for_one_deal_and_a_hundred(self):
        counts = []
        for count in (1, 1, 100):
            for _i in range(count):
                self._create_lead()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            with freeze_time(f"2026-10-{5 + 7 * len(counts):02} 04:00:00"):
                self.env["crm.forecast.snapshot"]._take()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    # -- slippage, changes, accuracy -----------------------------------------------------------

    def test_a_deal_moved_out_of_its_period_slipped(self):
        lead = self._create_lead(deadline=date(2026, 9, 30))
        self._take("2026-09-07")
        lead.date_deadline = date(2026, 10, 15)
        self._take("2026-09-14")
        lead.date_deadline = date(2026, 10, 20)
        self._take("2026-09-21")
        self.assertEqual(lead.crm_slip_count, 1)
        lead.date_deadline = date(2026, 12, 1)
        self.assertEqual(lead.crm_slip_count, 2)

    @freeze_time("2026-09-08 04:00:00")
    def test_what_changed_since_last_week(self):
        make = self._create_lead
        won, lost, slipped, pulled, up, down, amount, same = (make() for _i in range(8))
        down.crm_forecast_choice = "best"
        self._take("2026-09-08")
        won.action_set_won()
        lost.action_set_lost()
        slipped.date_deadline = date(2026, 10, 1)
        pulled.date_deadline = date(2026, 8, 31)
        up.crm_forecast_choice = "commit"
        down.crm_forecast_choice = "omitted"
        amount.expected_revenue = 1500
        with freeze_time("2026-09-15 04:00:00"):
            new = make()
            self._take("2026-09-15")
        expected = {
            won: "won",
            lost: "lost",
            slipped: "slipped",
            pulled: "pulled",
            up: "up",
            down: "down",
            amount: "amount",
        }
        found = self._changes("2026-09-16")
        found.pop(new, None)
        self.assertEqual(found, expected)
        self.assertNotIn(same, found)
        self.assertEqual(self._changes("2026-09-16", self.colleague), {})

    @freeze_time("2026-09-08 04:00:00")
    def test_accuracy_compares_a_snapshot_with_what_was_won(self):
        kept, late, open_deal, best = (self._create_lead(amount) for amount in (100, 200, 300, 50))
        for lead in (kept, late, open_deal):
            lead.crm_forecast_choice = "commit"
        best.crm_forecast_choice = "best"
        self._take("2026-09-08")
        with freeze_time("2026-09-20 04:00:00"):
            kept.action_set_won()
            surprise = self._create_lead(70)
            surprise.action_set_won()
        with freeze_time("2026-10-05 04:00:00"):
            late.action_set_won()
        open_deal.date_deadline = date(2026, 11, 1)
        self.env.flush_all()
        groups = (
            self.env["crm.forecast.accuracy"]
            .with_user(self.sales_manager)
            ._read_group(
                [("company_id", "=", self.company.id), ("period", "=", date(2026, 9, 1))],
                ["week:week"],
                ["commit:sum", "best:sum", "won:sum", "slipped:sum", "missed:sum"],
            )
        )
        self.assertEqual(len(groups), 1)
        self.assertEqual(groups[0][1:], (600, 50, 170, 500, -430))
