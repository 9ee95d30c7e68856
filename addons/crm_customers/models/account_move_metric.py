from odoo import api, fields, models
from odoo.tools import SQL

from .crm_customer_metric import LEDGER_GROUPS


class AccountMove(models.Model):
    """Marks the customers whose figures change, and finds their documents by one index."""

    _inherit = "account.move"

    # Everything the figures of a customer read, so that the table itself is not touched.
    _crm_customer_idx = models.Index(
        "(commercial_partner_id, company_id)"
        " INCLUDE (invoice_date, move_type, amount_untaxed_signed)"
        " WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')"
    )

    crm_collected = fields.Monetary(
        string="Collected",
        compute="_compute_crm_collected",
        compute_sudo=True,
        currency_field="company_currency_id",
        groups=LEDGER_GROUPS,
        help="Money that arrived for this document, in the company's currency.",
    )

    @api.depends("amount_residual", "state")
    def _compute_crm_collected(self):
        cash = self._origin._cash_received()
        for move in self:
            received = cash.get(move._origin.id)
            move.crm_collected = received.amount_company if received else 0.0

    def _read_open_amounts(self, line_ids, as_of):
        """Return what is open on receivable lines: ``{line_id: amount}``, company currency.

        :param line_ids: ids of journal items; settled ones are left out of the answer
        :param as_of: ``datetime.date``
        """
        lines = SQL("SELECT unnest(%s::int[])", list(line_ids))
        query = self._receivable_entries_sql(as_of, lines)
        rows = self.env.execute_query(SQL("SELECT line_id, residual FROM (%s) entry", query))
        return {line_id: float(amount) for line_id, amount in rows}

    def _announce_cash_change(self):
        result = super()._announce_cash_change()
        # sudo: who posts need not be allowed to see every line, nor the customer
        moves = self.sudo()
        lines = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        customers = moves.commercial_partner_id | lines.partner_id.commercial_partner_id
        self.env["crm.customer.metric.queue"]._mark(customers.ids)
        return result
