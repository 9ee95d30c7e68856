"""Fixtures of ownership: a pool with two members and an administrator. No test lives here."""

from datetime import date, datetime, timedelta

from odoo import Command

from .common import CrmCommon

TODAY = date(2026, 9, 28)  # a Monday


class PoolCommon(CrmCommon):
    """One pool, its members ``salesperson`` and ``colleague``, three pooled customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.pool"].search([]).active = False  # those of the demo data
        cls.pool_admin = cls._create_user("suite_pool_admin", "crm_customers.group_pool_admin")
        cls.outsider = cls._create_user("suite_outsider", "sales_team.group_sale_salesman")
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "Pool Calendar", "tz": "Asia/Shanghai", "company_id": cls.company.id}
        )
        cls.pool = cls.env["crm.pool"].create(
            {
                "name": "华东公海",
                "company_id": cls.company.id,
                "calendar_id": cls.calendar.id,
                "member_ids": [Command.set((cls.salesperson | cls.colleague).ids)],
                "admin_ids": [Command.set(cls.pool_admin.ids)],
                "cooldown_days": 7,
                "remind_days": 0,
            }
        )
        cls.pooled = cls._create_pooled("苏州一号有限公司", "无锡二号有限公司", "常州三号有限公司")
        cls.env.flush_all()

    @classmethod
    def _create_pooled(cls, *names, pool=None):
        """Return new companies with a telephone that lie in the pool."""
        partners = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "is_company": True,
                    "phone": "+86 21 5080 1238",
                    "email": "buyer@pooled.example.com",
                    "city": "苏州",
                    "company_id": cls.company.id,
                }
                for name in names
            ]
        )
        partners._watch(pool or cls.pool)
        return partners

    @classmethod
    def _create_owned(cls, *names, owner=None, days_ago=0, **values):
        """Return companies of an owner that the pool watches since some days."""
        partners = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "is_company": True,
                    "user_id": (owner or cls.salesperson).id,
                    "company_id": cls.company.id,
                    **values,
                }
                for name in names
            ]
        )
        since = datetime.combine(TODAY, datetime.min.time()) - timedelta(days=days_ago)
        partners.write(
            {"crm_pool_id": cls.pool.id, "crm_pool_since": since, "crm_owner_since": since}
        )
        cls.env.flush_all()
        return partners

    @classmethod
    def _create_rule(cls, trigger="followup", days=10, **values):
        return cls.env["crm.pool.rule"].create(
            {
                "pool_id": cls.pool.id,
                "trigger": trigger,
                "days": days,
                "date_start": date(2026, 1, 1),
                "exempt_contract": False,
                **values,
            }
        )

    def _claim(self, customers, user=None):
        """Claim as a member does: from the list of the pool."""
        rows = self.env["crm.pool.customer"].with_user(user or self.salesperson)
        return rows.browse(customers.ids).action_claim()

    def _follow_up(self, customer, note="电话确认了预算和交付时间", user=None, **values):
        """Record a follow-up through the dialogue."""
        record = (
            self.env["crm.followup.record"]
            .with_user(user or self.salesperson)
            .create(
                {
                    "partner_id": customer.id,
                    "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                    "note": note,
                    **values,
                }
            )
        )
        record.action_record()
        return (
            self.env["mail.activity"]
            .with_context(active_test=False)
            .search(
                [("crm_customer_id", "=", customer.id), ("active", "=", False)],
                order="id desc",
                limit=1,
            )
        )
