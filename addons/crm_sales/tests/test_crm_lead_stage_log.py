from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import SalesCommon


@tagged("post_install", "-at_install")
class TestCrmLeadStageLog(SalesCommon):
    """Every move of an opportunity is written down, whoever moves it and however."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Stage team",
                "company_id": cls.company.id,
                "member_ids": [Command.set(cls.salesperson.ids)],
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
                for sequence, name in enumerate(("First", "Second", "Won"), start=901)
            ]
        )

    def _create_lead(self, **values):
        return (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .create(
                {
                    "name": "Pipeline",
                    "type": "opportunity",
                    "team_id": self.team.id,
                    "stage_id": self.stages[0].id,
                    "company_id": self.company.id,
                    "expected_revenue": 5000,
                    **values,
                }
            )
        )

    def _moves(self, lead):
        return [
            (row.from_stage_id.name, row.to_stage_id.name, row.from_status, row.to_status)
            for row in lead.crm_stage_log_ids.sorted("id")
        ]

    def test_creation_moves_and_the_win_are_written_down(self):
        lead = self._create_lead()
        lead.stage_id = self.stages[1]
        lead.action_set_won()
        self.assertEqual(
            self._moves(lead),
            [
                (False, "First", False, "pending"),
                ("First", "Second", "pending", "pending"),
                ("Second", "Won", "pending", "won"),
            ],
        )
        last = lead.crm_stage_log_ids.sorted("id")[-1]
        self.assertEqual((last.amount, last.probability), (5000, 100))
        self.assertEqual((last.user_id, last.salesperson_id), (self.salesperson, self.salesperson))
        self.assertEqual((last.team_id, last.company_id), (self.team, self.company))

    def test_a_loss_and_a_return_are_written_down_once_each(self):
        lead = self._create_lead()
        lead.action_set_lost()
        lead.action_restore()
        self.assertEqual(
            [(before, after) for *_stages, before, after in self._moves(lead)],
            [(False, "pending"), ("pending", "lost"), ("lost", "pending")],
        )

    def test_writing_something_else_or_the_same_stage_writes_nothing(self):
        lead = self._create_lead()
        lead.write({"name": "Renamed", "stage_id": self.stages[0].id})
        lead.write({"expected_revenue": 7000})
        self.assertEqual(len(lead.crm_stage_log_ids), 1)

    def test_a_lead_created_as_won_has_its_closing_date(self):
        with freeze_time("2026-03-01 08:00:00"):
            lead = self._create_lead(stage_id=self.stages[2].id)
        row = lead.crm_stage_log_ids
        self.assertEqual((row.to_status, row.date), ("won", lead.date_closed))

    def test_an_opportunity_imported_with_its_dates_entered_its_stage_then(self):
        lead = self._create_lead(date_last_stage_update="2026-02-03 04:00:00")
        self.assertEqual(lead.crm_stage_log_ids.date, datetime(2026, 2, 3, 4))

    def test_history_does_not_depend_on_message_tracking(self):
        lead = self._create_lead().with_context(tracking_disable=True, mail_notrack=True)
        lead.stage_id = self.stages[1]
        self.assertEqual(len(lead.crm_stage_log_ids), 2)

    def test_nobody_changes_history(self):
        row = self._create_lead().crm_stage_log_ids
        for user in (self.salesperson, self.sales_manager):
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()
            with self.assertRaises(UserError):
                row.with_user(user).write({"amount": 0})
            with self.assertRaises(AccessError):
                row.with_user(user).create({"lead_id": row.lead_id.id, "date": datetime.now()})
        with self.assertRaisesRegex(UserError, "never changed"):
            row.sudo().amount = 0
        with self.assertRaisesRegex(UserError, "never deleted"):
            row.sudo().unlink()

    def test_history_goes_with_its_opportunity(self):
        lead = self._create_lead()
        row = lead.crm_stage_log_ids
        lead.with_user(self.sales_manager).unlink()
        self.assertFalse(row.exists())

    def test_a_hundred_leads_are_logged_with_the_queries_of_one(self):
        counts = []
        for size in (1, 1, 100):
            leads = self.env["crm.lead"].create(
                [
                    {
                        "name": f"Lead {index}",
                        "team_id": self.team.id,
                        "stage_id": self.stages[0].id,
                        "company_id": self.company.id,
                    }
                    for index in range(size)
                ]
            )
            self.env.flush_all()
            before = leads._get_stage_states()
            leads._fields["stage_id"]._update_cache(leads, self.stages[1].id)
            count = self.env.cr.sql_log_count
            leads._log_stage_changes(before)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - count)
        self.assertLessEqual(counts[2], counts[1] + 1)

    def test_the_way_of_each_move_is_told_and_how_long_the_lead_stayed(self):
        lead = self._create_lead(date_last_stage_update="2026-03-01 08:00:00")
        last = self.env["crm.stage"].create(
            {"name": "Third", "sequence": 902, "team_ids": [Command.set(self.team.ids)]}
        )
        for day, stage in (("03", last), ("04", self.stages[0]), ("08", self.stages[1])):
            with freeze_time(f"2026-03-{day} 08:00:00"):
                lead.stage_id = stage
        lead.action_set_lost()
        lead.action_restore()
        rows = lead.crm_stage_log_ids.sorted("id")
        self.assertEqual(
            rows.mapped("move"), ["created", "skipped", "back", "forward", "lost", "reopened"]
        )
        self.assertEqual([round(days) for days in rows.mapped("days")[:3]], [2, 1, 4])
        self.assertEqual(rows[0].left_date, rows[1].date)
        self.assertFalse(rows[-1].left_date)
        with self.assertRaisesRegex(UserError, "never changed"):
            rows[0].sudo().write({"move": "forward"})

    # -- back-filling ------------------------------------------------------------------------

    def _backfill(self, lead):
        """Return the history that is rebuilt for ``lead`` after its own is lost."""
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM crm_lead_stage_log WHERE lead_id = %s", [lead.id])
        self.env.invalidate_all()
        self.env["crm.lead.stage.log"]._backfill()
        return self._moves(lead)

    def _tracked_lead(self):
        """Return a lead whose stage changes the host tracks."""
        lead = self._create_lead().with_context(tracking_disable=False)
        self.flush_tracking()
        return lead

    def flush_tracking(self):
        """Have the host write its tracking values, as at the end of a request."""
        self.env.flush_all()
        self.env.cr.flush()

    def test_installation_rebuilds_history_from_what_the_host_tracked(self):
        lead = self._tracked_lead()
        lead.stage_id = self.stages[1]
        self.flush_tracking()
        lead.action_set_won()
        self.flush_tracking()
        self.assertEqual(
            self._backfill(lead),
            [
                (False, "First", False, "pending"),
                ("First", "Second", "pending", "pending"),
                ("Second", "Won", "pending", "won"),
            ],
        )
        self.assertTrue(all(lead.crm_stage_log_ids.mapped("backfilled")))
        self.assertEqual(
            lead.crm_stage_log_ids.sorted("id").mapped("move"), ["created", "forward", "won"]
        )

    def test_a_win_that_was_not_tracked_is_rebuilt_from_the_closing_date(self):
        lead = self._create_lead()
        lead.action_set_won()
        lead.date_closed = datetime(2026, 3, 1, 8)
        self.assertEqual(
            self._backfill(lead),
            [(False, False, False, "pending"), (False, "Won", "pending", "won")],
        )
        self.assertEqual(
            lead.crm_stage_log_ids.filtered(lambda row: row.to_status == "won").date,
            datetime(2026, 3, 1, 8),
        )

    def test_a_loss_is_rebuilt_with_the_stage_it_happened_in(self):
        lead = self._create_lead()
        lead.action_set_lost()
        self.assertEqual(self._backfill(lead)[-1], (False, "First", "pending", "lost"))

    def test_rebuilding_twice_writes_nothing_twice(self):
        lead = self._create_lead()
        self._backfill(lead)
        self.env["crm.lead.stage.log"]._backfill()
        lead.invalidate_recordset()
        self.assertEqual(len(lead.crm_stage_log_ids), 1)
