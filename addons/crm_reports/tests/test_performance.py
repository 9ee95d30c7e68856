from odoo import Command
from odoo.tests import tagged

from .common import ReportsCommon


@tagged("post_install", "-at_install")
class TestPerformance(ReportsCommon):
    """A dashboard costs a fixed number of queries, however many records stand behind it."""

    def _count_queries(self, xmlid):
        board = self.env.ref(f"crm_reports.crm_dashboard_{xmlid}")
        boards = self.env["crm.dashboard"].with_user(self.director)
        boards.get_dashboard(board.id, {"period": "all"})
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        boards.get_dashboard(board.id, {"period": "all"})
        return self.env.cr.sql_log_count - before

    def test_sales_dashboard_costs_the_same_at_1_and_at_100_opportunities(self):
        def create(number):
            partners = self.env["res.partner"].create(
                [{"name": f"P{index}", "is_company": True} for index in range(number)]
            )
            self.env["crm.lead"].create(
                [
                    {
                        "name": partner.name,
                        "type": "opportunity",
                        "partner_id": partner.id,
                        "user_id": self.salesperson.id,
                        "company_id": self.company.id,
                        "expected_revenue": 10,
                        "crm_line_ids": [Command.create({"product_id": self.product.id})],
                    }
                    for partner in partners
                ]
            )

        create(1)
        few = self._count_queries("sales")
        create(99)
        self.assertLessEqual(self._count_queries("sales"), few)
        self.assertLessEqual(few, 75)

    def test_management_dashboard_costs_the_same_with_more_of_everything(self):
        self._create_chain()
        few = self._count_queries("management")
        for _index in range(5):
            self._create_invoice(100)
            self._create_lead(10, "won")
        self.assertLessEqual(self._count_queries("management"), few)
        self.assertLessEqual(few, 75)
