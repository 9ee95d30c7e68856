"""Two real sessions at the same time, on a company of their own. No test lives here."""

import threading
from functools import partial
from uuid import uuid4

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name
from odoo.tools import SQL


class TwoSessions(BaseCase):
    """A committed order of a new company, and :meth:`_race`.

    The sessions commit, so what they leave is removed at the end.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.ids = {}
        self._committed(self._prepare)
        self.addCleanup(self._committed, self._clean)

    def _committed(self, work):
        with self.registry.cursor() as cr:
            return work(api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True}))

    def _make_company(self, env):
        """Return a new company with accounts, as the one company of its environment."""
        company = env["res.company"].create(
            {
                "name": f"Two sessions {uuid4()}",
                "country_id": env.ref("base.cn").id,
                "currency_id": env.ref("base.CNY").id,
            }
        )
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        return company.with_context(allowed_company_ids=company.ids)

    def _prepare(self, env):
        company = self._make_company(env)
        env = company.env
        customer = env["res.partner"].create({"name": "并发客户", "is_company": True})
        product = env["product.product"].create(
            {"name": "Service", "type": "service", "invoice_policy": "order"}
        )
        order = env["sale.order"].create(
            {
                "partner_id": customer.id,
                "company_id": company.id,
                "order_line": [Command.create({"product_id": product.id, "price_unit": 1000})],
            }
        )
        order.action_confirm()
        self.ids = {
            "company": company.id,
            "order": order.id,
            "customer": customer.id,
            "product": product.product_tmpl_id.id,
        }

    def _clean(self, env):
        company = self.ids["company"]
        self._delete_rows(
            env, "crm_receipt", "account_payment", "account_move", "crm_payment_plan_line"
        )
        env.cr.execute(
            SQL("UPDATE sale_order SET crm_contract_id = NULL WHERE company_id = %s", company)
        )
        self._delete_rows(env, "crm_contract", "sale_order_line", "sale_order")
        env["product.template"].browse(self.ids["product"]).unlink()
        self._retire(env)

    def _delete_rows(self, env, *tables):
        """Delete the company's rows of tables, in this order."""
        for table in tables:
            env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE company_id = %s",
                    SQL.identifier(table),
                    self.ids["company"],
                )
            )

    def _retire(self, env):
        """Archive the company and its customer."""
        env.cr.execute("UPDATE res_company SET active = FALSE WHERE id = %s", [self.ids["company"]])
        env["res.partner"].browse(self.ids["customer"]).active = False

    def _race(self, work):
        """Run ``work(env)`` in two sessions that start together; return their outcomes."""
        outcomes, gate = [], threading.Barrier(2, timeout=60)

        def session():
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
                env = env(context={**env.context, "allowed_company_ids": [self.ids["company"]]})
                cr.execute("SELECT 1")
                gate.wait()
                try:
                    outcomes.append(retrying(partial(work, env), env))
                except Exception as error:  # noqa: BLE001 - the outcome is what is tested
                    outcomes.append(str(error))

        threads = [threading.Thread(target=session) for _index in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
        self.assertEqual(len(outcomes), 2)
        return outcomes
