from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_customers.tests.pool_common import PoolCommon


@tagged("post_install", "-at_install")
class TestOwnership(PoolCommon):
    """Quotations and orders in the public pool and in a handover."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owned = cls._create_owned("报价客户有限公司")
        product = cls.env["product.product"].create({"name": "Licence", "type": "service"})
        cls.quotation, cls.order = cls.env["sale.order"].create(
            [
                {
                    "partner_id": cls.owned.id,
                    "user_id": cls.salesperson.id,
                    "company_id": cls.company.id,
                    "order_line": [Command.create({"product_id": product.id, "price_unit": 100})],
                }
            ]
            * 2
        )
        cls.order.action_confirm()
        cls.env.flush_all()

    def test_a_quotation_sent_is_a_follow_up(self):
        self.owned.crm_last_followup = False
        self.quotation.with_user(self.salesperson).action_quotation_sent()
        self.assertTrue(self.owned.crm_last_followup)

    def test_a_confirmed_order_is_a_deal(self):
        moves = self.env["res.partner"]._get_lifecycle_moves()
        self.assertIn(self.owned.id, moves["active"])

    def test_quotations_wait_for_the_next_owner_and_orders_stay(self):
        self.pool.with_user(self.salesperson)._return(self.owned, "没有需求")
        self.assertEqual(self.quotation.user_id, self.salesperson)
        self._claim(self.owned, self.colleague)
        self.assertEqual(self.quotation.user_id, self.colleague)
        self.assertEqual(self.order.user_id, self.salesperson)

    def test_a_leaver_hands_over_quotations_and_open_orders(self):
        wizard = (
            self.env["crm.handover"]
            .with_user(self.sales_manager)
            .create({"from_user_id": self.salesperson.id, "to_user_id": self.colleague.id})
        )
        counts = {line.name: line.count for line in wizard.line_ids}
        self.assertEqual((counts["Quotations"], counts["Orders to invoice"]), (1, 1))
        wizard.action_confirm()
        self.assertEqual(self.quotation.user_id | self.order.user_id, self.colleague)
