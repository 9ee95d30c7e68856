from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_service.models.crm_service_sla_target import METRICS, PRIORITIES
from odoo.addons.crm_service.models.crm_service_ticket import CHANNELS

RESULTS = [
    ("met", "Kept"),
    ("late", "Late"),
    ("overdue", "Overdue"),
    ("running", "Still in Time"),
]


class CrmSlaReport(models.Model):
    """One row per service clock: what became of the promise.

    ``met`` was kept, ``late`` was fulfilled after its deadline, ``overdue`` is past its deadline
    and still open, ``running`` is open and in time (or held). Void promises do not appear.
    Compliance = met / (met + late + overdue): what is open and in time does not count yet, what is
    overdue counts as broken.
    """

    _name = "crm.sla.report"
    _description = "Service Level Analysis"
    _inherit = ["crm.report.mixin"]
    _auto = False
    _order = "date_started desc, id desc"
    _source_field = "ticket_id"

    _depends = {
        "crm.service.sla.clock": [
            "breached_at",
            "company_id",
            "deadline",
            "elapsed_s",
            "metric",
            "policy_id",
            "started_at",
            "stopped_at",
            "target_s",
            "ticket_id",
            "void",
        ],
        "crm.service.ticket": [
            "category_id",
            "channel",
            "commercial_partner_id",
            "contract_id",
            "priority",
            "team_id",
            "user_id",
        ],
        "res.company": ["resource_calendar_id"],
        "resource.calendar": ["tz"],
    }

    ticket_id = fields.Many2one("crm.service.ticket", readonly=True)
    metric = fields.Selection(METRICS, string="Promise", readonly=True)
    result = fields.Selection(RESULTS, readonly=True)
    policy_id = fields.Many2one("crm.service.sla.policy", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    contract_id = fields.Many2one("crm.contract", readonly=True)
    user_id = fields.Many2one("res.users", string="Agent", readonly=True)
    service_team_id = fields.Many2one("crm.service.team", readonly=True)
    category_id = fields.Many2one("crm.service.category", readonly=True)
    priority = fields.Selection(PRIORITIES, readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date_started = fields.Date(string="Promised On", readonly=True)
    deadline = fields.Datetime(readonly=True)
    met_count = fields.Integer(string="Kept Promises", readonly=True)
    broken_count = fields.Integer(string="Broken Promises", readonly=True, help="Late or overdue.")
    running_count = fields.Integer(string="Still in Time", readonly=True)
    compliance = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Kept / (kept + late + overdue), in percent; promises still in time do not count.",
    )
    used_hours = fields.Float(
        string="Working Hours Used",
        readonly=True,
        aggregator="avg",
        help="Up to the last change of the clock.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT clock.*,
                   (result = 'met')::int AS met_count,
                   (result IN ('late', 'overdue'))::int AS broken_count,
                   (result = 'running')::int AS running_count,
                   CASE WHEN result = 'met' THEN 100.0
                        WHEN result IN ('late', 'overdue') THEN 0.0 END AS compliance
              FROM (
                SELECT clock.id,
                       clock.ticket_id,
                       clock.metric,
                       clock.policy_id,
                       ticket.commercial_partner_id AS partner_id,
                       ticket.contract_id,
                       ticket.user_id,
                       ticket.team_id AS service_team_id,
                       ticket.category_id,
                       ticket.priority,
                       ticket.channel,
                       clock.company_id,
                       %(started)s AS date_started,
                       clock.deadline,
                       clock.elapsed_s / 3600.0 AS used_hours,
                       CASE WHEN clock.stopped_at IS NOT NULL AND clock.breached_at IS NULL
                            THEN 'met'
                            WHEN clock.stopped_at IS NOT NULL THEN 'late'
                            WHEN clock.breached_at IS NOT NULL OR clock.deadline < %(now)s
                            THEN 'overdue'
                            ELSE 'running' END AS result
                  FROM crm_service_sla_clock clock
                  JOIN crm_service_ticket ticket ON ticket.id = clock.ticket_id
                  LEFT JOIN res_company company ON company.id = clock.company_id
                  LEFT JOIN resource_calendar calendar
                    ON calendar.id = company.resource_calendar_id
                 WHERE clock.void IS NOT TRUE
              ) clock
            """,
            started=self._local_date_sql(SQL("clock.started_at"), SQL("calendar.tz")),
            now=fields.Datetime.now(),
        )
