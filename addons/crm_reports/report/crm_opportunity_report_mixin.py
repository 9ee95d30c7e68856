from odoo import api, fields, models
from odoo.tools import SQL

OUTCOMES = [("won", "Won"), ("open", "Open"), ("lost", "Lost")]


class CrmOpportunityReportMixin(models.AbstractModel):
    """What every analysis of opportunities can be grouped by.

    Lost opportunities, which the host archives, are included; one that was archived without being
    lost is not. Dates are those at the company's place.
    """

    _name = "crm.opportunity.report.mixin"
    _description = "Opportunity Analysis Dimensions"
    _inherit = ["crm.report.mixin"]
    _source_field = "lead_id"

    _depends = {
        "crm.lead": [
            "active",
            "campaign_id",
            "company_id",
            "create_date",
            "date_closed",
            "date_deadline",
            "date_open",
            "expected_revenue",
            "lost_reason_id",
            "medium_id",
            "name",
            "partner_id",
            "prorated_revenue",
            "source_id",
            "stage_id",
            "team_id",
            "type",
            "user_id",
            "won_status",
        ],
        "crm.team": ["parent_id", "user_id"],
        "res.company": ["currency_id", "resource_calendar_id"],
        "res.partner": ["commercial_partner_id", "country_id", "industry_id"],
        "resource.calendar": ["tz"],
    }

    lead_id = fields.Many2one("crm.lead", string="Opportunity", readonly=True)
    name = fields.Char(string="Title", readonly=True)
    outcome = fields.Selection(OUTCOMES, readonly=True)
    stage_id = fields.Many2one("crm.stage", readonly=True)
    lost_reason_id = fields.Many2one("crm.lost.reason", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    industry_id = fields.Many2one("res.partner.industry", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    office_id = fields.Many2one(
        "crm.team",
        readonly=True,
        help="The team above the sales team, or the team itself when it stands at the top.",
    )
    manager_id = fields.Many2one("res.users", string="Team Leader", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    medium_id = fields.Many2one("utm.medium", readonly=True)

    date_created = fields.Date(string="Created On", readonly=True)
    date_open = fields.Date(string="Engaged On", readonly=True)
    date_deadline = fields.Date(string="Expected Closing", readonly=True)
    date_closed = fields.Date(string="Closed On", readonly=True)
    days_to_close = fields.Integer(
        string="Days to Close",
        readonly=True,
        aggregator="avg",
        help="Calendar days from the engagement to the decision; empty while open.",
    )
    win_rate = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Won / (won + lost), in percent; open opportunities do not count.",
    )

    @property
    def _table_query(self):
        return SQL("SELECT %s FROM %s WHERE %s", self._select(), self._from(), self._where())

    @api.model
    def _select(self):
        """Return the columns of the analysis; extend with ``super()``.

        ``lead`` is the opportunity, ``customer`` its commercial partner.
        """
        time_zone = SQL("calendar.tz")
        opened = self._local_date_sql(SQL("lead.date_open"), time_zone)
        closed = self._local_date_sql(SQL("lead.date_closed"), time_zone)
        return SQL(
            """
            lead.id AS lead_id,
            lead.name,
            CASE lead.won_status WHEN 'pending' THEN 'open' ELSE lead.won_status END AS outcome,
            lead.stage_id,
            lead.lost_reason_id,
            customer.id AS partner_id,
            customer.industry_id,
            customer.country_id,
            lead.user_id,
            lead.team_id,
            COALESCE(team.parent_id, team.id) AS office_id,
            team.user_id AS manager_id,
            lead.company_id,
            company.currency_id,
            lead.campaign_id,
            lead.source_id,
            lead.medium_id,
            %(created)s AS date_created,
            %(opened)s AS date_open,
            lead.date_deadline,
            %(closed)s AS date_closed,
            CASE WHEN lead.won_status <> 'pending' THEN %(closed)s - %(opened)s END
                AS days_to_close,
            CASE lead.won_status WHEN 'won' THEN 100.0 WHEN 'lost' THEN 0.0 END AS win_rate
            """,
            created=self._local_date_sql(SQL("lead.create_date"), time_zone),
            opened=opened,
            closed=closed,
        )

    @api.model
    def _from(self):
        """Return the joined tables; extend with ``super()``."""
        return SQL(
            """
            crm_lead lead
            LEFT JOIN res_partner partner ON partner.id = lead.partner_id
            LEFT JOIN res_partner customer ON customer.id = partner.commercial_partner_id
            LEFT JOIN crm_team team ON team.id = lead.team_id
            LEFT JOIN res_company company ON company.id = COALESCE(lead.company_id, %s)
            LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
            """,
            self.env.company.id,
        )

    @api.model
    def _where(self):
        """Return which opportunities count."""
        return SQL("lead.type = 'opportunity' AND (lead.active OR lead.won_status <> 'pending')")
