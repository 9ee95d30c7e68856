from odoo import api, models
from odoo.tools import SQL

from ..tools.returns import CampaignFigures
from .campaign_fields import CampaignRatio


class UtmCampaign(models.Model):
    """What a campaign costs and brings, read from the ledger, sub-campaigns included.

    Nothing here is stored: the ledger is the truth and a handful of grouped queries, the same
    number for one campaign as for a hundred, read it. Amounts are in the currency of the
    campaign's company (of the current company where the campaign has none) and only count that
    company's documents, so currencies never mix.
    """

    _inherit = "utm.campaign"

    crm_roi = CampaignRatio(
        string="ROI",
        compute="_compute_crm_ratios",
        help="(Collected - Actual Cost) / Actual Cost; blank without cost.",
    )
    crm_roas = CampaignRatio(
        string="ROAS",
        digits=(16, 2),
        compute="_compute_crm_ratios",
        help="Invoiced / Actual Cost; blank without cost.",
    )
    crm_cost_per_lead = CampaignRatio(
        string="Cost per Lead", digits=(16, 2), compute="_compute_crm_ratios"
    )
    crm_cost_per_customer = CampaignRatio(
        string="Cost per Customer (CAC)",
        digits=(16, 2),
        compute="_compute_crm_ratios",
        help="Actual Cost / Customers Who Bought; blank without either.",
    )

    # Compute. The ledger's own fields are not among the dependencies on purpose: following every
    # journal item's change back to its campaign would slow the whole ledger down for figures
    # that are read afresh with every request.

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

    def _flush_crm_money(self):
        """Write pending changes of everything the money queries read."""
        self.env["account.move"]._flush_cash_sources()
        self.env["res.partner"].flush_model(["crm_campaign_id"])
