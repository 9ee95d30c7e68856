"""Fixtures of the approval tests: leaders up the team tree, a deputy, rules. No test lives here."""

from odoo import Command, fields

from .common import SalesCommon


class ApprovalCommon(SalesCommon):
    """A team below an office, each with a leader."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader = cls._create_user("suite_leader", "sales_team.group_sale_salesman_all_leads")
        cls.head = cls._create_user("suite_head", "sales_team.group_sale_salesman_all_leads")
        cls.deputy = cls._create_user("suite_deputy", "sales_team.group_sale_salesman_all_leads")
        cls.office, cls.team = cls.env["crm.team"].create(
            [
                {"name": "Office", "company_id": cls.company.id, "user_id": cls.head.id},
                {
                    "name": "Team",
                    "company_id": cls.company.id,
                    "user_id": cls.leader.id,
                    "member_ids": [Command.set(cls.salesperson.ids)],
                },
            ]
        )
        cls.team.parent_id = cls.office

    @classmethod
    def _rule(cls, ground="discount", threshold=10, approver="leader", level=1, **values):
        return (
            cls.env["crm.approval.rule"]
            .with_user(cls.sales_manager)
            .create(
                {
                    "name": f"{ground} {level}",
                    "ground": ground,
                    "threshold": threshold,
                    "approver": approver,
                    "level": level,
                    "company_id": cls.company.id,
                    **values,
                }
            )
        )

    def _quote(self, discount=0, price=100000, **values):
        return self._create_order(
            confirm=False,
            team_id=self.team.id,
            lines=[
                {
                    "price_unit": price,
                    "discount": discount,
                    "tax_ids": [Command.set(self.tax_13.ids)],
                }
            ],
            **values,
        )

    def _ask(self, order, note=False):
        return order.with_user(self.salesperson)._ask_approval(note)

    def _decide(self, request, user, approve=True, comment=False):
        return request.with_user(user)._decide(approve, comment)

    def _today(self):
        return fields.Date.context_today(self.company.with_user(self.leader))
