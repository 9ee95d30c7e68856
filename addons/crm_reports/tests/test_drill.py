from odoo.tests import tagged

from .common import ReportsCommon


@tagged("post_install", "-at_install")
class TestDrill(ReportsCommon):
    """What a figure opens is what it is made of: every cell of every shipped tile, per role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_chain()

    def _assert_cell(self, user, tile, column, cell, context):
        measures = self.env["crm.dashboard.tile"].browse(tile["id"]).measure_ids
        measure = measures[0] if len(measures) == 1 else measures[column]
        expected = self._recompute(user, tile, measure, cell["domain"])
        if cell["value"] is None:
            self.assertIsNone(expected, context)
        else:
            self.assertAlmostEqual(cell["value"], expected, 2, context)

    def _check_tile(self, user, tile, context):
        """Check all cells of a tile and return how many figures it shows."""
        shown = 0
        for label, cells in [
            *((row["label"], row["cells"]) for row in tile["rows"]),
            ("total", tile["totals"]),
        ]:
            for column, cell in enumerate(cells):
                self._assert_cell(user, tile, column, cell, f"{context} / {label} / {column}")
                shown += bool(cell["value"])
        for column, definition in enumerate(tile["columns"]):
            if definition["additive"] and tile["rows"]:
                parts = sum(row["cells"][column]["value"] for row in tile["rows"])
                self.assertAlmostEqual(parts, tile["totals"][column]["value"], 2, context)
        return shown

    def _check_role(self, role, **filters):
        user = self.roles[role]
        dashboards = self.dashboards.with_user(user).search([])
        shown = {}
        for dashboard in dashboards:
            for tile in self._payload(user, dashboard, **filters)["tiles"]:
                context = f"{role} / {dashboard.name} / {tile['name']}"
                if not tile.get("error"):
                    shown[context] = self._check_tile(user, tile, context)
                else:
                    self.assertEqual(tile["error"]["kind"], "access", context)
        return shown

    def test_every_cell_of_every_tile_opens_what_it_shows_for_the_director(self):
        shown = self._check_role("director")
        self.assertEqual(len(shown), len(self.dashboards.tile_ids))
        self.assertFalse([name for name, count in shown.items() if not count])

    def test_every_cell_opens_what_it_shows_for_salespeople(self):
        for role in ("salesperson", "colleague", "sales_manager"):
            with self.subTest(role=role):
                self.assertTrue(any(self._check_role(role).values()))

    def test_every_cell_opens_what_it_shows_for_finance(self):
        for role in ("reader", "biller"):
            with self.subTest(role=role):
                self.assertTrue(any(self._check_role(role).values()))

    def test_every_cell_opens_what_it_shows_for_service_and_marketing(self):
        for role in ("agent", "other_agent", "service_manager", "marketer"):
            with self.subTest(role=role):
                self.assertTrue(any(self._check_role(role).values()))

    def test_every_cell_opens_what_it_shows_under_all_filters(self):
        shown = self._check_role(
            "director",
            period="custom",
            date_from="2026-02-01",
            date_to="2026-09-30",
            team_id=self.office.id,
            user_id=self.salesperson.id,
            company_ids=self.company.ids,
        )
        self.assertTrue(any(shown.values()))

    def test_rows_beyond_the_limit_are_summed_up_in_one_that_opens_them(self):
        tile = self.env.ref("crm_reports.crm_dashboard_tile_management_top_customers")
        tile.row_limit = 1
        payload = self._tile(self.director, "management_top_customers")
        self.assertEqual([row["other"] for row in payload["rows"]], [False, True])
        self.assertEqual(self._check_tile(self.director, payload, "limited"), 3)
        whole = (
            self.env["crm.dashboard.provider"]
            .with_user(self.director)
            ._get_tile_data(
                tile, self.env["crm.dashboard"]._normalize_filters({"period": "all"}), limited=False
            )
        )
        self.assertFalse(any(row["other"] for row in whole["rows"]))
        self.assertEqual(whole["totals"][0]["value"], payload["totals"][0]["value"])
