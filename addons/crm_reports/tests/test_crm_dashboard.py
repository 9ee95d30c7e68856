from datetime import date
from io import BytesIO
from unittest.mock import patch

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools.workbook import FIRST_ROW, sheet_names
from .common import ReportsCommon


@tagged("post_install", "-at_install")
class TestDashboard(ReportsCommon):
    """The provider, its filters, its errors and its file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_teams()
        cls.board = cls.env["crm.dashboard"].create({"name": "Mine"})

    def _field(self, name, model="crm.opportunity.report"):
        return self.env["ir.model.fields"]._get(model, name).id

    def _create_tile(self, measures=(("won_value", "sum"),), model=None, **values):
        """Return a tile of the designer's own over the opportunity analysis."""
        model = model or "crm.opportunity.report"
        for key in ("group_field_id", "series_field_id", "date_field_id"):
            if key in values:
                values[key] = self._field(values[key], model)
        return (
            self.env["crm.dashboard.tile"]
            .with_user(self.designer)
            .create(
                {
                    "name": "Tile",
                    "dashboard_id": self.board.id,
                    "chart_type": "bar" if "group_field_id" in values else "kpi",
                    "model_id": self.env["ir.model"]._get(model).id,
                    "measure_ids": [
                        Command.create(
                            {
                                "name": name or "Records",
                                "field_id": name and self._field(name, model),
                                "aggregator": aggregator,
                            }
                        )
                        for name, aggregator in measures
                    ],
                    **values,
                }
            )
        )

    def _read(self, tile, user=None, **filters):
        return (
            self.env["crm.dashboard"]
            .with_user(user or self.director)
            .get_tile(tile.id, {"period": "all", **filters})
        )

    def _labels(self, tile, **filters):
        return [row["label"] for row in self._read(tile, **filters)["rows"]]

    # -- filters -----------------------------------------------------------------------------

    def test_the_period_compares_the_tiles_own_date_field(self):
        for month in (1, 6, 12):
            self._create_lead(month, "won", closed=date(2025 + (month == 6), month, 15))
        tile = self._create_tile(date_field_id="date_closed")
        figures = {
            period: self._read(tile, period=period)["totals"][0]["value"]
            for period in ("this_year", "last_year", "all", "this_month")
        }
        self.assertEqual(figures, {"this_year": 6, "last_year": 13, "all": 19, "this_month": 0})

    def test_a_period_of_moments_covers_the_whole_local_last_day(self):
        self._create_ticket(received_at="2026-09-30 15:59:59")
        self._create_ticket(received_at="2026-09-30 16:00:00")
        day = {"period": "custom", "date_from": "2026-09-30", "date_to": "2026-09-30"}
        board = self.env["crm.dashboard"].with_user(self.service_manager)
        tile = self.env.ref("crm_reports.crm_dashboard_tile_service_received")
        self.assertEqual(board.with_context(tz="Asia/Shanghai").get_tile(tile.id, day)["count"], 1)
        self.assertEqual(board.with_context(tz="UTC").get_tile(tile.id, day)["count"], 2)

    def test_a_team_includes_its_descendants(self):
        self._create_lead(1, "won", team_id=self.sales_team.id)
        self._create_lead(2, "won", team_id=self.office.id)
        self._create_lead(4, "won", team_id=False)
        tile = self._create_tile()
        for team, value in ((self.office, 3), (self.sales_team, 1)):
            self.assertEqual(self._read(tile, team_id=team.id)["totals"][0]["value"], value)

    def test_a_tile_names_the_filters_its_records_do_not_know(self):
        tile = self._create_tile(
            ((None, "count"),), "crm.campaign.report", group_field_id="campaign_id"
        )
        payload = self._read(tile, team_id=self.office.id)
        self.assertEqual(payload["ignored_labels"], ["Sales Team"])

    def test_filters_that_make_no_sense_are_refused_with_the_reason(self):
        stranger = self.env["res.company"].create({"name": "Second Company"})
        for filters, words in (
            ({"period": "fortnight"}, "unknown"),
            ({"period": "custom", "date_from": "2026-02-01", "date_to": "2026-01-01"}, "before"),
            ({"period": "custom", "date_from": "1 May"}, "year-month-day"),
            ({"colour": "red"}, "colour"),
            ({"team_id": 99999999}, "does not exist"),
            ({"company_ids": stranger.ids}, "company"),
        ):
            with self.subTest(filters=filters), self.assertRaisesRegex(UserError, words):
                self._read(self._create_tile(), **filters)

    def test_the_filters_come_back_complete_and_in_words(self):
        self._create_tile()
        payload = self._payload(
            self.director, self.board, period="last_quarter", user_id=self.salesperson.id
        )
        self.assertEqual(payload["filters"]["date_from"], "2026-07-01")
        self.assertEqual(payload["filters"]["date_to"], "2026-09-30")
        labels = dict(payload["filter_labels"])
        self.assertEqual(labels["Person"], self.salesperson.name)
        self.assertEqual(labels["Sales Team"], "All")
        self.assertIn("2026", labels["Period"])

    # -- rows --------------------------------------------------------------------------------

    def test_months_have_no_gaps_from_the_start_of_the_period_to_today(self):
        self._create_lead(5, "won", closed=date(2026, 3, 3))
        tile = self._create_tile(group_field_id="date_closed", date_field_id="date_closed")
        labels = self._labels(tile, period="this_year")
        self.assertEqual((labels[0], labels[-1], len(labels)), ("Jan 2026", "Nov 2026", 11))

    def test_chinese_months_are_written_the_chinese_way(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self._create_lead(5, "won", closed=date(2026, 11, 3))
        tile = self._create_tile(group_field_id="date_closed", date_field_id="date_closed")
        board = self.env["crm.dashboard"].with_user(self.director).with_context(lang="zh_CN")
        rows = board.get_tile(tile.id, {"period": "this_month"})["rows"]
        self.assertEqual([row["label"] for row in rows], ["2026年11月"])

    def test_values_of_a_selection_come_in_their_own_order_and_all_of_them(self):
        self._create_lead(5, "lost")
        tile = self._create_tile(((None, "count"),), group_field_id="outcome")
        self.assertEqual(self._labels(tile), ["Won", "Open", "Lost"])

    def test_stages_come_in_the_order_of_the_pipeline(self):
        stages = self.env["crm.stage"].create(
            [{"name": name, "sequence": sequence} for name, sequence in (("Z", 1), ("A", 2))]
        )
        for stage in reversed(stages):
            self._create_lead(1, stage_id=stage.id)
        tile = self._create_tile(
            (("open_value", "sum"),),
            group_field_id="stage_id",
            domain=f"[('stage_id', 'in', {stages.ids})]",
        )
        self.assertEqual(self._labels(tile), ["Z", "A"])

    def test_the_largest_come_first_and_what_has_no_value_is_named_so(self):
        self._create_lead(1, "won", partner_id=False)
        self._create_lead(9, "won", partner_id=self.customer.id)
        self._create_lead(5, "won", partner_id=self.rival.id)
        tile = self._create_tile(group_field_id="partner_id", sort_by="measure")
        self.assertEqual(self._labels(tile), [self.customer.name, self.rival.name, "Not Set"])

    def test_a_split_has_one_column_per_value_and_one_total_each(self):
        self._create_lead(1, "won", closed=date(2026, 5, 5))
        self._create_lead(1, "lost", closed=date(2026, 5, 5))
        self._create_lead(1, "won", closed=date(2026, 7, 5))
        tile = self._create_tile(
            ((None, "count"),), group_field_id="date_closed", series_field_id="outcome"
        )
        payload = self._read(tile)
        self.assertEqual([column["label"] for column in payload["columns"]], ["Won", "Lost"])
        self.assertEqual([total["value"] for total in payload["totals"]], [2, 1])
        values = [[cell["value"] for cell in row["cells"]] for row in payload["rows"]]
        self.assertEqual(values, [[1, 1], [0, 0], [1, 0]])

    def test_a_figure_is_compared_with_the_same_stretch_before(self):
        self._create_lead(10, "won", closed=date(2026, 2, 1))
        self._create_lead(8, "won", closed=date(2025, 2, 1))
        self._create_lead(99, "won", closed=date(2025, 12, 1))
        tile = self._create_tile(date_field_id="date_closed")
        previous = self._read(tile, period="this_year")["previous"]
        self.assertEqual(previous["totals"][0]["value"], 8)
        self.assertFalse(self._read(tile, period="all")["previous"])

    # -- definitions -------------------------------------------------------------------------

    def test_tiles_that_could_not_be_computed_are_refused(self):
        outcome, month = {"group_field_id": "outcome"}, {"group_field_id": "date_closed"}
        two = (("won_value", "sum"), ("value", "sum"))
        for values in (
            {"domain": "[('nothing', '=', 1)]"},
            {"domain": "__import__('os').getcwd()"},
            {"domain": "[('outcome', '=', outcome)]"},
            {"domain": "not a domain"},
            {"measures": ((None, "sum"),)},
            {"measures": (("name", "sum"),)},
            {"measures": (("lead_id", "median"),)},
            {"measures": two, **month, "series_field_id": "outcome"},
            {"chart_type": "pie"},
            {**outcome, "row_limit": -1},
        ):
            with (
                self.subTest(values=values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(Exception) as caught,
            ):
                self._create_tile(**values)
            self.assertIn(type(caught.exception).__name__, ("ValidationError", "CheckViolation"))

    def test_a_median_over_records_that_are_no_analysis_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "median"):
            self._create_tile((("reopen_count", "median"),), "crm.service.ticket")

    def test_amounts_whose_currency_cannot_be_searched_are_refused(self):
        currency = self.env["crm.opportunity.report"]._fields["currency_id"]
        with (
            patch.object(type(currency), "_description_groupable", return_value=False),
            self.assertRaisesRegex(ValidationError, "currency"),
        ):
            self._create_tile()

    def test_fields_of_another_model_are_refused(self):
        tile = self._create_tile()
        with self.assertRaises(ValidationError):
            tile.date_field_id = self._field("date", "crm.collection.report")
        with self.assertRaises(ValidationError):
            tile.measure_ids.field_id = self._field("amount", "crm.collection.report")

    def test_one_broken_tile_does_not_take_the_others_with_it(self):
        good, broken = self._create_tile(), self._create_tile()
        broken.measure_ids.unlink()
        tiles = self._payload(self.director, self.board)["tiles"]
        errors = {tile["id"]: tile.get("error") for tile in tiles}
        self.assertFalse(errors[good.id])
        self.assertEqual(errors[broken.id]["kind"], "definition")
        self.assertIn("Add a measure", errors[broken.id]["message"])

    # -- the file ----------------------------------------------------------------------------

    def test_the_file_holds_the_numbers_of_the_screen_for_every_shipped_dashboard(self):
        self._create_chain()
        boards = self.env["crm.dashboard"].with_user(self.director)
        for board in self.dashboards:
            screen = boards.get_dashboard(board.id, {"period": "all"})
            name, content = boards._render_xlsx(board.id, {"period": "all"})
            self.assertTrue(name.endswith(".xlsx"))
            book = load_workbook(BytesIO(content))
            names = sheet_names(["Overview", *(tile["name"] for tile in screen["tiles"])])
            self.assertEqual(book.sheetnames, names)
            for tile, sheet in zip(screen["tiles"], book.worksheets[1:], strict=True):
                with self.subTest(board=board.name, tile=tile["name"]):
                    self._assert_sheet(tile, sheet)

    def _assert_sheet(self, tile, sheet):
        lines = [*(row["cells"] for row in tile["rows"]), tile["totals"]]
        for offset, cells in enumerate(lines):
            found = [
                sheet.cell(FIRST_ROW + 1 + offset, column).value
                for column in range(2, len(cells) + 2)
            ]
            expected = ["–" if cell["value"] is None else cell["value"] for cell in cells]
            self.assertEqual(found, expected)
        drawn = tile["chart_type"] not in ("kpi", "table") and tile["rows"]
        self.assertEqual(len(sheet._charts), 1 if drawn else 0)

    def test_the_file_has_the_rows_that_the_screen_sums_up(self):
        for index in range(5):
            partner = self.env["res.partner"].create({"name": f"C{index}", "is_company": True})
            self._create_lead(index + 1, "won", partner_id=partner.id)
        self._create_tile(group_field_id="partner_id", sort_by="measure", row_limit=2)
        screen = self._payload(self.director, self.board)["tiles"][0]
        self.assertEqual([row["label"] for row in screen["rows"]], ["C4", "C3", "Others"])
        _name, content = (
            self.env["crm.dashboard"]
            .with_user(self.director)
            ._render_xlsx(self.board.id, {"period": "all"})
        )
        sheet = load_workbook(BytesIO(content)).worksheets[1]
        labels = [sheet.cell(FIRST_ROW + 1 + row, 1).value for row in range(6)]
        self.assertEqual(labels, ["C4", "C3", "C2", "C1", "C0", "Total"])

    def test_a_record_named_like_a_formula_stays_text_in_the_file(self):
        partner = self.env["res.partner"].create({"name": "=1+1", "is_company": True})
        self._create_lead(3, "won", partner_id=partner.id)
        self._create_tile(group_field_id="partner_id")
        _name, content = (
            self.env["crm.dashboard"]
            .with_user(self.director)
            ._render_xlsx(self.board.id, {"period": "all"})
        )
        cell = load_workbook(BytesIO(content)).worksheets[1].cell(FIRST_ROW + 1, 1)
        self.assertEqual((cell.value, cell.data_type, cell.quotePrefix), ("=1+1", "s", True))
