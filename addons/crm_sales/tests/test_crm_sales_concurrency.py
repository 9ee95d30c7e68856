from odoo.tests import tagged
from odoo.tools import mute_logger

from .concurrency_common import TwoSessions


@tagged("post_install", "-at_install")
class TestCrmSalesConcurrency(TwoSessions):
    """Two real sessions at the same time: exactly one contract, exactly one invoice."""

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_sessions_make_one_contract_and_one_invoice(self):
        order_id = self.ids["order"]
        opened = self._race(
            lambda env: env["sale.order"].browse(order_id).action_crm_create_contract()["res_id"]
        )
        self.assertEqual(opened[0], opened[1])
        self.assertEqual(
            self._committed(
                lambda env: env["crm.contract"].search_count(
                    [("company_id", "=", self.ids["company"])]
                )
            ),
            1,
        )
        self._committed(lambda env: env["crm.contract"].browse(opened[0]).action_sign())
        line_id = self._committed(
            lambda env: env["crm.contract"].browse(opened[0]).plan_line_ids[0].id
        )
        outcomes = self._race(
            lambda env: bool(env["crm.payment.plan.line"].browse(line_id).action_create_invoices())
        )
        self.assertEqual(outcomes.count(True), 1, outcomes)
        self.assertIn("invoiced already", next(text for text in outcomes if text is not True))
        self.assertEqual(
            self._committed(lambda env: env["crm.payment.plan.line"].browse(line_id).move_count),
            1,
        )
