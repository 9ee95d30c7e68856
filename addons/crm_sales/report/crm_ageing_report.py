from odoo import api, fields, models
from odoo.tools import SQL

# The keys begin with a figure, because the host sorts groups by them.
BUCKETS = [
    ("0_not_due", "Not Due"),
    ("1_days_30", "1–30 Days"),
    ("2_days_60", "31–60 Days"),
    ("3_days_90", "61–90 Days"),
    ("4_days_180", "91–180 Days"),
    ("5_days_365", "181–365 Days"),
    ("6_older", "Over One Year"),
]


class CrmAgeingReport(models.Model):
    """Receivables open at the end of a day, by salesperson, contract and instalment (账龄).

    What is open stands once, in crm_customers; here each open item is shared out to the
    instalments it invoices, in proportion to their lines, to the cent. So the sum is the
    receivable of the ledger on that day, whatever it is grouped by. Items for no instalment, and
    credits not used yet (negative), are "not planned". Amounts are in the company's currency.

    The day comes from the context key ``crm_as_of`` (an ISO date); without it, today.
    """

    _name = "crm.ageing.report"
    _description = "Ageing of Receivables"
    _auto = False
    _order = "date_due, id"
    _rec_name = "move_id"
    _depends = {
        "account.move": ["commercial_partner_id", "crm_contract_id", "invoice_user_id", "state"],
        "account.move.line": ["balance", "crm_plan_line_id", "date_maturity", "price_total"],
        "account.partial.reconcile": ["amount", "max_date"],
        "crm.payment.plan.line": ["contract_id", "team_id", "user_id"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    contract_id = fields.Many2one("crm.contract", readonly=True)
    plan_line_id = fields.Many2one("crm.payment.plan.line", string="Instalment", readonly=True)
    planned = fields.Selection(
        [("planned", "Planned"), ("not_planned", "Not Planned")], string="Plan", readonly=True
    )
    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    move_type = fields.Selection(
        selection=lambda self: self.env["account.move"]._fields["move_type"].selection,
        string="Kind",
        readonly=True,
    )
    date = fields.Date(readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    days_overdue = fields.Integer(
        string="Days Late", readonly=True, aggregator="max", help="Negative: not due yet."
    )
    bucket = fields.Selection(BUCKETS, string="Ageing", readonly=True)
    residual = fields.Monetary(string="Open", readonly=True)
    overdue = fields.Monetary(
        readonly=True, help="The open amount of items past their due date on that day."
    )

    @api.model
    def _get_as_of(self):
        """Return the day at whose end the receivables are shown."""
        given = self.env.context.get("crm_as_of")
        return fields.Date.to_date(given) or fields.Date.context_today(self)

    @property
    def _table_query(self):
        as_of = self._get_as_of()
        return SQL(
            """
            WITH entry AS MATERIALIZED (%(entries)s),
            weight AS (
                SELECT item.move_id, item.crm_plan_line_id AS plan_line_id,
                       SUM(item.price_total) AS weight,
                       ROW_NUMBER() OVER (
                           PARTITION BY item.move_id ORDER BY item.crm_plan_line_id) AS ordinal
                  FROM account_move_line item
                  JOIN account_move document ON document.id = item.move_id
                 WHERE item.move_id IN (SELECT move_id FROM entry)
                   AND document.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                   AND item.display_type = 'product'
                 GROUP BY item.move_id, item.crm_plan_line_id
            ), part AS (
                SELECT entry.*, weight.plan_line_id, COALESCE(weight.ordinal, 1) AS ordinal,
                       weight.weight, unit.decimal_places AS places,
                       company.currency_id AS unit_id,
                       SUM(weight.weight) OVER (PARTITION BY entry.line_id) AS whole,
                       SUM(weight.weight) OVER (
                           PARTITION BY entry.line_id ORDER BY weight.ordinal) AS upto
                  FROM entry
                  JOIN res_company company ON company.id = entry.company_id
                  JOIN res_currency unit ON unit.id = company.currency_id
                  LEFT JOIN weight ON weight.move_id = entry.move_id
            ), amount AS (
                SELECT part.*,
                       CASE WHEN COALESCE(whole, 0) = 0
                            THEN CASE WHEN ordinal = 1 THEN residual ELSE 0 END
                            ELSE ROUND(residual * upto / whole, places)
                               - ROUND(residual * (upto - weight) / whole, places)
                            END AS share,
                       %(as_of)s - date_due AS days_overdue
                  FROM part
            )
            SELECT amount.line_id::bigint * 1000 + amount.ordinal AS id,
                   amount.company_id,
                   amount.unit_id AS currency_id,
                   amount.commercial_partner_id AS partner_id,
                   COALESCE(
                       instalment.user_id,
                       CASE WHEN document.move_type <> 'entry' THEN document.invoice_user_id END,
                       customer.user_id) AS user_id,
                   COALESCE(instalment.team_id, document.team_id) AS team_id,
                   COALESCE(instalment.contract_id, document.crm_contract_id) AS contract_id,
                   amount.plan_line_id,
                   CASE WHEN amount.plan_line_id IS NULL THEN 'not_planned' ELSE 'planned' END
                       AS planned,
                   amount.move_id,
                   document.move_type,
                   COALESCE(document.invoice_date, document.date) AS date,
                   amount.date_due,
                   amount.days_overdue,
                   CASE WHEN amount.days_overdue <= 0 THEN '0_not_due'
                        WHEN amount.days_overdue <= 30 THEN '1_days_30'
                        WHEN amount.days_overdue <= 60 THEN '2_days_60'
                        WHEN amount.days_overdue <= 90 THEN '3_days_90'
                        WHEN amount.days_overdue <= 180 THEN '4_days_180'
                        WHEN amount.days_overdue <= 365 THEN '5_days_365'
                        ELSE '6_older' END AS bucket,
                   amount.share AS residual,
                   CASE WHEN amount.days_overdue > 0 THEN amount.share END AS overdue
              FROM amount
              JOIN account_move document ON document.id = amount.move_id
              LEFT JOIN crm_payment_plan_line instalment ON instalment.id = amount.plan_line_id
              LEFT JOIN res_partner customer ON customer.id = amount.commercial_partner_id
             WHERE amount.share <> 0
            """,
            entries=self.env["account.move"]._receivable_entries_sql(as_of),
            as_of=as_of,
        )

    def action_open_item(self):
        """Open the document behind this item, as far as the user may read it."""
        self.ensure_one()
        if self.move_id.has_access("read"):
            return self.move_id._get_records_action()
        return self.plan_line_id._get_records_action() if self.plan_line_id else False
