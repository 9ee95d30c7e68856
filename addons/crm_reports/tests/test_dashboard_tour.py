"""The dashboard in a browser, as the role that uses it."""

from odoo.tests import HttpCase, tagged

from .common import ReportsCommon


@tagged("post_install", "-at_install")
class TestDashboardTour(ReportsCommon, HttpCase):
    def test_a_figure_opens_its_records_and_leads_back(self):
        self._create_chain()
        self.env.flush_all()
        self.start_tour("/odoo/crm-dashboards", "crm_reports_dashboard", login=self.director.login)
