from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.returns import CampaignFigures, budget_alert, share
from .optional_float import OptionalFloat

MONEY_GROUPS = (
    "crm_campaigns.group_marketing_user,"
    "account.group_account_readonly,account.group_account_invoice"
)
COST_TYPES = ("in_invoice", "in_refund", "in_receipt")
REVENUE_TYPES = ("out_invoice", "out_refund", "out_receipt")
ALERTS = [("ok", "Within Budget"), ("warning", "80 % Used"), ("over", "Budget Used Up")]


class UtmCampaign(models.Model):
    """What a campaign costs and brings, read from the ledger, sub-campaigns included.

    Nothing here is stored: the ledger is the truth and a handful of grouped queries, the same
    number for one campaign as for a hundred, read it. Amounts are in the currency of the
    campaign's company (of the current company where the campaign has none) and only count that
    company's documents, so currencies never mix.
    """

    _inherit = "utm.campaign"

    crm_budget = fields.Monetary(
        string="Planned Budget",
        currency_field="crm_currency_id",
        compute="_compute_crm_cost",
        compute_sudo=True,
        groups=MONEY_GROUPS,
    )
    crm_cost = fields.Monetary(
        string="Actual Cost",
        currency_field="crm_currency_id",
        compute="_compute_crm_cost",
        compute_sudo=True,
        groups=MONEY_GROUPS,
        help="Posted vendor-bill lines of this campaign less vendor credits, without taxes.",
    )
    crm_cost_committed = fields.Monetary(
        string="Committed Cost",
        currency_field="crm_currency_id",
        compute="_compute_crm_cost",
        compute_sudo=True,
        groups=MONEY_GROUPS,
        help="The same from vendor bills that are still drafts.",
    )
    crm_budget_left = fields.Monetary(
        string="Budget Left",
        currency_field="crm_currency_id",
        compute="_compute_crm_cost",
        compute_sudo=True,
        groups=MONEY_GROUPS,
    )
    crm_budget_used = OptionalFloat(
        string="Budget Used",
        compute="_compute_crm_cost",
        compute_sudo=True,
        groups=MONEY_GROUPS,
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
    crm_invoiced = fields.Monetary(
        string="Invoiced",
        currency_field="crm_currency_id",
        compute="_compute_crm_revenue",
        compute_sudo=True,
        groups=MONEY_GROUPS,
        help="Posted invoices less credit notes, without taxes, of the customers whom this"
        " campaign brought.",
    )
    crm_collected = fields.Monetary(
        string="Collected",
        currency_field="crm_currency_id",
        compute="_compute_crm_revenue",
        compute_sudo=True,
        groups=MONEY_GROUPS,
        help="The share of Invoiced that really arrived as money; write-offs and credit notes"
        " are not money. At the exchange rate of the invoice.",
    )
    crm_customer_count = fields.Integer(
        string="Customers Brought", compute="_compute_crm_revenue", compute_sudo=True
    )
    crm_buyer_count = fields.Integer(
        string="Customers Who Bought",
        compute="_compute_crm_revenue",
        compute_sudo=True,
        groups=MONEY_GROUPS,
    )
    crm_leads_actual = fields.Integer(
        string="Leads", compute="_compute_crm_response", compute_sudo=True
    )
    crm_responses_actual = fields.Integer(
        string="Responses",
        compute="_compute_crm_response",
        compute_sudo=True,
        help="Persons with at least one touch that was not made by a machine.",
    )
    crm_roi = OptionalFloat(
        string="ROI",
        compute="_compute_crm_ratios",
        compute_sudo=True,
        groups=MONEY_GROUPS,
        help="(Collected - Actual Cost) / Actual Cost; blank without cost.",
    )
    crm_roas = OptionalFloat(
        string="ROAS",
        digits=(16, 2),
        compute="_compute_crm_ratios",
        compute_sudo=True,
        groups=MONEY_GROUPS,
        help="Invoiced / Actual Cost; blank without cost.",
    )
    crm_cost_per_lead = OptionalFloat(
        string="Cost per Lead",
        digits=(16, 2),
        compute="_compute_crm_ratios",
        compute_sudo=True,
        groups=MONEY_GROUPS,
    )
    crm_cost_per_customer = OptionalFloat(
        string="Cost per Customer (CAC)",
        digits=(16, 2),
        compute="_compute_crm_ratios",
        compute_sudo=True,
        groups=MONEY_GROUPS,
        help="Actual Cost / Customers Who Bought; blank without either.",
    )

    # Compute. The ledger's own fields are not among the dependencies on purpose: following every
    # journal item's change back to its campaign would slow the whole ledger down for figures
    # that are read afresh with every request.

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

    @api.depends("parent_path", "company_id")
    @api.depends_context("company")
    def _compute_crm_revenue(self):
        tree = self._crm_tree()
        revenues = self._crm_revenue_totals(tree)
        customers = self._crm_customer_totals(tree)
        for campaign in self:
            invoiced, collected, buyers = revenues.get(campaign.id, (0.0, 0.0, 0))
            campaign.crm_invoiced = invoiced
            campaign.crm_collected = collected
            campaign.crm_buyer_count = buyers
            campaign.crm_customer_count = customers.get(campaign.id, 0)

    @api.depends("parent_path")
    def _compute_crm_response(self):
        tree = self._crm_tree()
        leads = self._crm_lead_totals(tree)
        responses = self._crm_response_totals(tree)
        for campaign in self:
            campaign.crm_leads_actual = leads.get(campaign.id, 0)
            campaign.crm_responses_actual = responses.get(campaign.id, 0)

    @api.depends("crm_cost", "crm_invoiced", "crm_collected", "crm_leads_actual", "crm_buyer_count")
    def _compute_crm_ratios(self):
        for campaign in self:
            figures = CampaignFigures(
                cost=campaign.crm_cost,
                invoiced=campaign.crm_invoiced,
                collected=campaign.crm_collected,
                leads=campaign.crm_leads_actual,
                buyers=campaign.crm_buyer_count,
            )
            campaign.crm_roi = figures.roi
            campaign.crm_roas = figures.roas
            campaign.crm_cost_per_lead = figures.cost_per_lead
            campaign.crm_cost_per_customer = figures.cost_per_customer

    def _search_crm_budget_alert(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = {alert or False for alert in value}
        planned = self.search([("crm_date_start", "!=", False)])
        found = planned.filtered(lambda campaign: campaign.crm_budget_alert in wanted)
        domain = Domain("id", "in", found.ids)
        return domain | Domain("crm_date_start", "=", False) if False in wanted else domain

    # Figures

    def _crm_figures(self, as_of=None):
        """Return the figures of each campaign with its sub-campaigns.

        :param as_of: ``datetime.date``; ignore documents and money of later days (None: all).
            Leads, responses and customers always count as of now.
        :return: ``{campaign_id: CampaignFigures}`` for every id of ``self``
        """
        tree = self._crm_tree()
        costs = self._crm_cost_totals(tree, as_of)
        revenues = self._crm_revenue_totals(tree, as_of)
        leads = self._crm_lead_totals(tree)
        responses = self._crm_response_totals(tree)
        customers = self._crm_customer_totals(tree)
        result = {}
        for campaign_id in self.ids:
            cost, committed = costs.get(campaign_id, (0.0, 0.0))
            invoiced, collected, buyers = revenues.get(campaign_id, (0.0, 0.0, 0))
            result[campaign_id] = CampaignFigures(
                cost=cost,
                committed=committed,
                invoiced=invoiced,
                collected=collected,
                leads=leads.get(campaign_id, 0),
                responses=responses.get(campaign_id, 0),
                customers=customers.get(campaign_id, 0),
                buyers=buyers,
            )
        return result

    def _crm_tree(self):
        """Return SQL with a row ``root_id, campaign_id, company_id`` per campaign and descendant.

        One query finds the descendants; the rows then travel as arrays, so that the queries of
        the figures stay plain joins.
        """
        rows = []
        if self.ids:
            roots = set(self.ids)
            company_of = {root.id: root._crm_company().id for root in self if root.id}
            # sudo: the figures of a parent are complete, whoever reads them
            nodes = self.sudo().with_context(active_test=False)
            for node in nodes.search_fetch([("id", "child_of", self.ids)], ["parent_path"]):
                ancestors = {int(step) for step in node.parent_path.split("/") if step}
                rows += [(root, node.id, company_of[root]) for root in ancestors & roots]
        columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
        return SQL(
            "(SELECT * FROM unnest(%s::int[], %s::int[], %s::int[])"
            " AS node (root_id, campaign_id, company_id)) tree",
            *columns,
        )

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

    def _crm_revenue_totals(self, tree, as_of=None):
        """Return ``{campaign_id: (invoiced, collected, buyers)}`` from customer documents."""
        self._flush_crm_money()
        documents = self._crm_documents_sql(tree, as_of)
        move_ids = [
            move_id for (move_id,) in self.env.execute_query(SQL("SELECT id FROM %s", documents))
        ]
        if not move_ids:
            return {}
        cash = self.env["account.move"]._cash_entries_sql(as_of, move_ids=move_ids)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT document.root_id,
                       SUM(document.amount_untaxed_signed),
                       SUM(ROUND(COALESCE(ABS(document.amount_untaxed_signed) * cash.amount
                           / NULLIF(document.amount_total, 0), 0), unit.decimal_places)),
                       COUNT(DISTINCT document.commercial_partner_id)
                           FILTER (WHERE document.move_type <> 'out_refund')
                  FROM %(documents)s
                  JOIN res_company company ON company.id = document.company_id
                  JOIN res_currency unit ON unit.id = company.currency_id
                  LEFT JOIN (SELECT entry.move_id, SUM(entry.amount_currency) AS amount
                               FROM (%(cash)s) entry
                              GROUP BY entry.move_id) cash ON cash.move_id = document.id
                 GROUP BY document.root_id
                """,
                documents=documents,
                cash=cash,
            )
        )
        return {
            root: (float(invoiced), float(collected), buyers)
            for root, invoiced, collected, buyers in rows
        }

    def _crm_documents_sql(self, tree, as_of=None):
        """Return SQL of the posted customer documents that count for the campaigns of a tree."""
        until = SQL("AND move.invoice_date <= %s", as_of) if as_of else SQL()
        return SQL(
            """
            (SELECT tree.root_id, move.id, move.company_id, move.move_type, move.amount_total,
                    move.amount_untaxed_signed, move.commercial_partner_id
               FROM %(tree)s
               JOIN res_partner customer ON customer.crm_campaign_id = tree.campaign_id
               JOIN account_move move
                 ON move.commercial_partner_id = customer.id
                AND move.company_id = tree.company_id
                AND move.state = 'posted'
                AND move.move_type IN %(types)s
                %(until)s) document
            """,
            tree=tree,
            types=REVENUE_TYPES,
            until=until,
        )

    def _crm_customer_totals(self, tree):
        """Return ``{campaign_id: number of customers}`` by the origin on their records."""
        self.env["res.partner"].flush_model(["crm_campaign_id", "commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT tree.root_id, COUNT(*) FROM %s"
                " JOIN res_partner customer ON customer.crm_campaign_id = tree.campaign_id"
                " WHERE customer.commercial_partner_id = customer.id GROUP BY tree.root_id",
                tree,
            )
        )
        return dict(rows)

    def _crm_lead_totals(self, tree):
        """Return ``{campaign_id: number of leads and opportunities}``, lost ones included."""
        self.env["crm.lead"].flush_model(["campaign_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT tree.root_id, COUNT(*) FROM %s"
                " JOIN crm_lead lead ON lead.campaign_id = tree.campaign_id"
                " GROUP BY tree.root_id",
                tree,
            )
        )
        return dict(rows)

    def _crm_response_totals(self, tree):
        """Return ``{campaign_id: persons who responded}``; a nameless lead counts as one person."""
        self.env["crm.campaign.touch"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT tree.root_id, COUNT(DISTINCT (touch.partner_id, CASE"
                " WHEN touch.partner_id IS NULL THEN touch.lead_id END)) FROM %s"
                " JOIN crm_campaign_touch touch ON touch.campaign_id = tree.campaign_id"
                " WHERE touch.is_bot IS NOT TRUE GROUP BY tree.root_id",
                tree,
            )
        )
        return Counter(dict(rows))

    def _flush_crm_money(self):
        """Write pending changes of everything the money queries read."""
        self.env["account.move"]._flush_cash_sources()
        self.env["res.partner"].flush_model(["crm_campaign_id"])
