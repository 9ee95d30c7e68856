from datetime import date

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .commission_common import CommissionCommon


@tagged("post_install", "-at_install")
class TestCrmTarget(CommissionCommon):
    """Targets: company, team, person by month on signed, invoiced, collected, new customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        teams = cls.env["crm.team"]
        cls.office = teams.create({"name": "East", "company_id": cls.company.id})
        cls.team = teams.create(
            {
                "name": "Shanghai",
                "company_id": cls.company.id,
                "parent_id": cls.office.id,
                "member_ids": [Command.set((cls.salesperson | cls.colleague).ids)],
            }
        )
        cls.other = teams.create({"name": "North", "company_id": cls.company.id})
        cls.leader = cls._create_user("suite_leader", "sales_team.group_sale_salesman")
        cls.office.user_id = cls.leader

    def _create_target(self, amount=1000, **values):
        values.setdefault("scope", "person")
        if values["scope"] == "person":
            values.setdefault("user_id", self.salesperson.id)
        return (
            self.env["crm.target"]
            .with_user(self.sales_manager)
            .create(
                {
                    "company_id": self.company.id,
                    "month": date(2026, 9, 1),
                    "basis": "invoiced",
                    "amount": amount,
                    **values,
                }
            )
        )

    def _attained(self, *targets):
        self._process()
        return [target.attained for target in targets]

    # -- row 15 --------------------------------------------------------------------------------

    def test_a_person_attains_what_was_signed_invoiced_and_collected_with_tax(self):
        bases = ("signed", "invoiced", "collected", "customer")
        targets = [self._create_target(basis=basis) for basis in bases]
        october = self._create_target(basis="collected", month=date(2026, 10, 1))
        contract = self._create_planned_contract()
        invoice = self._invoice(contract.plan_line_ids[0])
        self._pay(invoice, 10000)
        self.assertEqual(self._attained(*targets), [113000, 33900, 0, 1])
        self.assertEqual(october.attained, 10000)
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self._attained(october), [0])

    def test_a_credit_note_lowers_what_was_attained(self):
        target = self._create_target()
        invoice = self._sell(1000)
        self.assertEqual(self._attained(target), [1000])
        refund = invoice._reverse_moves([{"invoice_date": date(2026, 9, 29)}])
        refund.invoice_line_ids.price_unit = 300
        refund.action_post()
        self.assertEqual(self._attained(target), [700])

    def test_a_customer_is_new_once_in_the_month_of_the_first_deal(self):
        september = self._create_target(basis="customer")
        october = self._create_target(basis="customer", month=date(2026, 10, 1))
        self._sell(10, invoice_date=date(2026, 10, 2))
        self.assertEqual(self._attained(september, october), [0, 1])
        self._sell(10, invoice_date=date(2026, 9, 2))
        self.assertEqual(self._attained(september, october), [1, 0])

    def test_shared_deals_count_by_their_shares(self):
        bases = ("signed", "customer")
        own = [self._create_target(basis=basis) for basis in bases]
        colleagues = [
            self._create_target(basis=basis, user_id=self.colleague.id) for basis in bases
        ]
        order = self._create_order(
            lines=[{"price_unit": 1000, "tax_ids": [Command.clear()]}],
            crm_split_ids=[
                Command.create({"user_id": self.salesperson.id, "percent": 75}),
                Command.create({"user_id": self.colleague.id, "percent": 25}),
            ],
        )
        self._create_planned_contract(order, percents=[100])
        self.assertEqual(self._attained(*own), [750, 0.75])
        self.assertEqual(self._attained(*colleagues), [250, 0.25])

    def test_a_month_has_one_target_for_each_and_starts_on_its_first_day(self):
        self._create_target()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_target()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_target(month=date(2026, 10, 2))

    def test_a_target_is_for_a_person_a_team_or_the_company(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_target(scope="team", user_id=self.salesperson.id)

    # -- row 17 --------------------------------------------------------------------------------

    def test_a_managers_figures_include_all_descendants(self):
        office = self._create_target(scope="team", team_id=self.office.id)
        team = self._create_target(scope="team", team_id=self.team.id)
        other = self._create_target(scope="team", team_id=self.other.id)
        company = self._create_target(scope="company")
        self._sell(100, team_id=self.team.id)
        self._sell(20, self.colleague, team_id=self.team.id)
        self._sell(3, team_id=self.other.id)
        self.assertEqual(self._attained(office, team, other, company), [120, 120, 3, 123])

    def test_a_team_moved_in_the_tree_takes_its_figures_along(self):
        office = self._create_target(scope="team", team_id=self.office.id)
        other = self._create_target(scope="team", team_id=self.other.id)
        self._sell(100, team_id=self.team.id)
        self.assertEqual(self._attained(office, other), [100, 0])
        self.team.parent_id = self.other
        self.assertEqual(self._attained(office, other), [0, 100])

    def test_drilling_down_opens_exactly_the_records_summed(self):
        self._sell(100, team_id=self.team.id)
        self._sell(20, self.colleague, team_id=self.team.id)
        self._sell(5, team_id=self.other.id, invoice_date=date(2026, 10, 1))
        self._process()
        for values in (
            {"scope": "person"},
            {"scope": "team", "team_id": self.office.id},
            {"scope": "company"},
        ):
            target = self._create_target(**values)
            action = target.action_view_credits()
            rows = self.env["crm.sales.credit"].search(action["domain"])
            self.assertEqual(sum(rows.mapped("amount_taxed")), target.attained)
            self.assertTrue(rows)

    # -- row 16 --------------------------------------------------------------------------------

    @freeze_time("2026-09-16 09:00:00")
    def test_pace_is_measured_against_the_working_time_gone_by(self):
        """17:00 in Shanghai: 12 of September's 22 working days are over."""
        target = self._create_target(2200)
        self.assertEqual(target.elapsed, 54.5)
        self.assertEqual(target.expected, 1200)
        self._sell(1300)
        self.assertEqual(self._attained(target), [1300])
        self.assertEqual((target.ahead, target.pace), (100, "on"))
        self._sell(900)
        self._process()
        self.assertEqual(target.pace, "reached")
        self.assertEqual((target.percent, target.bar, target.gap), (100, 100, 0))
        next_month = self._create_target(month=date(2026, 10, 1))
        self.assertEqual((next_month.elapsed, next_month.pace), (0, "none"))

    def test_people_of_a_team_are_ranked_by_attainment(self):
        own = self._create_target(1000)
        rival = self._create_target(100, user_id=self.colleague.id)
        self._sell(500, team_id=self.team.id)
        self._sell(90, self.colleague, team_id=self.team.id)
        self._process()
        self.assertEqual([(row.place, row.places) for row in own | rival], [(2, 2), (1, 2)])
        self.assertEqual(own.with_user(self.salesperson).place, 2)

    def test_pace_and_place_cost_the_same_for_many(self):
        targets = self.env["crm.target"]
        counts = []
        for months in (1, 12):
            targets |= self._create_targets(months)
            self._count(targets)
            counts.append(self._count(targets))
        self.assertLessEqual(counts[1] - counts[0], 12 * 4)

    def _create_targets(self, months):
        targets = self.env["crm.target"]
        for month in range(1, months + 1):
            for user in (self.salesperson, self.colleague):
                targets |= self._create_target(
                    user_id=user.id,
                    month=date(2025 if months == 1 else 2027, month, 1),
                )
        return targets

    def _count(self, targets):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        targets.mapped("pace")
        targets.mapped("place")
        return self.env.cr.sql_log_count - before

    # -- who sees what -------------------------------------------------------------------------

    def _visible(self, user):
        return self.env["crm.target"].with_user(user).search([("company_id", "=", self.company.id)])

    def test_sellers_see_their_team_as_allowed_leaders_their_subtree_managers_all(self):
        own = self._create_target()
        rival = self._create_target(user_id=self.colleague.id)
        team = self._create_target(scope="team", team_id=self.team.id)
        office = self._create_target(scope="team", team_id=self.office.id)
        other = self._create_target(scope="team", team_id=self.other.id)
        company = self._create_target(scope="company")
        self.assertEqual(self._visible(self.salesperson), own | rival | team)
        self.company.crm_target_open = False
        self.assertEqual(self._visible(self.salesperson), own)
        self.assertEqual(self._visible(self.leader), own | rival | team | office)
        everything = own | rival | team | office | other | company
        for user in (self.sales_manager, self.biller, self.reader):
            self.assertEqual(self._visible(user), everything)
        for user in (self.salesperson, self.leader, self.biller, self.reader):
            with self.assertRaises(AccessError):
                own.with_user(user).write({"amount": 1})

    def test_what_counted_is_read_by_the_seller_the_leader_and_the_manager(self):
        self._sell(100, team_id=self.team.id)
        self._process()
        rows = self.env["crm.sales.credit"].search([("company_id", "=", self.company.id)])
        for user, seen in (
            (self.salesperson, rows),
            (self.colleague, rows.browse()),
            (self.leader, rows),
            (self.sales_manager, rows),
            (self.reader, rows),
        ):
            found = rows.with_user(user).search([("company_id", "=", self.company.id)])
            self.assertEqual(found, seen, user.login)

    # -- entering ------------------------------------------------------------------------------

    def _open_entry(self, year=2026):
        form = Form(self.env["crm.target.entry"].with_user(self.sales_manager))
        form.year = year
        form.basis = "invoiced"
        form.team_id = self.team
        form.percent = 10
        return form

    def test_a_years_twelve_months_are_entered_at_once(self):
        form = self._open_entry()
        self.assertEqual(len(form.line_ids), 3)
        with form.line_ids.edit(1) as row:
            for month in range(1, 13):
                row[f"month_{month:02}"] = 100 * month
            name = row.who
        entry = form.save()
        self.assertEqual(entry.line_ids[1].total, 7800)
        entry.action_save()
        targets = self.env["crm.target"].search([("company_id", "=", self.company.id)])
        self.assertEqual(len(targets), 12)
        self.assertEqual(targets.user_id.name, name)
        self.assertEqual(sorted(targets.mapped("amount")), [100 * m for m in range(1, 13)])

    def test_a_grid_opened_again_shows_and_changes_what_is_there(self):
        target = self._create_target(500)
        entry = self._open_entry().save()
        line = entry.line_ids.filtered(lambda row: row.user_id == self.salesperson)
        self.assertEqual((line.month_09, line.yearly), (500, 500))
        line.month_09 = 600
        line.month_10 = 700
        entry.action_save()
        self.assertEqual(target.amount, 600)
        line.month_09 = 0
        entry.action_save()
        self.assertFalse(target.exists())

    def test_last_year_is_copied_raised_by_a_percentage(self):
        for month in range(1, 13):
            self._create_target(33.33, month=date(2025, month, 1))
        entry = self._open_entry().save()
        entry.action_copy_last_year()
        line = entry.line_ids.filtered(lambda row: row.user_id == self.salesperson)
        self.assertEqual(line.total, 439.96)
        self.assertEqual(line.month_01, 36.67)

    def test_a_yearly_figure_is_spread_by_working_days_exactly(self):
        entry = self._open_entry().save()
        line = entry.line_ids.filtered(lambda row: row.user_id == self.salesperson)
        line.yearly = 1000000
        entry.action_spread()
        self.assertEqual(line.total, 1000000)
        days = entry._count_working_days()
        self.assertEqual((sum(days), days[1], days[8]), (261, 20, 22))
        self.assertAlmostEqual(line.month_02, 1000000 * 20 / 261, 2)

    def test_who_leads_a_team_leads_those_below_and_nobody_else_does(self):
        for user, led in (
            (self.leader, self.office | self.team),
            (self.salesperson, self.office.browse()),
        ):
            teams = (self.office | self.team | self.other).with_user(user)
            self.assertEqual(teams.filtered("crm_is_led"), led)
            self.assertEqual(
                teams.search([("crm_is_led", "=", True), ("id", "in", teams.ids)]), led
            )
        mine = (self.office | self.team).with_user(self.salesperson).filtered("crm_is_mine")
        self.assertEqual(mine, self.team)
