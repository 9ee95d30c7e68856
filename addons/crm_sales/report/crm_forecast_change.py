from odoo import api, fields, models
from odoo.tools import SQL

from ..models.crm_lead_forecast import CATEGORIES

KINDS = [
    ("won", "Won"),
    ("lost", "Lost"),
    ("new", "New"),
    ("slipped", "Slipped"),
    ("pulled", "Pulled In"),
    ("up", "More Certain"),
    ("down", "Less Certain"),
    ("amount", "Amount Changed"),
]


class CrmForecastChange(models.Model):
    """What changed in the forecast since last week: each deal that is not what it was then.

    Compares the snapshot of last week (the latest one before this Monday) with the deals now.
    """

    _name = "crm.forecast.change"
    _description = "Change of the Forecast"
    _auto = False
    _order = "kind, amount_change"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", string="Opportunity", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    week = fields.Date(string="Since", readonly=True)
    kind = fields.Selection(KINDS, string="What Changed", readonly=True)
    category_before = fields.Selection(CATEGORIES, string="Forecast Before", readonly=True)
    category = fields.Selection(CATEGORIES, string="Forecast Now", readonly=True)
    amount_before = fields.Monetary(readonly=True)
    amount = fields.Monetary(string="Amount Now", readonly=True)
    amount_change = fields.Monetary(string="Change", readonly=True)
    deadline_before = fields.Date(string="Closing Before", readonly=True)
    date_deadline = fields.Date(string="Closing Now", readonly=True)

    @property
    def _table_query(self):
        return self._get_query()

    @api.model
    def _get_query(self):
        """Return the query: deals of the last week's snapshot, and those that came since."""
        week = self.env["crm.forecast.snapshot"]._get_week()
        rank = SQL(
            "ARRAY_POSITION(ARRAY['omitted', 'pipeline', 'best', 'commit']::varchar[], %s)",
            SQL("lead.crm_forecast_category"),
        )
        former = SQL(
            "ARRAY_POSITION(ARRAY['omitted', 'pipeline', 'best', 'commit']::varchar[], %s)",
            SQL("row.category"),
        )
        return SQL(
            """
            SELECT * FROM (
            SELECT lead.id,
                   lead.id AS lead_id,
                   company.id AS company_id,
                   company.currency_id,
                   lead.user_id,
                   lead.team_id,
                   lead.partner_id,
                   last.week,
                   row.category AS category_before,
                   lead.crm_forecast_category AS category,
                   COALESCE(row.amount, 0) AS amount_before,
                   lead.expected_revenue AS amount,
                   CASE WHEN lead.won_status = 'lost' THEN 0 ELSE lead.expected_revenue END
                       - COALESCE(row.amount, 0) AS amount_change,
                   row.date_deadline AS deadline_before,
                   lead.date_deadline,
                   CASE
                       WHEN lead.won_status = 'won' THEN 'won'
                       WHEN lead.won_status = 'lost' THEN 'lost'
                       WHEN row.id IS NULL THEN 'new'
                       WHEN DATE_TRUNC('month', lead.date_deadline) > row.period THEN 'slipped'
                       WHEN DATE_TRUNC('month', lead.date_deadline) < row.period THEN 'pulled'
                       WHEN %(rank)s > %(former)s THEN 'up'
                       WHEN %(rank)s < %(former)s THEN 'down'
                       WHEN lead.expected_revenue IS DISTINCT FROM row.amount THEN 'amount'
                   END AS kind
              FROM crm_lead lead
              JOIN res_company company ON company.id = COALESCE(lead.company_id, %(company)s)
              JOIN (SELECT MAX(week) AS week FROM crm_forecast_snapshot WHERE week < %(week)s) last
                ON last.week IS NOT NULL
              LEFT JOIN crm_forecast_snapshot row ON row.lead_id = lead.id AND row.week = last.week
             WHERE lead.type = 'opportunity'
               AND (row.id IS NOT NULL
                    OR (lead.create_date >= last.week
                        AND (lead.active OR lead.won_status = 'won')))
            ) change
            WHERE kind IS NOT NULL
            """,
            rank=rank,
            former=former,
            week=week,
            company=self.env.company.id,
        )

    def action_open_lead(self):
        """Open the opportunity."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.lead_id.id,
            "view_mode": "form",
        }
