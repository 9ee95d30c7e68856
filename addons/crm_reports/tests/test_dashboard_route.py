import json
from io import BytesIO
from urllib.parse import urlsplit

from openpyxl import load_workbook

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..controllers.dashboard import XLSX_TYPE
from .common import ReportsCommon


@tagged("post_install", "-at_install")
class TestDashboardRoute(HttpCase, ReportsCommon):
    """The workbook as a browser fetches it: a viewer gets the own figures, others get nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.board = cls.env.ref("crm_reports.crm_dashboard_sales")
        cls._create_lead(1000, "won", cls.salesperson)
        cls._create_lead(5000, "won", cls.colleague)

    def _fetch(self, login, board=None, **parameters):
        """Return the answer to the download as the user of that login, or as a visitor."""
        self.authenticate(login, login)
        return self.url_open(
            f"/crm_reports/dashboard/{(board or self.board).id}/xlsx",
            params={"filters": json.dumps({"period": "all"})} | parameters,
            allow_redirects=False,
        )

    def test_a_viewer_gets_a_workbook_with_the_own_figures(self):
        for user, value in ((self.salesperson, 1000), (self.colleague, 5000)):
            answer = self._fetch(user.login)
            self.assertEqual(answer.status_code, 200)
            self.assertEqual(answer.headers["Content-Type"], XLSX_TYPE)
            self.assertIn(".xlsx", answer.headers["Content-Disposition"])
            workbook = load_workbook(BytesIO(answer.content))
            self.assertEqual(len(workbook.worksheets), 1 + len(self.board.tile_ids))
            figures = {row[0].value: row[2].value for row in workbook.worksheets[0]}
            self.assertEqual(figures["Won Value"], value)

    def test_the_filters_of_the_screen_apply_to_the_file(self):
        filters = json.dumps({"period": "all", "user_id": self.colleague.id})
        answer = self._fetch(self.director.login, filters=filters)
        figures = {
            row[0].value: row[2].value for row in load_workbook(BytesIO(answer.content))["Overview"]
        }
        self.assertEqual(figures["Won Value"], 5000)

    def test_a_visitor_is_sent_to_the_login_page(self):
        answer = self._fetch(None)
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(urlsplit(answer.headers["Location"]).path, "/web/login")

    @mute_logger("odoo.http")  # the host logs every refusal as a warning
    def test_who_may_not_view_reports_is_refused(self):
        new_test_user(self.env, "rep_outsider", "sales_team.group_sale_manager")
        new_test_user(self.env, "rep_portal", "base.group_portal")
        for login in ("rep_outsider", "rep_portal"):
            answer = self._fetch(login)
            self.assertEqual(answer.status_code, 403, login)
            self.assertNotIn(b"PK", answer.content[:4])

    @mute_logger("odoo.http")
    def test_a_dashboard_that_is_not_offered_is_refused_by_its_number(self):
        service = self.env.ref("crm_reports.crm_dashboard_service")
        self.assertEqual(self._fetch(self.salesperson.login, board=service).status_code, 403)

    @mute_logger("odoo.http")
    def test_another_companys_figures_are_refused(self):
        other = self.env["res.company"].create({"name": "Somebody else"})
        answer = self._fetch(self.director.login, company_ids=json.dumps(other.ids))
        self.assertEqual(answer.status_code, 403)

    def test_an_address_that_makes_no_sense_is_a_bad_request(self):
        for broken in (
            {"filters": "{"},
            {"filters": "[]"},
            {"company_ids": "{}"},
            {"company_ids": '["one"]'},
            {"company_ids": "[null]"},
        ):
            answer = self._fetch(self.director.login, **broken)
            self.assertEqual(answer.status_code, 400, broken)
