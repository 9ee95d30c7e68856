from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .crm_lead_forecast import CATEGORIES

BATCH = 5000


class CrmForecastSnapshot(models.Model):
    """What was forecast of each open deal at the beginning of a week; never changed.

    Owns: one row per deal and week. Who: the program; read like the deal.
    Twice at once: unique per week and deal, a second writer adds nothing.
    Half of it: written in committed steps that leave out what is there, so a killed run goes on.
    A million rows: read by week, period and deal, each one index.
    """

    _name = "crm.forecast.snapshot"
    _description = "Forecast Snapshot"
    _inherit = ["crm.ledger.mixin"]
    _order = "week desc, id"
    _rec_name = "lead_name"

    week = fields.Date(required=True, index=True, help="The Monday it was taken for.")
    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", index="btree_not_null", ondelete="set null"
    )
    lead_name = fields.Char(string="Name")
    company_id = fields.Many2one("res.company", index=True)
    currency_id = fields.Many2one("res.currency")
    user_id = fields.Many2one("res.users", string="Salesperson", index=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", ondelete="set null", index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", index="btree_not_null")
    stage_id = fields.Many2one("crm.stage", ondelete="set null")
    category = fields.Selection(CATEGORIES, required=True)
    amount = fields.Monetary(string="Expected Revenue")
    probability = fields.Float(aggregator="avg")
    date_deadline = fields.Date(string="Expected Closing")
    period = fields.Date(string="Forecast Month", index=True)

    _week_uniq = models.UniqueIndex("(lead_id, week)", "This deal was recorded this week.")

    @api.model
    def _get_week(self):
        """Return the Monday of this week in the current company's working calendar."""
        # sudo: the time zone of a company's calendar is no secret
        tz = self.env.company.sudo().resource_calendar_id.tz or "UTC"
        today = fields.Date.context_today(self.with_context(tz=tz))
        return today - timedelta(days=today.weekday())

    @api.model
    def _cron_take(self):
        """Record every open deal of this week, in committed steps; safe to repeat and to kill."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.env["crm.lead"].search_count(self._open_domain()))
        while taken := self._take():
            cron._commit_progress(taken)

    @api.model
    def _open_domain(self):
        return [("type", "=", "opportunity"), ("won_status", "=", "pending")]

    @api.model
    def _take(self, limit=BATCH, week=None):
        """Record the next open deals that a week has no row of.

        :param week: the Monday to record them for; None: this week's
        :return: how many; 0 when all are recorded
        """
        self.env["crm.lead"].flush_model()
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_forecast_snapshot (
                    week, lead_id, lead_name, company_id, currency_id, user_id, team_id, partner_id,
                    stage_id, category, amount, probability, date_deadline, period,
                    create_uid, create_date, write_uid, write_date)
                SELECT %(week)s, lead.id, lead.name, company.id, company.currency_id, lead.user_id,
                       lead.team_id, lead.partner_id, lead.stage_id,
                       COALESCE(lead.crm_forecast_category, 'pipeline'),
                       lead.expected_revenue, lead.probability, lead.date_deadline,
                       DATE_TRUNC('month', lead.date_deadline)::date,
                       %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
                  FROM crm_lead lead
                  JOIN res_company company ON company.id = COALESCE(lead.company_id, %(company)s)
                 WHERE lead.active AND lead.type = 'opportunity' AND lead.won_status = 'pending'
                   AND NOT EXISTS (SELECT 1 FROM crm_forecast_snapshot taken
                                    WHERE taken.lead_id = lead.id AND taken.week = %(week)s)
                 ORDER BY lead.id
                 LIMIT %(limit)s
                    ON CONFLICT DO NOTHING
                """,
                week=week or self._get_week(),
                company=self.env.company.id,
                uid=self.env.uid,
                limit=limit,
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _count_slips(self, lead_ids):
        """Return ``{lead_id: n}``: moves of the expected month to a later one, week over week."""
        if not lead_ids:
            return {}
        self.flush_model()
        self.env["crm.lead"].flush_model(["date_deadline"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT lead_id, COUNT(*)
                      FROM (SELECT row.lead_id, row.period,
                                   LEAD(row.period, 1,
                                        DATE_TRUNC('month', lead.date_deadline)::date)
                                       OVER (PARTITION BY row.lead_id ORDER BY row.week) AS next
                              FROM crm_forecast_snapshot row
                              JOIN crm_lead lead ON lead.id = row.lead_id
                             WHERE row.lead_id = ANY(%s)) step
                     WHERE next > period
                     GROUP BY lead_id
                    """,
                    list(lead_ids),
                )
            )
        )
