from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.returns import budget_alert, share
from .campaign_fields import MONEY_GROUPS, CampaignMonetary, CampaignRatio

COST_TYPES = ("in_invoice", "in_refund", "in_receipt")
ALERTS = [("ok", "Within Budget"), ("warning", "80 % Used"), ("over", "Budget Used Up")]


class UtmCampaign(models.Model):
    """What a campaign costs against its budget: vendor-bill lines, sub-campaigns included."""

    _inherit = "utm.campaign"

    crm_budget = CampaignMonetary(string="Planned Budget", compute="_compute_crm_cost")
    crm_cost = CampaignMonetary(
        string="Actual Cost",
        compute="_compute_crm_cost",
        help="Posted vendor-bill lines of this campaign less vendor credits, without taxes.",
    )
    crm_cost_committed = CampaignMonetary(
        string="Committed Cost",
        compute="_compute_crm_cost",
        help="The same from vendor bills that are still drafts.",
    )
    crm_budget_left = CampaignMonetary(string="Budget Left", compute="_compute_crm_cost")
    crm_budget_used = CampaignRatio(
        string="Budget Used",
        compute="_compute_crm_cost",
        help="Actual and committed cost as a share of the budget; blank without a budget.",
    )
    crm_budget_alert = fields.Selection(
        ALERTS,
        string="Budget Alert",
        compute="_compute_crm_cost",
        search="_search_crm_budget_alert",
        compute_sudo=True,
        groups=MONEY_GROUPS,
    )

    @api.depends("parent_path", "company_id", "crm_budget_line_ids.amount_company")
    @api.depends_context("company")
    def _compute_crm_cost(self):
        tree = self._crm_tree()
        costs = self._crm_cost_totals(tree)
        budgets = self._crm_budget_totals(tree)
        for campaign in self:
            cost, committed = costs.get(campaign.id, (0.0, 0.0))
            budget = budgets.get(campaign.id, 0.0)
            campaign.crm_budget = budget
            campaign.crm_cost = cost
            campaign.crm_cost_committed = committed
            campaign.crm_budget_left = budget - cost - committed
            campaign.crm_budget_used = share(cost + committed, budget)
            campaign.crm_budget_alert = budget_alert(budget, cost + committed) or False

    def _search_crm_budget_alert(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = {alert or False for alert in value}
        planned = self.search([("crm_date_start", "!=", False)])
        found = planned.filtered(lambda campaign: campaign.crm_budget_alert in wanted)
        domain = Domain("id", "in", found.ids)
        return domain | Domain("crm_date_start", "=", False) if False in wanted else domain

    def _crm_cost_totals(self, tree, as_of=None):
        """Return ``{campaign_id: (actual, committed)}`` from vendor-bill lines."""
        self._flush_crm_money()
        until = SQL("AND line.date <= %s", as_of) if as_of else SQL()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT tree.root_id,
                       COALESCE(SUM(line.balance) FILTER (WHERE line.parent_state = 'posted'), 0),
                       COALESCE(SUM(line.balance) FILTER (WHERE line.parent_state = 'draft'), 0)
                  FROM %(tree)s
                  JOIN account_move_line line
                    ON line.crm_campaign_id = tree.campaign_id
                   AND line.company_id = tree.company_id
                   AND line.parent_state IN ('draft', 'posted')
                   %(until)s
                 GROUP BY tree.root_id
                """,
                tree=tree,
                until=until,
            )
        )
        return {root: (float(actual), float(committed)) for root, actual, committed in rows}

    def _crm_budget_totals(self, tree):
        """Return ``{campaign_id: planned amount}`` from the budget lines."""
        self.env["crm.campaign.budget.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT tree.root_id, SUM(line.amount_company) FROM %s"
                " JOIN crm_campaign_budget_line line ON line.campaign_id = tree.campaign_id"
                " GROUP BY tree.root_id",
                tree,
            )
        )
        return {root: float(amount) for root, amount in rows}
