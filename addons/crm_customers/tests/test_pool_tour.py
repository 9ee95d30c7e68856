from odoo.tests import HttpCase, tagged

from .pool_common import PoolCommon


@tagged("post_install", "-at_install")
class TestPoolTour(PoolCommon, HttpCase):
    """Claiming, following up and returning a customer in a browser, as a salesperson."""

    def test_a_masked_customer_is_claimed_followed_up_and_returned(self):
        customer = self.pooled[0]
        self._create_rule()
        self.start_tour("/odoo/crm-pool", "crm_customers_pool", login=self.salesperson.login)
        self.env.invalidate_all()
        self.assertEqual(
            customer.crm_owner_log_ids.sorted("id").mapped("how")[-2:], ["claim", "return"]
        )
        self.assertEqual(customer.crm_owner_reason, "今年没有预算")
        self.assertTrue(customer.crm_pooled and customer.crm_last_followup)
