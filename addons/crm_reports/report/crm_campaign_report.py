from odoo import fields, models
from odoo.tools import SQL


class CrmCampaignReport(models.Model):
    """One row per amount behind a campaign's figures, each kind in a column of its own.

    The rows are those of ``crm.campaign.money``, which defines cost, invoiced and collected; they
    carry the date on which the money was spent, invoiced or received.
    """

    _name = "crm.campaign.report"
    _description = "Campaign Analysis"
    _inherit = ["crm.report.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _source_field = "campaign_id"

    _depends = {
        "crm.campaign.money": ["amount", "campaign_id", "company_id", "date", "kind"],
        "res.company": ["currency_id"],
        "utm.campaign": ["crm_parent_id", "crm_state"],
    }

    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    parent_id = fields.Many2one("utm.campaign", string="Parent Campaign", readonly=True)
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection(
        [
            ("budget", "Budget"),
            ("committed", "Committed Cost"),
            ("cost", "Actual Cost"),
            ("invoiced", "Invoiced"),
            ("collected", "Collected"),
        ],
        readonly=True,
    )
    date = fields.Date(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Vendor or Customer", readonly=True)
    document = fields.Char(readonly=True)
    budget = fields.Monetary(readonly=True)
    committed = fields.Monetary(string="Committed Cost", readonly=True)
    cost = fields.Monetary(string="Actual Cost", readonly=True)
    invoiced = fields.Monetary(readonly=True)
    collected = fields.Monetary(readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT money.id,
                   money.campaign_id,
                   campaign.crm_parent_id AS parent_id,
                   money.user_id,
                   money.company_id,
                   company.currency_id,
                   money.kind,
                   money.date,
                   money.partner_id,
                   money.document,
                   CASE WHEN money.kind = 'budget' THEN money.amount END AS budget,
                   CASE WHEN money.kind = 'committed' THEN money.amount END AS committed,
                   CASE WHEN money.kind = 'cost' THEN money.amount END AS cost,
                   CASE WHEN money.kind = 'invoiced' THEN money.amount END AS invoiced,
                   CASE WHEN money.kind = 'collected' THEN money.amount END AS collected
              FROM (%s) money
              JOIN res_company company ON company.id = money.company_id
              LEFT JOIN utm_campaign campaign ON campaign.id = money.campaign_id
            """,
            self.env["crm.campaign.money"]._table_query,
        )
