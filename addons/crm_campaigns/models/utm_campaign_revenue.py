from collections import Counter

from odoo import api, models
from odoo.tools import SQL

from .campaign_fields import MONEY_GROUPS, CampaignCount, CampaignMonetary

REVENUE_TYPES = ("out_invoice", "out_refund", "out_receipt")


class UtmCampaign(models.Model):
    """What a campaign brings: leads, responses, customers, and what they paid."""

    _inherit = "utm.campaign"

    crm_invoiced = CampaignMonetary(
        string="Invoiced",
        compute="_compute_crm_revenue",
        help="Posted invoices less credit notes, without taxes, of the customers whom this"
        " campaign brought.",
    )
    crm_collected = CampaignMonetary(
        string="Collected",
        compute="_compute_crm_revenue",
        help="The share of Invoiced that really arrived as money; write-offs and credit notes"
        " are not money. At the exchange rate of the invoice.",
    )
    crm_customer_count = CampaignCount(string="Customers Brought", compute="_compute_crm_revenue")
    crm_buyer_count = CampaignCount(
        string="Customers Who Bought", compute="_compute_crm_revenue", groups=MONEY_GROUPS
    )
    crm_leads_actual = CampaignCount(string="Leads", compute="_compute_crm_response")
    crm_responses_actual = CampaignCount(
        string="Responses",
        compute="_compute_crm_response",
        help="Persons with at least one touch that was not made by a machine.",
    )

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

    def _crm_revenue_totals(self, tree, as_of=None):
        """Return ``{campaign_id: (invoiced, collected, buyers)}`` from customer documents."""
        self._flush_crm_money()
        documents = self._crm_documents_sql(tree, as_of)
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
                cash=self.env["account.move"]._cash_entries_sql(
                    as_of, move_ids=SQL("SELECT document.id FROM %s", documents)
                ),
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
