from odoo import fields, models
from odoo.tools import SQL


class CrmForecastAccuracy(models.Model):
    """A week's forecast of a month against what was won of that month from then on.

    Each deal of a snapshot is a row; deals that were won without having been forecast for the
    month are rows, too. So sums by week, month, seller or team are those of the deals they show.
    """

    _name = "crm.forecast.accuracy"
    _description = "Forecast Accuracy"
    _auto = False
    _order = "week desc, period"
    _rec_name = "lead_name"

    week = fields.Date(string="Forecast Of", readonly=True)
    period = fields.Date(string="Forecast Month", readonly=True)
    lead_id = fields.Many2one("crm.lead", string="Opportunity", readonly=True)
    lead_name = fields.Char(string="Name", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    commit = fields.Monetary(readonly=True)
    best = fields.Monetary(string="Best Case", readonly=True)
    pipeline = fields.Monetary(readonly=True)
    won = fields.Monetary(readonly=True, help="Won in the month, from the week of the forecast on.")
    slipped = fields.Monetary(
        readonly=True, help="Forecast for the month; expected later now, or won later."
    )
    missed = fields.Monetary(
        string="Off", readonly=True, help="Won less commit: below zero, less came than promised."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            WITH lead AS (
                SELECT id, name, company_id, user_id, team_id, expected_revenue, won_status,
                       CASE WHEN won_status = 'won' THEN date_closed::date END AS won_on,
                       DATE_TRUNC('month', CASE WHEN won_status = 'won' THEN date_closed::date
                           WHEN won_status = 'pending' THEN date_deadline END)::date AS due
                  FROM crm_lead
                 WHERE type = 'opportunity'
            ), fact AS (
                SELECT row.week, row.period, row.lead_id, row.lead_name, row.company_id,
                       row.currency_id, row.user_id, row.team_id,
                       CASE row.category WHEN 'commit' THEN row.amount ELSE 0 END AS commit,
                       CASE row.category WHEN 'best' THEN row.amount ELSE 0 END AS best,
                       CASE row.category WHEN 'pipeline' THEN row.amount ELSE 0 END AS pipeline,
                       CASE WHEN lead.won_on IS NOT NULL AND lead.due = row.period
                           THEN lead.expected_revenue ELSE 0 END AS won,
                       CASE WHEN lead.due > row.period THEN row.amount ELSE 0 END AS slipped
                  FROM crm_forecast_snapshot row
                  LEFT JOIN lead ON lead.id = row.lead_id
                 WHERE row.period IS NOT NULL AND row.category <> 'omitted'
                 UNION ALL
                SELECT taken.week, lead.due, lead.id, lead.name, company.id,
                       company.currency_id, lead.user_id, lead.team_id,
                       0, 0, 0, lead.expected_revenue, 0
                  FROM (SELECT DISTINCT week, company_id FROM crm_forecast_snapshot) taken
                  JOIN res_company company ON company.id = taken.company_id
                  JOIN lead ON lead.won_on >= taken.week
                   AND COALESCE(lead.company_id, taken.company_id) = taken.company_id
                 WHERE NOT EXISTS (
                    SELECT 1 FROM crm_forecast_snapshot row
                     WHERE row.lead_id = lead.id AND row.week = taken.week
                       AND row.period = lead.due AND row.category <> 'omitted')
            )
            SELECT ROW_NUMBER() OVER (ORDER BY week, period, lead_id) AS id,
                   fact.*, won - commit AS missed
              FROM fact
            """
        )
