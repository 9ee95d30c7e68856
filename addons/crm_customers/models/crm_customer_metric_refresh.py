import time

from odoo import api, models
from odoo.tools import SQL

from ..tools import health, rfm

DOCUMENTS = SQL("state = 'posted' AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')")
# Columns that the ledger decides, in the order of the fresh rows.
FIGURES = (
    "invoiced_total",
    "invoiced_year",
    "invoiced_before",
    "invoice_count",
    "invoice_count_year",
    "first_invoice_date",
    "last_invoice_date",
    "open_amount",
    "overdue_amount",
    "overdue_since",
    "score",
    "level",
)
CASH = "collected_total"
LOCK = "crm_customer_metric"


def _case(value, bands):
    """Return SQL that gives the points of the first band a value reaches, else 0."""
    whens = [SQL("WHEN %s >= %s THEN %s", value, least, points) for least, points in bands]
    return SQL("CASE %s ELSE 0 END", SQL(" ").join(whens))


def _points_sql(today):
    """Return the health of a row of ``ledger`` in SQL: the arithmetic of ``tools/health``."""
    overdue = SQL(
        "CASE WHEN overdue_amount <= 0 THEN 0"
        " WHEN overdue_amount * 100 < invoiced_year * %s THEN LEAST(%s, %s) ELSE %s END",
        health.MINOR_PERCENT,
        health.MINOR_POINTS,
        _case(SQL("%s - overdue_since", today), health.OVERDUE_DAYS),
        _case(SQL("%s - overdue_since", today), health.OVERDUE_DAYS),
    )
    decline = SQL(
        "CASE WHEN invoiced_before <= 0 THEN 0 ELSE %s END",
        _case(
            SQL("FLOOR((invoiced_before - invoiced_year) * 100 / NULLIF(invoiced_before, 0))"),
            health.DECLINE_PERCENT,
        ),
    )
    return SQL(
        "CASE WHEN last_invoice_date IS NOT NULL"
        " THEN GREATEST(0, 100 - (%s) - (%s) - (%s) - (%s))::int END",
        overdue,
        _case(SQL("%s - last_invoice_date", today), health.SILENT_DAYS),
        decline,
        SQL(
            "CASE WHEN last_followup IS NULL THEN %s ELSE %s END",
            health.UNTOUCHED_DAYS[0][1],
            _case(SQL("%s - last_followup::date", today), health.UNTOUCHED_DAYS),
        ),
    )


def _level_sql():
    whens = [SQL("WHEN score >= %s THEN %s", least, name) for least, name in health.LEVELS]
    return SQL("CASE %s END", SQL(" ").join(whens))


class CrmCustomerMetric(models.Model):
    """Reads the figures from the ledger by sets: all of them at night, the changed ones by day."""

    _inherit = "crm.customer.metric"

    @api.model
    def _cron_refresh_changed(self):
        """Refresh the customers whose documents changed; costs grow with their number."""
        if self._lock():
            self._refresh_changed()

    @api.model
    def _cron_refresh_all(self):
        """Read everything again: days have passed, and what any hook may have missed heals."""
        if not self._lock():
            return
        self.env["crm.customer.metric.queue"]._take()
        runs = []
        for company in self.env["res.company"].search([("active", "=", True)]):
            start = time.monotonic()
            changed = self._refresh(company) + self._rank(company)
            runs.append(
                {
                    "company_id": company.id,
                    "date": self._get_today(company),
                    "changed": changed,
                    "seconds": time.monotonic() - start,
                }
            )
        self.env["crm.customer.metric.run"].create(runs)

    @api.model
    def _lock(self):
        """Whether this transaction is the one that refreshes; it is until its end."""
        [[mine]] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(hashtext(%s))", LOCK)
        )
        return mine

    @api.model
    def _refresh_changed(self):
        """Refresh whoever is in the queue; return the number of rows written."""
        ids = self.env["crm.customer.metric.queue"]._take()
        if not ids:
            return 0
        companies = self.env["res.company"].search([("active", "=", True)])
        return sum(self._refresh(company, ids) for company in companies)

    @api.model
    def _refresh(self, company, ids=None, cash=True):
        """Write the figures of a company's customers where they differ from the ledger.

        :param ids: commercial partners to look at; None: all
        :param cash: read the money collected as well; without it the stored amount stays
        :return: number of rows written
        """
        names = [*FIGURES, *([CASH] if cash else [])]
        columns = SQL(", ").join(map(SQL.identifier, names))
        fresh = SQL(", ").join(SQL.identifier("fresh", name) for name in names)
        own = SQL(", ").join(SQL.identifier("own", name) for name in names)
        self._flush_sources()
        [[count]] = self.env.execute_query(
            SQL(
                """
                WITH fresh AS MATERIALIZED (%(query)s), gone AS (
                    DELETE FROM crm_customer_metric own
                     WHERE own.company_id = %(company)s AND %(asked)s AND NOT EXISTS (
                        SELECT 1 FROM fresh WHERE fresh.partner_id = own.partner_id)
                 RETURNING 1
                ), changed AS (
                    UPDATE crm_customer_metric own SET (%(columns)s) = ROW (%(fresh)s)
                      FROM fresh
                     WHERE own.partner_id = fresh.partner_id AND own.company_id = %(company)s
                       AND (%(own)s) IS DISTINCT FROM (%(fresh)s)
                 RETURNING 1
                ), added AS (
                    INSERT INTO crm_customer_metric (partner_id, company_id, %(columns)s)
                    SELECT fresh.partner_id, %(company)s, %(fresh)s
                      FROM fresh
                     WHERE NOT EXISTS (
                        SELECT 1 FROM crm_customer_metric known
                         WHERE known.partner_id = fresh.partner_id
                           AND known.company_id = %(company)s)
                 RETURNING 1
                )
                SELECT (SELECT COUNT(*) FROM gone) + (SELECT COUNT(*) FROM changed)
                       + (SELECT COUNT(*) FROM added)
                """,
                query=self._fresh_sql(company, ids, cash),
                company=company.id,
                asked=SQL("TRUE") if ids is None else SQL("own.partner_id = ANY(%s)", list(ids)),
                columns=columns,
                fresh=fresh,
                own=own,
            )
        )
        self.invalidate_model()
        return count

    @api.model
    def _read_fresh(self, company, ids):
        """Return the figures of customers as the ledger has them now: ``{partner_id: {...}}``."""
        self._flush_sources()
        names = ["partner_id", *FIGURES, CASH]
        query = self._fresh_sql(company, ids, cash=True)
        columns = SQL(", ").join(map(SQL.identifier, names))
        rows = self.env.execute_query(SQL("SELECT %s FROM (%s) fresh", columns, query))
        return {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in rows}

    @api.model
    def _flush_sources(self):
        self.env["account.move"]._flush_cash_sources()
        self.env["res.partner"].flush_model(["commercial_partner_id", "crm_last_followup"])

    @api.model
    def _fresh_sql(self, company, ids, cash):
        """Return the query of the figures: ``partner_id``, ``FIGURES``, and ``collected_total``."""
        today = SQL("%s::date", self._get_today(company))
        moves = self.env["account.move"]
        mine = SQL("m.company_id = %s", company.id)
        if ids is not None:
            mine = SQL("%s AND m.commercial_partner_id = ANY(%s)", mine, list(ids))
        collected = SQL("0::numeric AS collected_total")
        cash_join = SQL()
        if cash:
            collected = SQL("COALESCE(cash.amount, 0) AS collected_total")
            cash_join = SQL(
                "LEFT JOIN (%s) cash ON cash.partner_id = ledger.partner_id",
                self._cash_sql(company, mine, ids),
            )
        return SQL(
            """
            WITH ledger AS (
                SELECT COALESCE(doc.partner_id, open.partner_id) AS partner_id,
                       COALESCE(doc.invoiced_total, 0) AS invoiced_total,
                       COALESCE(doc.invoiced_year, 0) AS invoiced_year,
                       COALESCE(doc.invoiced_before, 0) AS invoiced_before,
                       COALESCE(doc.invoice_count, 0) AS invoice_count,
                       COALESCE(doc.invoice_count_year, 0) AS invoice_count_year,
                       doc.first_invoice_date, doc.last_invoice_date,
                       COALESCE(open.open_amount, 0) AS open_amount,
                       COALESCE(open.overdue_amount, 0) AS overdue_amount,
                       open.overdue_since
                  FROM (%(documents)s) doc
                  FULL JOIN (
                    SELECT commercial_partner_id AS partner_id,
                           SUM(residual) AS open_amount,
                           SUM(residual) FILTER (WHERE date_due < %(today)s) AS overdue_amount,
                           MIN(date_due) FILTER (WHERE date_due < %(today)s AND residual > 0)
                               AS overdue_since
                      FROM (%(receivable)s) entry
                     WHERE company_id = %(company)s AND commercial_partner_id IS NOT NULL
                     GROUP BY commercial_partner_id
                  ) open ON open.partner_id = doc.partner_id
            ), judged AS (
                SELECT ledger.*, p.crm_last_followup AS last_followup, %(collected)s
                  FROM ledger
                  JOIN res_partner p ON p.id = ledger.partner_id
                       %(cash)s
            ), scored AS (
                SELECT judged.*, %(points)s AS score FROM judged
            )
            SELECT scored.*, %(level)s AS level FROM scored
            """,
            documents=self._documents_sql(mine, today),
            receivable=moves._receivable_entries_sql(today, self._open_lines_sql(today, ids)),
            company=company.id,
            today=today,
            collected=collected,
            cash=cash_join,
            points=_points_sql(today),
            level=_level_sql(),
        )

    def _documents_sql(self, mine, today):
        return SQL(
            """
            SELECT m.commercial_partner_id AS partner_id,
                   SUM(m.amount_untaxed_signed) AS invoiced_total,
                   SUM(m.amount_untaxed_signed) FILTER (
                       WHERE m.invoice_date > (%(today)s - interval '1 year')::date)
                       AS invoiced_year,
                   SUM(m.amount_untaxed_signed) FILTER (
                       WHERE m.invoice_date <= (%(today)s - interval '1 year')::date
                         AND m.invoice_date > (%(today)s - interval '2 years')::date)
                       AS invoiced_before,
                   COUNT(*) FILTER (WHERE m.move_type <> 'out_refund') AS invoice_count,
                   COUNT(*) FILTER (WHERE m.move_type <> 'out_refund'
                       AND m.invoice_date > (%(today)s - interval '1 year')::date)
                       AS invoice_count_year,
                   MIN(m.invoice_date) FILTER (WHERE m.move_type <> 'out_refund')
                       AS first_invoice_date,
                   MAX(m.invoice_date) FILTER (WHERE m.move_type <> 'out_refund')
                       AS last_invoice_date
              FROM account_move m
             WHERE %(documents)s AND %(mine)s AND m.commercial_partner_id IS NOT NULL
             GROUP BY m.commercial_partner_id
            """,
            today=today,
            documents=DOCUMENTS,
            mine=mine,
        )

    def _cash_sql(self, company, mine, ids):
        documents = None
        if ids is not None:
            documents = SQL("SELECT m.id FROM account_move m WHERE %s AND %s", DOCUMENTS, mine)
        return SQL(
            "SELECT m.commercial_partner_id AS partner_id, SUM(entry.amount_company) AS amount"
            " FROM (%s) entry JOIN account_move m ON m.id = entry.move_id"
            " WHERE %s GROUP BY m.commercial_partner_id",
            self.env["account.move"]._cash_entries_sql(move_ids=documents),
            mine,
        )

    def _open_lines_sql(self, today, ids):
        """Return the query of the receivable lines that can be open; the others are settled.

        Of all lines: those the host has not marked reconciled, and those it has although the
        counterpart is not posted, or will be reconciled only after today.
        """
        if ids is not None:
            # An array, so that the plan starts from these customers and not from the ledger.
            return SQL(
                """
                SELECT unnest(ARRAY(
                    SELECT line.id FROM account_move_line line
                      JOIN res_partner p ON p.id = line.partner_id
                     WHERE p.commercial_partner_id = ANY(%s) AND line.account_id IN (
                        SELECT id FROM account_account WHERE account_type = 'asset_receivable')))
                """,
                list(ids),
            )
        return SQL(
            """
            SELECT line.id FROM account_move_line line
             WHERE line.reconciled IS NOT TRUE AND line.account_id IN (
                SELECT id FROM account_account WHERE account_type = 'asset_receivable')
             UNION
            SELECT side.id FROM account_partial_reconcile partial,
                   LATERAL unnest(ARRAY[partial.debit_move_id, partial.credit_move_id]) side(id)
             WHERE partial.max_date > %s
             UNION
            SELECT partial.debit_move_id FROM account_move m
              JOIN account_move_line line ON line.move_id = m.id
              JOIN account_partial_reconcile partial ON partial.credit_move_id = line.id
             WHERE m.state <> 'posted'
             UNION
            SELECT partial.credit_move_id FROM account_move m
              JOIN account_move_line line ON line.move_id = m.id
              JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
             WHERE m.state <> 'posted'
            """,
            today,
        )

    @api.model
    def _rank(self, company):
        """Write the RFM scores of a company's buyers where they changed; return how many did.

        Recency by the last invoice; frequency and monetary value of the last 12 months. Ranks are
        among all buyers, so they are set at night only.
        """
        value = SQL("GREATEST(frequency, monetary)")
        classes = SQL(" ").join(
            SQL(
                "WHEN recency BETWEEN %s AND %s AND %s BETWEEN %s AND %s THEN %s",
                recent,
                recent_to,
                value,
                least,
                most,
                name,
            )
            for name, recent, recent_to, least, most in rfm.CLASSES
        )
        rows = self.env.execute_query(
            SQL(
                """
                WITH ranked AS (
                    SELECT id,
                           1 + %(fifths)s * (RANK() OVER (ORDER BY last_invoice_date) - 1)
                               / COUNT(*) OVER () AS recency,
                           1 + %(fifths)s * (RANK() OVER (ORDER BY invoice_count_year) - 1)
                               / COUNT(*) OVER () AS frequency,
                           CASE WHEN invoiced_year <= 0 THEN 1 ELSE
                           1 + %(fifths)s * (RANK() OVER (ORDER BY invoiced_year) - 1)
                               / COUNT(*) OVER () END AS monetary
                      FROM crm_customer_metric
                     WHERE company_id = %(company)s AND last_invoice_date IS NOT NULL
                ), named AS (
                    SELECT ranked.*, CASE %(classes)s END AS class FROM ranked
                )
                UPDATE crm_customer_metric own
                   SET rfm_recency = named.recency, rfm_frequency = named.frequency,
                       rfm_monetary = named.monetary, rfm_class = named.class
                  FROM named
                 WHERE named.id = own.id
                   AND (own.rfm_recency, own.rfm_frequency, own.rfm_monetary, own.rfm_class)
                       IS DISTINCT FROM
                       (named.recency, named.frequency, named.monetary, named.class)
             RETURNING own.id
                """,
                fifths=rfm.FIFTHS,
                company=company.id,
                classes=classes,
            )
        )
        self.invalidate_model()
        return len(rows)
