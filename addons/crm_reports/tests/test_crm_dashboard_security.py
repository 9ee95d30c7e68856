from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ReportsCommon

MODELS = ("crm.dashboard", "crm.dashboard.tile", "crm.dashboard.measure")


@tagged("post_install", "-at_install")
class TestDashboardSecurity(ReportsCommon):
    """Who is offered which dashboard, and who builds them."""

    def test_viewers_read_and_designers_build(self):
        for model in MODELS:
            expected = {
                self.viewer: {"read"},
                self.designer: {"read", "write", "create", "unlink"},
                self.employee: set(),
            }
            for user, allowed in expected.items():
                records = self.env[model].with_user(user)
                found = {
                    operation
                    for operation in ("read", "write", "create", "unlink")
                    if records.has_access(operation)
                }
                with self.subTest(model=model, user=user.login):
                    self.assertEqual(found, allowed)

    def test_a_dashboard_is_offered_to_its_groups_only(self):
        names = {
            role: set(self.dashboards.with_user(user).search([]).mapped("role"))
            for role, user in self.roles.items()
        }
        self.assertEqual(names["salesperson"], {"sales"})
        self.assertEqual(names["sales_manager"], {"sales", "management"})
        self.assertEqual(names["reader"], {"finance"})
        self.assertEqual(names["agent"], {"service"})
        self.assertEqual(names["marketer"], {"marketing"})
        self.assertEqual(len(names["director"]), 5)

    def test_a_dashboard_that_is_not_offered_cannot_be_read_by_its_number(self):
        service = self.env.ref("crm_reports.crm_dashboard_service")
        boards = self.env["crm.dashboard"].with_user(self.salesperson)
        with self.assertRaises(AccessError):
            boards.get_dashboard(service.id, {})
        with self.assertRaises(AccessError):
            boards.get_tile(service.tile_ids[0].id, {})
        with self.assertRaises(AccessError):
            boards._render_xlsx(service.id, {})

    def test_without_the_viewer_group_there_is_no_dashboard_at_all(self):
        with self.assertRaises(AccessError):
            self.env["crm.dashboard"].with_user(self.employee).get_dashboards()

    def test_a_dashboard_of_another_company_is_not_offered(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        board = self.env["crm.dashboard"].create({"name": "Theirs", "company_id": other.id})
        self.assertNotIn(board, self.dashboards.with_user(self.designer).search([]))

    def test_being_offered_a_dashboard_gives_no_right_on_its_records(self):
        board = self.env.ref("crm_reports.crm_dashboard_management")
        board.group_ids = [Command.clear()]
        payload = self._payload(self.viewer, board)
        self.assertEqual({tile["error"]["kind"] for tile in payload["tiles"]}, {"access"})
        self.assertFalse([tile for tile in payload["tiles"] if "rows" in tile or "totals" in tile])

    def test_tile_list_and_file_of_a_seller_hold_his_own_records_only(self):
        self._create_lead(1000, "won", self.salesperson)
        self._create_lead(5000, "won", self.colleague)
        for user, value in ((self.salesperson, 1000), (self.colleague, 5000)):
            tile = self._tile(user, "sales_won")
            total = tile["totals"][0]
            self.assertEqual(total["value"], value)
            rows = self.env["crm.opportunity.report"].with_user(user).search(total["domain"])
            self.assertEqual(rows.user_id, user)
            self.assertEqual(self._read_xlsx_totals(user)["Won Value"], value)

    def test_filtering_by_a_colleague_shows_nothing_of_his(self):
        self._create_lead(5000, "won", self.colleague)
        tile = self._tile(self.salesperson, "sales_won", user_id=self.colleague.id)
        self.assertEqual((tile["totals"][0]["value"], tile["count"]), (0, 0))

    def _read_xlsx_totals(self, user):
        from io import BytesIO

        from openpyxl import load_workbook

        board = self.env.ref("crm_reports.crm_dashboard_sales")
        _name, content = (
            self.env["crm.dashboard"].with_user(user)._render_xlsx(board.id, {"period": "all"})
        )
        overview = load_workbook(BytesIO(content)).worksheets[0]
        return {row[0].value: row[2].value for row in overview if row[0].value}
