from typing import NamedTuple

from odoo import fields, models
from odoo.tools import SQL


class CashReceived(NamedTuple):
    """Money that arrived for one document.

    :ivar float amount_currency: in the document's currency
    :ivar float amount_company: in the company's currency, at the rate of the payment's entry
    """

    amount_currency: float
    amount_company: float


NO_CASH = CashReceived(0.0, 0.0)

# Every reconciliation, once from each of its two sides.
LINKS = SQL(
    """
    SELECT id AS partial_id, max_date AS date, 1 AS direction,
           debit_move_id AS own_id, debit_amount_currency AS own_currency,
           credit_move_id AS counterpart_id, credit_amount_currency AS counterpart_currency
      FROM account_partial_reconcile
     UNION ALL
    SELECT id, max_date, -1,
           credit_move_id, credit_amount_currency, debit_move_id, debit_amount_currency
      FROM account_partial_reconcile
    """
)

# Whether a reconciliation with the line ``counterpart`` settles anything. The host keeps it when a
# payment is reset to draft.
SETTLES = SQL("counterpart.parent_state = 'posted'")


class AccountMove(models.Model):
    """Cash truth: how much money really arrived for a customer's document.

    The host's ``payment_state`` and ``amount_residual`` say how much of a document is *settled*;
    write-offs, credit notes and drafts settle without money. This says what was *collected*, and
    it is the only place that does; every addon asks here.
    """

    _inherit = "account.move"

    # Figures of a customer are read by it; the host has no index for it.
    commercial_partner_id = fields.Many2one(index=True)

    def _cash_received(self, as_of=None):
        """Return the money received for each document of ``self``.

        :param as_of: ``datetime.date``; ignore what happened later (None: everything)
        :return: ``{move_id: CashReceived}`` for every id of ``self``; paid-out credit notes are
            negative, anything but a posted customer document is zero
        """
        result = dict.fromkeys(self.ids, NO_CASH)
        if not self.ids:
            return result
        self._flush_cash_sources()
        rows = self.env.execute_query(
            SQL(
                "SELECT move_id, SUM(amount_currency), SUM(amount_company) FROM (%s) cash"
                " WHERE move_id = ANY(%s) GROUP BY move_id",
                self._cash_entries_sql(as_of, move_ids=self.ids),
                self.ids,
            )
        )
        result.update(
            (move_id, CashReceived(float(currency), float(company)))
            for move_id, currency, company in rows
        )
        return result

    def _cash_entries_sql(self, as_of=None, move_ids=None):
        """Return the query behind :meth:`_cash_received`, for reports to build on.

        One row per customer document and counterpart line it is reconciled with:
        ``partial_id, move_id, counterpart_move_id, counterpart_line_id, company_id, date,
        amount_currency, amount_company``.

        The cash share of a counterpart entry is its liquidity divided by its receivable: a
        payment of 60 with 40 written off stands with 100 against the receivable and is 60 cash.
        Liquidity is what went to a bank or cash account, or to the outstanding account of a
        payment. Invoices, credit notes, exchange differences and whatever is not posted have
        none. Shares are rounded cumulatively within a counterpart entry, so the parts of one
        payment add up to its money, to the cent.

        Callers flush (:meth:`_flush_cash_sources`) before they execute it.

        :param as_of: ``datetime.date`` or None
        :param move_ids: restrict the work to payments that touch these documents: ids, or ``SQL``
            that selects ids (the rows of other documents paid together with them come along)
        """
        touched, touching = SQL(), SQL()
        if move_ids is not None:
            wanted = move_ids
            if not isinstance(move_ids, SQL):
                wanted = SQL("SELECT unnest(%s::int[])", list(move_ids))
            # Materialised, so that the planner follows these few entries by index.
            touching = SQL("JOIN touched ON touched.move_id = entry.id")
            touched = SQL(
                """
                touched AS MATERIALIZED (
                    SELECT DISTINCT other.move_id
                      FROM account_move_line own
                      JOIN (%s) link ON link.own_id = own.id
                      JOIN account_move_line other ON other.id = link.counterpart_id
                     WHERE own.move_id IN (%s)
                ),""",
                LINKS,
                wanted,
            )
        until = SQL("AND link.date <= %s", as_of) if as_of else SQL()
        return SQL(
            """
            WITH %(touched)s side AS MATERIALIZED (
                SELECT link.partial_id,
                       link.date,
                       document.id AS move_id,
                       document.company_id,
                       document.currency_id,
                       counterpart.id AS counterpart_line_id,
                       counterpart.move_id AS counterpart_move_id,
                       link.direction,
                       link.own_currency,
                       link.counterpart_currency
                           * ABS(counterpart.balance / NULLIF(counterpart.amount_currency, 0))
                           AS counterpart_company
                  FROM account_move entry
                       %(touching)s
                  JOIN account_move_line counterpart ON counterpart.move_id = entry.id
                  JOIN (%(links)s) link ON link.counterpart_id = counterpart.id
                  JOIN account_move_line own ON own.id = link.own_id
                  JOIN account_move document ON document.id = own.move_id
                 WHERE document.state = 'posted'
                   AND document.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                   AND entry.state = 'posted'
                   AND entry.move_type = 'entry'
                   AND NOT EXISTS (SELECT 1 FROM account_partial_reconcile exchange
                                    WHERE exchange.exchange_move_id = entry.id)
                   %(until)s
            ), share AS MATERIALIZED (
                SELECT entry.id AS counterpart_move_id,
                       LEAST(1, GREATEST(0, COALESCE(
                           SUM(line.balance) FILTER (WHERE
                               account.account_type IN ('asset_cash', 'liability_credit_card')
                               OR line.account_id = payment.outstanding_account_id)
                           / NULLIF(-SUM(line.balance) FILTER (WHERE
                               account.account_type IN ('asset_receivable', 'liability_payable')
                               AND line.account_id
                                   IS DISTINCT FROM payment.outstanding_account_id), 0),
                           0))) AS share
                  FROM account_move entry
                  JOIN account_move_line line ON line.move_id = entry.id
                  JOIN account_account account ON account.id = line.account_id
                  LEFT JOIN account_payment payment ON payment.id = entry.origin_payment_id
                 WHERE entry.id IN (SELECT counterpart_move_id FROM side)
                 GROUP BY entry.id
            ), running AS (
                SELECT side.*,
                       own_unit.decimal_places AS own_places,
                       company_unit.decimal_places AS company_places,
                       share.share,
                       SUM(own_currency * share.share) OVER entry AS own_total,
                       SUM(counterpart_company * share.share) OVER entry AS company_total
                  FROM side
                  JOIN share USING (counterpart_move_id)
                  JOIN res_currency own_unit ON own_unit.id = side.currency_id
                  JOIN res_company company ON company.id = side.company_id
                  JOIN res_currency company_unit ON company_unit.id = company.currency_id
                 WHERE share.share > 0
                WINDOW entry AS (
                    PARTITION BY counterpart_move_id, side.currency_id, direction
                        ORDER BY partial_id)
            )
            SELECT partial_id, move_id, counterpart_move_id, counterpart_line_id, company_id, date,
                   direction * (ROUND(own_total, own_places)
                       - ROUND(own_total - own_currency * share, own_places))
                       AS amount_currency,
                   direction * (ROUND(company_total, company_places)
                       - ROUND(company_total - counterpart_company * share, company_places))
                       AS amount_company
              FROM running
            """,
            links=LINKS,
            touched=touched,
            touching=touching,
            until=until,
        )

    def _receivable_entries_sql(self, as_of, line_ids=None, recorded_to=None):
        """Return the query of all receivable lines still open at the end of ``as_of``.

        Rows: ``line_id, move_id, commercial_partner_id, company_id, date_due, residual`` (company
        currency, credits negative); lines settled by then are left out. A line without a partner
        has no customer. Reconciliations with entries that are not posted settle nothing. Callers
        flush first.

        :param as_of: ``datetime.date``, or an ``SQL`` expression of type date
        :param line_ids: ``SQL`` that selects the ids of the lines to look at; None: all
        :param recorded_to: ``datetime.date``; leave out payments and reconciliations after it, as
            if they had not been recorded yet
        """
        asked = SQL() if line_ids is None else SQL("AND line.id IN (%s)", line_ids)
        until = as_of
        if recorded_to:
            until = SQL("LEAST(%s, %s)", as_of, recorded_to)
            asked = SQL(
                """%s
               AND (line.date <= %s
                    OR EXISTS (SELECT 1 FROM account_move document
                                WHERE document.id = line.move_id
                                  AND document.move_type <> 'entry'))""",
                asked,
                recorded_to,
            )
        return SQL(
            """
            SELECT line.id AS line_id,
                   line.move_id,
                   customer.commercial_partner_id,
                   line.company_id,
                   COALESCE(line.date_maturity, line.date) AS date_due,
                   line.balance - COALESCE(paid.amount, 0) + COALESCE(used.amount, 0) AS residual
              FROM account_move_line line
              JOIN account_account account
                ON account.id = line.account_id AND account.account_type = 'asset_receivable'
              LEFT JOIN res_partner customer ON customer.id = line.partner_id
              LEFT JOIN LATERAL (
                    SELECT SUM(partial.amount) AS amount
                      FROM account_partial_reconcile partial
                      JOIN account_move_line counterpart
                        ON counterpart.id = partial.credit_move_id AND %(settles)s
                     WHERE partial.debit_move_id = line.id AND partial.max_date <= %(until)s
                   ) paid ON TRUE
              LEFT JOIN LATERAL (
                    SELECT SUM(partial.amount) AS amount
                      FROM account_partial_reconcile partial
                      JOIN account_move_line counterpart
                        ON counterpart.id = partial.debit_move_id AND %(settles)s
                     WHERE partial.credit_move_id = line.id AND partial.max_date <= %(until)s
                   ) used ON TRUE
             WHERE line.parent_state = 'posted'
               AND line.date <= %(as_of)s
               %(asked)s
               AND line.balance - COALESCE(paid.amount, 0) + COALESCE(used.amount, 0) <> 0
            """,
            as_of=as_of,
            until=until,
            asked=asked,
            settles=SETTLES,
        )

    def _open_residuals(self):
        """Return what is open on each document of ``self``, in the document's currency.

        The host's residual, but what was reconciled with an entry that is not posted is open: the
        same rule as that of :meth:`_receivable_entries_sql`.

        :return: ``{move_id: amount}`` for every id of ``self``
        """
        result = {move.id: move.amount_residual for move in self}
        if not result:
            return result
        self._flush_cash_sources()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT own.move_id, SUM(link.own_currency)
                  FROM account_move_line own
                  JOIN (%s) link ON link.own_id = own.id
                  JOIN account_move_line counterpart ON counterpart.id = link.counterpart_id
                 WHERE own.move_id = ANY(%s) AND NOT (%s)
                 GROUP BY own.move_id
                """,
                LINKS,
                self.ids,
                SETTLES,
            )
        )
        for move_id, amount in rows:
            result[move_id] += float(amount)
        return result

    def _flush_cash_sources(self):
        """Write pending changes of everything the cash query reads."""
        for name in (
            "account.move",
            "account.move.line",
            "account.partial.reconcile",
            "account.payment",
        ):
            self.env[name].flush_model()

    # -- announcements -------------------------------------------------------------------------

    def _on_cash_changed(self):
        """Hook: the cash received for the documents of ``self`` may have changed.

        Called after reconciling and unreconciling, and when a document or a payment's entry is
        posted, reset to draft or cancelled. Addons refresh the amounts they store, set-based, from
        :meth:`_cash_received`. Extend with ``super()``.
        """

    def _announce_cash_change(self):
        """Call :meth:`_on_cash_changed` on the customer documents among and behind ``self``."""
        # sudo: who posts a payment need not be allowed to see every document it settles
        moves = self.sudo()
        documents = moves.filtered(lambda move: move.is_sale_document(include_receipts=True))
        entries = moves - documents
        if entries:
            documents |= entries._reconciled_sale_documents()
        if documents:
            documents._on_cash_changed()

    def _reconciled_sale_documents(self):
        """Return the customer documents whose receivable is reconciled with entries of ``self``."""
        partials = self.env["account.partial.reconcile"].search(
            [
                "|",
                ("debit_move_id.move_id", "in", self.ids),
                ("credit_move_id.move_id", "in", self.ids),
            ]
        )
        moves = (partials.debit_move_id | partials.credit_move_id).move_id
        return moves.filtered(lambda move: move.is_sale_document(include_receipts=True))

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._announce_cash_change()
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._announce_cash_change()
        return result

    def button_cancel(self):
        result = super().button_cancel()
        self._announce_cash_change()
        return result
