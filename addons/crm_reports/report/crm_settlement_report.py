from odoo import fields, models
from odoo.tools import SQL


class CrmSettlementReport(models.Model):
    """One row per posted customer invoice: what was due, and how late it was settled.

    When an invoice was settled stands once, in crm_customers (``account.move._settlements_sql``).
    An open invoice has no days yet and is neither late nor on time; what is overdue now stands in
    ``crm.receivable.report``. Amounts are totals with taxes in company currency.
    """

    _name = "crm.settlement.report"
    _description = "Settlement Analysis"
    _inherit = ["crm.invoice.report.mixin"]
    _auto = False
    _order = "invoice_date desc, id desc"

    _ratio_fields = {"late_rate": ("late_count", "settled_count")}
    _depends = {
        "account.move": ["amount_total_signed", "crm_disputed", "invoice_date_due"],
    }

    date_due = fields.Date(string="Due Date", readonly=True)
    date_settled = fields.Date(string="Settled On", readonly=True)
    is_disputed = fields.Boolean(string="Disputed", readonly=True)
    is_late = fields.Boolean(string="Settled Late", readonly=True)
    amount = fields.Monetary(string="Invoiced", readonly=True)
    settled_amount = fields.Monetary(readonly=True)
    late_amount = fields.Monetary(string="Settled Late (Amount)", readonly=True)
    disputed_amount = fields.Monetary(readonly=True)
    settled_count = fields.Integer(string="Settled Invoices", readonly=True)
    late_count = fields.Integer(string="Late Invoices", readonly=True)
    disputed_count = fields.Integer(string="Disputed Invoices", readonly=True)
    late_rate = fields.Float(
        string="Settled Late (%)",
        readonly=True,
        aggregator="avg",
        help="Settled after the due date / settled, in percent.",
    )
    days_to_settle = fields.Integer(
        string="Days to Settle",
        readonly=True,
        aggregator="avg",
        help="Days from the invoice date to the day it was settled in full; empty while open.",
    )
    days_late = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Days from the due date to the day it was settled in full, 0 when in time; empty while"
        " open.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT move.id,
                   %s,
                   move.invoice_date_due AS date_due,
                   settled.date AS date_settled,
                   COALESCE(move.crm_disputed, FALSE) AS is_disputed,
                   COALESCE(settled.date > move.invoice_date_due, FALSE) AS is_late,
                   move.amount_total_signed AS amount,
                   CASE WHEN settled.date IS NOT NULL THEN move.amount_total_signed END
                       AS settled_amount,
                   CASE WHEN settled.date > move.invoice_date_due THEN move.amount_total_signed END
                       AS late_amount,
                   CASE WHEN move.crm_disputed THEN move.amount_total_signed END
                       AS disputed_amount,
                   (settled.date IS NOT NULL)::int AS settled_count,
                   COALESCE(settled.date > move.invoice_date_due, FALSE)::int AS late_count,
                   COALESCE(move.crm_disputed, FALSE)::int AS disputed_count,
                   CASE WHEN settled.date > move.invoice_date_due THEN 100.0
                        WHEN settled.date IS NOT NULL THEN 0.0 END AS late_rate,
                   settled.date - move.invoice_date AS days_to_settle,
                   CASE WHEN settled.date IS NOT NULL
                        THEN GREATEST(0, settled.date - move.invoice_date_due) END AS days_late
              FROM account_move move
              JOIN res_company company ON company.id = move.company_id
              LEFT JOIN res_partner customer ON customer.id = move.commercial_partner_id
              LEFT JOIN (%s) settled ON settled.move_id = move.id
             WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_receipt')
            """,
            self._select_document(),
            self.env["account.move"]._settlements_sql(),
        )
