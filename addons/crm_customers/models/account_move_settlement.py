from odoo import api, fields, models
from odoo.tools import SQL

from .account_move import SETTLES


class AccountMove(models.Model):
    """When customer invoices were settled, by the ledger, and which ones customers dispute."""

    _inherit = "account.move"

    crm_disputed = fields.Boolean(
        string="Disputed",
        copy=False,
        tracking=True,
        help="The customer does not accept the invoice as it is.",
    )

    @api.model
    def _settlements_sql(self, move_ids=None):
        """Return the query of the customer invoices that are settled in full.

        Rows: ``move_id, date``, the day of the last reconciliation. However it was settled counts:
        by money, credit note or write-off. What was reconciled with an entry that is not posted
        settles nothing, see :meth:`_receivable_entries_sql`. Callers flush
        (:meth:`_flush_cash_sources`) before they execute it.

        :param move_ids: ``SQL`` that selects the ids of the documents to look at; None: all
        """
        asked = SQL() if move_ids is None else SQL("AND document.id IN (%s)", move_ids)
        return SQL(
            """
            SELECT line.move_id, MAX(settled.date) AS date
              FROM account_move document
              JOIN account_move_line line ON line.move_id = document.id
              JOIN account_account account
                ON account.id = line.account_id AND account.account_type = 'asset_receivable'
              LEFT JOIN LATERAL (
                    SELECT SUM(part.amount) AS amount, MAX(part.date) AS date
                      FROM (SELECT partial.amount, partial.max_date AS date
                              FROM account_partial_reconcile partial
                              JOIN account_move_line counterpart
                                ON counterpart.id = partial.credit_move_id AND %(settles)s
                             WHERE partial.debit_move_id = line.id
                             UNION ALL
                            SELECT -partial.amount, partial.max_date
                              FROM account_partial_reconcile partial
                              JOIN account_move_line counterpart
                                ON counterpart.id = partial.debit_move_id AND %(settles)s
                             WHERE partial.credit_move_id = line.id) part
                   ) settled ON TRUE
             WHERE document.state = 'posted'
               AND document.move_type IN ('out_invoice', 'out_receipt')
               %(asked)s
             GROUP BY line.move_id
            HAVING MAX(settled.date) IS NOT NULL
               AND BOOL_AND(line.balance = COALESCE(settled.amount, 0))
            """,
            settles=SETTLES,
            asked=asked,
        )
