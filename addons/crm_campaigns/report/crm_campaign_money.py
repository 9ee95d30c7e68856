from odoo import fields, models
from odoo.tools import SQL

from ..models.utm_campaign_revenue import REVENUE_TYPES
from ..tools.channels import CHANNELS

KINDS = [
    ("budget", "Budget"),
    ("committed", "Committed Cost"),
    ("cost", "Actual Cost"),
    ("invoiced", "Invoiced"),
    ("collected", "Collected"),
]


class CrmCampaignMoney(models.Model):
    """Every amount behind a campaign's figures, a row each, in company currency.

    The rows of a kind add up to the campaign's figure of that name, to the cent. Marketers, who
    see no ledger, drill down to these; accountants to the documents themselves.
    """

    _name = "crm.campaign.money"
    _description = "Campaign Money"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "document"
    _depends = {
        "account.move": [
            "amount_total",
            "amount_untaxed_signed",
            "commercial_partner_id",
            "company_id",
            "invoice_date",
            "move_type",
            "name",
            "state",
        ],
        "account.move.line": [
            "balance",
            "company_id",
            "crm_campaign_id",
            "date",
            "move_id",
            "name",
            "parent_state",
            "partner_id",
        ],
        "account.partial.reconcile": ["debit_move_id", "credit_move_id", "max_date"],
        "account.payment": ["outstanding_account_id"],
        "crm.campaign.budget.line": ["amount_company", "campaign_id", "channel", "month", "note"],
        "res.partner": ["crm_campaign_id"],
        "utm.campaign": ["company_id", "crm_state", "user_id"],
    }

    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(KINDS, readonly=True)
    date = fields.Date(readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    partner_id = fields.Many2one("res.partner", string="Vendor or Customer", readonly=True)
    document = fields.Char(readonly=True)
    amount = fields.Monetary(readonly=True)
    # The same amount in the column of its kind, since kinds are never added to one another.
    budget = fields.Monetary(readonly=True)
    committed = fields.Monetary(string="Committed Cost", readonly=True)
    cost = fields.Monetary(string="Actual Cost", readonly=True)
    invoiced = fields.Monetary(readonly=True)
    collected = fields.Monetary(readonly=True)

    @property
    def _table_query(self):
        rows = [self._budget_sql(), self._cost_sql(), self._invoiced_sql(), self._collected_sql()]
        columns = SQL(", ").join(
            SQL("CASE WHEN fact.kind = %s THEN fact.amount END AS %s", kind, SQL.identifier(kind))
            for kind, _label in KINDS
        )
        return SQL(
            """
            SELECT fact.id, fact.campaign_id, campaign.user_id, fact.company_id, fact.kind,
                   fact.date, fact.channel, fact.partner_id, fact.document, fact.amount,
                   %s
              FROM (%s) fact
              JOIN utm_campaign campaign ON campaign.id = fact.campaign_id
            """,
            columns,
            SQL(" UNION ALL ").join(rows),
        )

    # Ids are those of the source row and a digit for the kind: the same row keeps its id.

    def _budget_sql(self):
        return SQL(
            """
            SELECT line.id::bigint * 8 AS id, line.campaign_id,
                   COALESCE(line.company_id, %s) AS company_id,
                   'budget' AS kind, line.month AS date, line.channel,
                   NULL::int AS partner_id, line.note AS document, line.amount_company AS amount
              FROM crm_campaign_budget_line line
            """,
            self.env.company.id,
        )

    def _cost_sql(self):
        return SQL(
            """
            SELECT line.id::bigint * 8 + 1, line.crm_campaign_id, line.company_id,
                   CASE line.parent_state WHEN 'posted' THEN 'cost' ELSE 'committed' END,
                   line.date, NULL, line.partner_id,
                   CONCAT_WS(' ', NULLIF(line.move_name, '/'), line.name), line.balance
              FROM account_move_line line
             WHERE line.crm_campaign_id IS NOT NULL AND line.parent_state IN ('draft', 'posted')
            """
        )

    def _invoiced_sql(self):
        return SQL(
            """
            SELECT move.id::bigint * 8 + 2, customer.crm_campaign_id, move.company_id, 'invoiced',
                   move.invoice_date, NULL, customer.id, move.name, move.amount_untaxed_signed
              %s
            """,
            self._documents_sql(),
        )

    def _collected_sql(self):
        """One row per receipt; rounding runs through a document, so its rows add up exactly."""
        return SQL(
            """
            SELECT receipt.partial_id::bigint * 8 + 3, receipt.crm_campaign_id,
                   receipt.company_id, 'collected', receipt.date, NULL, receipt.customer_id,
                   receipt.name, receipt.after - receipt.before
              FROM (
                SELECT cash.partial_id, cash.date, customer.crm_campaign_id, move.company_id,
                       customer.id AS customer_id, move.name,
                       ROUND(ABS(move.amount_untaxed_signed)
                           * SUM(cash.amount_currency) OVER running
                           / move.amount_total, unit.decimal_places) AS after,
                       ROUND(ABS(move.amount_untaxed_signed)
                           * (SUM(cash.amount_currency) OVER running - cash.amount_currency)
                           / move.amount_total, unit.decimal_places) AS before
                  FROM (%s) cash
                  JOIN account_move move ON move.id = cash.move_id
                  JOIN res_partner customer ON customer.id = move.commercial_partner_id
                  JOIN res_company company ON company.id = move.company_id
                  JOIN res_currency unit ON unit.id = company.currency_id
                 WHERE customer.crm_campaign_id IS NOT NULL AND move.amount_total <> 0
                WINDOW running AS (PARTITION BY move.id ORDER BY cash.partial_id)
              ) receipt
            """,
            self.env["account.move"]._cash_entries_sql(
                move_ids=SQL("SELECT move.id %s", self._documents_sql())
            ),
        )

    def _documents_sql(self):
        """Return the FROM of the posted documents of customers whom a campaign brought."""
        return SQL(
            """
              FROM res_partner customer
              JOIN account_move move ON move.commercial_partner_id = customer.id
             WHERE customer.crm_campaign_id IS NOT NULL
               AND move.state = 'posted' AND move.move_type IN %s
            """,
            REVENUE_TYPES,
        )
