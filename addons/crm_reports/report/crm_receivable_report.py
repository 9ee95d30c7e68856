from odoo import api, fields, models
from odoo.tools import SQL

BUCKETS = [
    ("not_due", "Not Due"),
    ("days_30", "1–30 Days"),
    ("days_60", "31–60 Days"),
    ("days_90", "61–90 Days"),
    ("days_120", "91–120 Days"),
    ("older", "Over 120 Days"),
]


class CrmReceivableReport(models.Model):
    """One row per receivable line that is open on a day, from the ledger.

    What is open stands once, in crm_customers: the balance of a posted line less what was
    reconciled up to the day. Credits that are not yet used are negative. A line is late by the days
    from its due date to the day.

    The day is today, or the context's ``crm_as_of``. With ``crm_recorded_to`` in the context, what
    was paid after that day is left out, as if it had not been recorded yet.
    """

    _name = "crm.receivable.report"
    _description = "Receivable Analysis"
    _inherit = ["crm.invoice.report.mixin"]
    _auto = False
    _order = "date_due, id"

    date_due = fields.Date(string="Due Date", readonly=True)
    bucket = fields.Selection(BUCKETS, string="Ageing", readonly=True)
    days_overdue = fields.Integer(readonly=True, aggregator="avg", help="Negative: not due yet.")
    residual = fields.Monetary(string="Open Amount", readonly=True)
    overdue = fields.Monetary(readonly=True, help="The open amount of lines past their due date.")

    @api.model
    def _get_as_of(self):
        """Return the day at whose end the receivables are open."""
        as_of = fields.Date.to_date(self.env.context.get("crm_as_of"))
        return as_of or fields.Date.context_today(self)

    @property
    def _table_query(self):
        as_of = self._get_as_of()
        return SQL(
            """
            SELECT line.line_id AS id,
                   %(document)s,
                   line.date_due,
                   line.days_overdue,
                   CASE WHEN line.days_overdue <= 0 THEN 'not_due'
                        WHEN line.days_overdue <= 30 THEN 'days_30'
                        WHEN line.days_overdue <= 60 THEN 'days_60'
                        WHEN line.days_overdue <= 90 THEN 'days_90'
                        WHEN line.days_overdue <= 120 THEN 'days_120'
                        ELSE 'older' END AS bucket,
                   line.residual,
                   CASE WHEN line.days_overdue > 0 THEN line.residual END AS overdue
              FROM (SELECT entry.*, %(as_of)s - entry.date_due AS days_overdue
                      FROM (%(entries)s) entry) line
              JOIN account_move move ON move.id = line.move_id
              JOIN res_company company ON company.id = line.company_id
              LEFT JOIN res_partner customer ON customer.id = line.commercial_partner_id
            """,
            document=self._select_document(),
            as_of=as_of,
            entries=self.env["account.move"]._receivable_entries_sql(
                as_of, recorded_to=fields.Date.to_date(self.env.context.get("crm_recorded_to"))
            ),
        )
