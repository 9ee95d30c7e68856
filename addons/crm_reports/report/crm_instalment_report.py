from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_sales.models.crm_instalment_ledger_mixin import STATES


class CrmInstalmentReport(models.Model):
    """One row per instalment of a contract, in company currency.

    The figures are the instalment's own. An instalment agreed in another currency counts at the
    host's rate of the day it is expected, or of today while that lies ahead; without any rate its
    amounts stay empty and ``rate_missing`` says so.
    """

    _name = "crm.instalment.report"
    _description = "Instalment Analysis"
    _inherit = ["crm.report.mixin"]
    _auto = False
    _order = "date_expected, id"
    _source_field = "contract_id"

    _depends = {
        "crm.payment.plan.line": [
            "amount",
            "amount_collected",
            "amount_credited",
            "amount_invoiced",
            "amount_refunded",
            "company_id",
            "contract_id",
            "currency_id",
            "date_expected",
            "due_date",
            "event",
            "name",
            "partner_id",
            "state",
            "team_id",
            "user_id",
        ],
        "res.company": ["currency_id"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "res.partner": ["industry_id"],
    }

    line_id = fields.Many2one("crm.payment.plan.line", string="Instalment", readonly=True)
    name = fields.Char(string="Title", readonly=True)
    contract_id = fields.Many2one("crm.contract", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    industry_id = fields.Many2one("res.partner.industry", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    state = fields.Selection(STATES, string="Status", readonly=True)
    date_expected = fields.Date(string="Expected On", readonly=True)
    due_date = fields.Date(readonly=True)
    amount = fields.Monetary(string="Agreed", readonly=True)
    invoiced = fields.Monetary(readonly=True, help="On posted invoices less credit notes.")
    collected = fields.Monetary(readonly=True, help="Money that arrived less money paid back.")
    outstanding = fields.Monetary(readonly=True, help="Agreed less collected.")
    rate_missing = fields.Boolean(string="Exchange Rate Missing", readonly=True)

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT part.id,
                   part.id AS line_id,
                   part.name,
                   part.contract_id,
                   part.partner_id,
                   part.industry_id,
                   part.user_id,
                   part.team_id,
                   part.company_id,
                   part.currency_id,
                   part.state,
                   part.date_expected,
                   part.due_date,
                   ROUND(part.amount * part.factor, part.decimal_places) AS amount,
                   ROUND(part.invoiced * part.factor, part.decimal_places) AS invoiced,
                   ROUND(part.collected * part.factor, part.decimal_places) AS collected,
                   CASE WHEN part.state NOT IN ('settled', 'cancelled') THEN
                       ROUND(part.amount * part.factor, part.decimal_places)
                       - ROUND(part.collected * part.factor, part.decimal_places)
                   END AS outstanding,
                   part.factor IS NULL AS rate_missing
              FROM (
                SELECT line.id, line.name, line.contract_id, line.partner_id, line.user_id,
                       line.team_id, line.company_id, line.state, line.date_expected,
                       line.due_date, line.amount,
                       customer.industry_id,
                       company.currency_id,
                       unit.decimal_places,
                       COALESCE(line.amount_invoiced, 0) - COALESCE(line.amount_credited, 0)
                           AS invoiced,
                       COALESCE(line.amount_collected, 0) - COALESCE(line.amount_refunded, 0)
                           AS collected,
                       %s AS factor
                  FROM crm_payment_plan_line line
                  JOIN res_company company ON company.id = line.company_id
                  JOIN res_currency unit ON unit.id = company.currency_id
                  LEFT JOIN res_partner customer ON customer.id = line.partner_id
              ) part
            """,
            self._factor_sql(today),
        )

    @api.model
    def _factor_sql(self, today):
        """Return the SQL of what one unit of the contract's currency is worth."""
        return self._converted_sql(
            SQL("1.0"),
            SQL("line.currency_id"),
            SQL("company"),
            SQL("LEAST(COALESCE(line.date_expected, %(today)s), %(today)s)", today=today),
        )
