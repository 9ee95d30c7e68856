"""Fixtures of the report tests: the chain from opportunity to cash and service. No test lives here.

    director        everything the suite shows          manager of sales, service and marketing,
                                                        reads accounting, views reports
    viewer          only crm_reports.group_report_viewer, no right on any record
    designer        only crm_reports.group_report_designer

The other roles of the suite (salesperson, colleague, sales manager, reader, biller, agent, service
manager, marketer) come from the fixtures of the addons below, as report viewers. Today is Friday,
20 November 2026.
"""

from datetime import date, datetime
from statistics import median

from freezegun import freeze_time

from odoo import Command

from odoo.addons.crm_campaigns.tests.common import CampaignCommon
from odoo.addons.crm_customers.tests.common import CrmCommon
from odoo.addons.crm_sales.tests.common import SalesCommon
from odoo.addons.crm_service.tests.common import ServiceCommon

VIEWER = "crm_reports.group_report_viewer"
TODAY = date(2026, 11, 20)


class ReportsCommon(SalesCommon, CampaignCommon, ServiceCommon):
    """Opportunities, invoices, payments, instalments, campaign money and clocks of two sellers."""

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time("2026-11-20 04:00:00"))
        super().setUpClass()
        cls.service_manager = cls.manager
        cls.director = cls._create_user(
            "rep_director",
            "sales_team.group_sale_manager,crm_service.group_service_manager,"
            f"crm_campaigns.group_marketing_manager,account.group_account_readonly,{VIEWER}",
        )
        cls.viewer = cls._create_user("rep_viewer", VIEWER)
        cls.designer = cls._create_user("rep_designer", "crm_reports.group_report_designer")
        cls.roles = {
            "salesperson": cls.salesperson,
            "colleague": cls.colleague,
            "sales_manager": cls.sales_manager,
            "reader": cls.reader,
            "biller": cls.biller,
            "agent": cls.agent,
            "other_agent": cls.other_agent,
            "service_manager": cls.service_manager,
            "marketer": cls.marketer,
            "director": cls.director,
        }
        group = cls.env.ref(VIEWER)
        for user in cls.roles.values():
            user.group_ids = [Command.link(group.id)]
        cls.dashboards = cls.env["crm.dashboard"].search([])

    # -- records -----------------------------------------------------------------------------

    @classmethod
    def _create_company(cls, name="Suite Test Company"):
        """Return a company with books and a Shanghai calendar, whatever the fixtures below use."""
        return CrmCommon._create_company.__func__(cls, name)

    @classmethod
    def _create_teams(cls):
        """An office with one sales team, led by the sales manager."""
        cls.office = cls.env["crm.team"].create(
            {"name": "East", "company_id": cls.company.id, "use_opportunities": True}
        )
        cls.sales_team = cls.env["crm.team"].create(
            {
                "name": "Shanghai",
                "parent_id": cls.office.id,
                "company_id": cls.company.id,
                "user_id": cls.sales_manager.id,
            }
        )

    @classmethod
    def _create_lead(cls, value, outcome="open", user=None, opened=None, closed=None, **values):
        """Return an opportunity of ``user`` in the given outcome, decided on day ``closed``."""
        lead = cls.env["crm.lead"].create(
            {
                "name": f"Opportunity {value}",
                "type": "opportunity",
                "partner_id": cls.customer.id,
                "user_id": (user or cls.salesperson).id,
                "company_id": cls.company.id,
                "expected_revenue": value,
                **values,
            }
        )
        if outcome == "won":
            lead.action_set_won()
        elif outcome == "lost":
            lead.action_set_lost()
        dates = {"date_open": opened, "date_closed": closed}
        lead.write(
            {
                name: day if isinstance(day, datetime) else datetime(*day.timetuple()[:3], 4)
                for name, day in dates.items()
                if day
            }
        )
        return lead

    @classmethod
    def _create_chain(cls):
        """Records of both sellers in every analysis, so that each shipped tile has figures."""
        cls._create_teams()
        for index, user in enumerate((cls.salesperson, cls.colleague, cls.salesperson)):
            day = date(2026, 2 + 3 * index, 10)
            team = {"team_id": cls.sales_team.id} if index else {}
            cls._create_lead(
                10000.55 * (index + 1), "won", user, date(2026, 1, 5), day, **team,
                crm_line_ids=[
                    Command.create({"product_id": cls.product.id, "quantity": 2}),
                    Command.create({"product_id": cls.product.id, "quantity": 1}),
                ],
            )  # fmt: skip
            cls._create_lead(3000 + index, "lost", user, date(2026, 3, 1), day, **team)
            cls._create_lead(7000 + index, user=user, **team)
        cls.rival.write({"user_id": cls.colleague.id, "crm_campaign_id": cls.campaign.id})
        cls.customer.crm_campaign_id = cls.campaign
        cls._create_money()
        cls._create_promises()

    @classmethod
    def _create_money(cls):
        owners = ((cls.customer, cls.salesperson), (cls.rival, cls.colleague))
        for partner, user in owners:
            for month, amount, paid in ((6, 1130, 1130), (8, 2260.5, 1000), (10, 999.99, 0)):
                invoice = cls._create_invoice(
                    amount,
                    partner_id=partner.id,
                    invoice_user_id=user.id,
                    invoice_date=date(2026, month, 3),
                    invoice_date_due=date(2026, month, 28),
                )
                if paid:
                    cls._pay(invoice, paid)
        cls._budget(5000)
        cls._bill(4000)
        cls._bill(150, move_type="in_refund")
        for partner, user in owners:
            order = cls._create_order(user=user, user_id=user.id, partner_id=partner.id)
            contract = cls._create_planned_contract(order, user_id=user.id, team_id=False)
            line = contract.plan_line_ids.sorted("sequence")[0]
            cls._pay(cls._invoice(line), 10000)

    @classmethod
    def _create_promises(cls):
        """Kept, late, overdue and running clocks, in and outside the agent's team."""
        for team, partner in ((cls.team.id, cls.contact), (False, cls.rival_contact)):
            for priority, hours in (("1", 1), ("3", 30), ("2", 0), ("0", 0)):
                ticket = cls._create_ticket(
                    partner_id=partner.id,
                    priority=priority,
                    received_at=datetime(2026, 9, 14 + int(priority), 2),
                    user_id=cls.agent.id if team else False,
                    channel="email" if team else "phone",
                    team_id=team,
                )
                if hours:
                    day = 14 + int(priority) + hours // 24
                    ticket.clock_ids._stop(datetime(2026, 9, day, 2 + hours % 24, 30))
        running = cls._create_ticket(received_at=datetime(2026, 11, 20, 3))
        assert running.clock_ids

    # -- reading -----------------------------------------------------------------------------

    def _payload(self, user, dashboard, **filters):
        """Return a dashboard as ``user`` gets it from the server."""
        return (
            self.env["crm.dashboard"]
            .with_user(user)
            .get_dashboard(dashboard.id, {"period": "all", **filters})
        )

    def _tile(self, user, xmlid, **filters):
        """Return a shipped tile as ``user`` gets it from the server."""
        tile = self.env.ref(f"crm_reports.crm_dashboard_tile_{xmlid}")
        return (
            self.env["crm.dashboard"]
            .with_user(user)
            .get_tile(tile.id, {"period": "all", **filters})
        )

    def _recompute(self, user, tile_payload, measure, domain):
        """Return a figure computed by hand from the records that its drill-down opens."""
        model = self.env[tile_payload["action"]["res_model"]].with_user(user)
        records = model.search(domain)
        if measure.aggregator == "count":
            return len(records)
        values = [row[measure.field_id.name] for row in records.read([measure.field_id.name])]
        if measure.aggregator == "sum":
            return sum(values)
        if not values:
            return None
        if measure.aggregator == "median":
            return median(values)
        assert measure.aggregator == "avg"
        return sum(values) / len(values)
