"""Fixtures of commission and targets: a running plan, invoices of sellers. No test lives here."""

from datetime import date

from odoo import Command

from .common import SalesCommon


class CommissionCommon(SalesCommon):
    """A plan of 1 % up to 100,000 a month, then 2 %, for the salesperson and the colleague."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.flush()
        cls.env["crm.sales.queue"]._take(10**6)
        # the company's commission is bought from its own sellers
        cls.start = date(2026, 1, 1)

    @classmethod
    def _create_plan(cls, *, basis="collected", tiers=((0, 1), (100000, 2)), start=True, **values):
        """Return a plan entered (and started) by the sales manager."""
        plan = (
            cls.env["crm.commission.plan"]
            .with_user(cls.sales_manager)
            .create(
                {
                    "name": f"Commission {basis}",
                    "company_id": cls.company.id,
                    "basis": basis,
                    "date_from": cls.start,
                    "tier_ids": [
                        Command.create({"threshold": threshold, "rate": rate})
                        for threshold, rate in tiers
                    ],
                    "member_ids": [
                        Command.create({"user_id": user.id})
                        for user in (cls.salesperson, cls.colleague)
                    ],
                    **values,
                }
            )
        )
        if start:
            plan.action_start()
        return plan

    @classmethod
    def _sell(cls, amount, user=None, **values):
        """Return a posted invoice of a seller over ``amount``, without tax."""
        return cls._create_invoice(amount, invoice_user_id=(user or cls.salesperson).id, **values)

    @classmethod
    def _process(cls):
        """Deal with all that changed, as the job does."""
        cls.env.flush_all()
        credits = cls.env["crm.sales.credit"]
        while credits._process():
            pass

    @classmethod
    def _lines(cls, user=None):
        """Return the commission lines a seller reads, the oldest first."""
        cls._process()
        user = user or cls.salesperson
        return (
            cls.env["crm.commission.line"]
            .with_user(user)
            .search([("user_id", "=", user.id)], order="id")
        )

    @classmethod
    def _statements(cls, user=None):
        """Return the statements a seller reads, the oldest first."""
        cls._process()
        return (
            cls.env["crm.commission.statement"]
            .with_user(user or cls.salesperson)
            .search([], order="date_from")
        )

    @classmethod
    def _settle(cls, statement):
        """Take a statement through review and approval."""
        statement.with_user(cls.sales_manager).action_submit()
        statement.with_user(cls.biller).action_approve()
        statement.invalidate_recordset()
