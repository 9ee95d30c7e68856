from odoo import api, fields, models
from odoo.tools import SQL

from .crm_customer_metric import LEDGER_GROUPS


class ResPartner(models.Model):
    """How a customer pays: days until its invoices are settled, and days late."""

    _inherit = "res.partner"

    crm_days_to_settle = fields.Float(
        string="Average Days to Settle",
        compute="_compute_crm_settlement",
        compute_sudo=True,
        digits=(16, 1),
        groups=LEDGER_GROUPS,
        help="Days from the invoice to the day it was settled in full, on average over all"
        " settled invoices of the company.",
    )
    crm_days_late = fields.Float(
        string="Average Days Late",
        compute="_compute_crm_settlement",
        compute_sudo=True,
        digits=(16, 1),
        groups=LEDGER_GROUPS,
        help="Days from the due date to the day the invoice was settled in full, on average over"
        " all settled invoices of the company; in time counts as 0.",
    )
    crm_settled_count = fields.Integer(
        string="Settled Invoices",
        compute="_compute_crm_settlement",
        compute_sudo=True,
        groups=LEDGER_GROUPS,
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_crm_settlement(self):
        figures = self._read_settlement_figures()
        for partner in self:
            found = figures.get(partner.commercial_partner_id._origin.id, (0, 0, 0))
            partner.crm_settled_count = found[0]
            partner.crm_days_to_settle, partner.crm_days_late = found[1:]

    def _read_settlement_figures(self):
        """Return how the customers settled their invoices of the current company.

        One query for any number of customers.

        :return: ``{commercial_partner_id: (settled invoices, average days to settle, average days
            late)}``; customers without a settled invoice are left out
        """
        moves = self.env["account.move"]
        moves._flush_cash_sources()
        documents = SQL(
            "SELECT id FROM account_move WHERE commercial_partner_id = ANY(%s) AND company_id = %s"
            " AND state = 'posted' AND move_type IN ('out_invoice', 'out_receipt')",
            self.commercial_partner_id._origin.ids,
            self.env.company.id,
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.commercial_partner_id,
                       COUNT(*),
                       AVG(settled.date - move.invoice_date),
                       AVG(GREATEST(0, settled.date - move.invoice_date_due))
                  FROM (%s) settled
                  JOIN account_move move ON move.id = settled.move_id
                 GROUP BY move.commercial_partner_id
                """,
                moves._settlements_sql(documents),
            )
        )
        return {
            partner_id: (count, float(days), float(late)) for partner_id, count, days, late in rows
        }
