import threading
from datetime import date
from uuid import uuid4

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .concurrency_common import TwoSessions


@tagged("post_install", "-at_install")
class TestCrmCommissionConcurrency(TwoSessions):
    """Two real sessions at the same time: one vendor bill, one settlement of each document."""

    def _prepare(self, env):
        company = self._make_company(env)
        env = company.env
        seller = env["res.users"].create(
            {
                "name": "并发销售",
                "login": f"seller-{uuid4()}",
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
            }
        )
        customer = env["res.partner"].create({"name": "并发客户", "is_company": True})
        plan = env["crm.commission.plan"].create(
            {
                "name": "Plan",
                "company_id": company.id,
                "basis": "invoiced",
                "date_from": date(2026, 1, 1),
                "tier_ids": [Command.create({"rate": 1})],
                "member_ids": [Command.create({"user_id": seller.id})],
            }
        )
        plan.action_start()
        self.ids = {
            "company": company.id,
            "seller": seller.id,
            "customer": customer.id,
            "plan": plan.id,
        }
        self._invoice(env)

    def _invoice(self, env):
        invoice = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "company_id": self.ids["company"],
                "partner_id": self.ids["customer"],
                "invoice_user_id": self.ids["seller"],
                "invoice_date": date(2026, 9, 28),
                "invoice_line_ids": [
                    Command.create({"name": "x", "price_unit": 1000, "tax_ids": [Command.clear()]})
                ],
            }
        )
        invoice.action_post()

    def _clean(self, env):
        self._delete_rows(
            env,
            "crm_commission_line",
            "crm_commission_statement",
            "crm_commission_tally",
            "crm_commission_plan",
            "crm_sales_credit",
            "account_move",
        )
        env.cr.execute("DELETE FROM crm_sales_queue")
        env["res.users"].browse(self.ids["seller"]).active = False
        self._retire(env)

    def _own(self, env, model):
        return env[model].search([("company_id", "=", self.ids["company"])])

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_sessions_settle_a_document_once(self):
        self._race(lambda env: env["crm.sales.credit"]._process())
        self._committed(lambda env: env["crm.sales.credit"]._process())
        amounts = self._committed(
            lambda env: self._own(env, "crm.commission.line").mapped("amount")
        )
        self.assertEqual(amounts, [10])

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_sessions_make_one_vendor_bill(self):
        def approve(env):
            env["crm.sales.credit"]._process()
            statement = self._own(env, "crm.commission.statement")
            statement.action_submit()
            statement.action_approve()

        self._committed(approve)
        bills = self._race(
            lambda env: self._own(env, "crm.commission.statement").action_create_bill()["res_id"]
        )
        self.assertEqual(bills[0], bills[1])
        found = self._committed(
            lambda env: (
                env["account.move"]
                .search(
                    [("company_id", "=", self.ids["company"]), ("move_type", "=", "in_invoice")]
                )
                .ids
            )
        )
        self.assertEqual(found, [bills[0]])

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_a_statement_approved_beside_the_job_holds_what_the_job_added(self):
        """Nothing is added behind the back of who approves."""

        def submit(env):
            env["crm.sales.credit"]._process()
            self._own(env, "crm.commission.statement").action_submit()
            self._invoice(env)

        self._committed(submit)
        jobs = iter(
            [
                lambda env: env["crm.sales.credit"]._process(),
                lambda env: self._own(env, "crm.commission.statement").action_approve(),
            ]
        )
        lock = threading.Lock()

        def work_of_thread():
            with lock:
                return next(jobs)

        works = {}

        def run(env):
            key = threading.get_ident()
            if key not in works:
                works[key] = work_of_thread()
            return works[key](env)

        self._race(run)
        states = self._committed(
            lambda env: [
                (row.state, row.amount_total)
                for row in self._own(env, "crm.commission.statement").sorted("date_from")
            ]
        )
        self.assertEqual(states, [("approved", 10), ("draft", 10)])
