from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from . import test_crm_sales_concurrency as sessions


@tagged("post_install", "-at_install")
class TestQuotationConcurrency(sessions.TestCrmSalesConcurrency):
    """Two real sessions at once: one revision, and one order under the credit limit."""

    # the stories of the parent run where they stand
    test_two_sessions_make_one_contract_and_one_invoice = None

    def _prepare(self, env):
        result = super()._prepare(env)
        company = env["res.company"].browse(self.ids["company"])
        env = env(context={**env.context, "allowed_company_ids": company.ids})
        product = env["product.template"].browse(self.ids["product"]).product_variant_id
        orders = env["sale.order"].create(
            [
                {
                    "partner_id": self.ids["customer"],
                    "company_id": company.id,
                    "order_line": [Command.create({"product_id": product.id, "price_unit": price})],
                }
                for price in (600, 600, 1)
            ]
        )
        self.ids["quotations"] = orders.ids
        return result

    def _clean(self, env):
        company = self.ids["company"]
        for table in ("crm_credit_hold", "crm_credit_account"):
            env.cr.execute(
                SQL("DELETE FROM %s WHERE company_id = %s", SQL.identifier(table), company)
            )
        env.cr.execute(
            SQL(
                "UPDATE sale_order SET crm_replaced_by_id = NULL, crm_first_revision_id = NULL"
                " WHERE company_id = %s",
                company,
            )
        )
        return super()._clean(env)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_sessions_make_one_revision(self):
        order_id = self.ids["quotations"][2]
        outcomes = self._race(
            lambda env: env["sale.order"].browse(order_id).action_crm_revise()["res_id"]
        )
        made = [outcome for outcome in outcomes if isinstance(outcome, int)]
        self.assertEqual(len(made), 1, outcomes)
        self.assertIn("was replaced by", next(text for text in outcomes if text not in made))
        self.assertEqual(
            self._committed(lambda env: env["sale.order"].browse(made[0]).crm_revision), 1
        )

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_confirmations_do_not_both_pass_under_the_limit(self):
        company_id = self.ids["company"]

        def limit(env):
            company = env["res.company"].browse(company_id)
            company.crm_credit_hold = True
            # room for the order confirmed before and for one of the two
            customer = env["res.partner"].browse(self.ids["customer"]).with_company(company)
            first = env["sale.order"].browse(self.ids["order"])
            quotation = env["sale.order"].browse(self.ids["quotations"][0])
            customer.credit_limit = first.amount_total + quotation.amount_total

        self._committed(limit)
        queue = list(self.ids["quotations"][:2])

        def confirm(env):
            order = env["sale.order"].browse(env.context["crm_test_order"])
            order.action_confirm()
            return order.state

        outcomes = self._race_each(confirm, queue)
        self.assertEqual(sorted(outcomes), ["draft", "sale"])
        states = self._committed(
            lambda env: env["sale.order"].browse(queue).mapped("crm_credit_state")
        )
        self.assertEqual(sorted(states), ["held", "none"])

    def _race_each(self, work, order_ids):
        """Run ``work`` in two sessions, each on an order of its own."""
        order_ids = list(order_ids)
        mine = {}

        def taken(env):
            # a session that is retried keeps its order
            key = id(env.cr)
            if key not in mine:
                mine[key] = order_ids.pop()
            return work(env(context={**env.context, "crm_test_order": mine[key]}))

        return self._race(taken)
