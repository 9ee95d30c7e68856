"""A ledger of many invoices for benchmarks, written by SQL."""

from odoo.tools import SQL


def fill_ledger(env, customers, invoices, biggest=0):
    """Post documents straight into the tables: one receivable and one income line each.

    Nine of ten are paid. The customers are those named ``Benchmark``, made where there are none.

    :param customers: how many customers have documents
    :param invoices: how many documents there are
    :param biggest: how many of them the first customer has besides
    :return: the company
    """
    company = env["res.company"].search([], limit=1)
    journal = env["account.journal"].search(
        [("type", "=", "sale"), ("company_id", "=", company.id)], limit=1
    )
    receivable = env["account.account"].search([("account_type", "=", "asset_receivable")], limit=1)
    income = env["account.account"].search([("account_type", "=", "income")], limit=1)
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            INSERT INTO res_partner (name, complete_name, active, is_company, type, create_date,
                   write_date, autopost_bills)
            SELECT 'Benchmark ' || n, 'Benchmark ' || n, TRUE, TRUE, 'contact', now(), now(), 'ask'
              FROM generate_series(1, %s) n
             WHERE NOT EXISTS (SELECT FROM res_partner WHERE name LIKE 'Benchmark %%')
            """,
            customers,
        )
    )
    env.cr.execute(
        SQL(
            "UPDATE res_partner SET commercial_partner_id = id"
            " WHERE name LIKE 'Benchmark %%' AND commercial_partner_id IS NULL"
        )
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO account_move (name, state, move_type, journal_id, company_id, currency_id,
                   partner_id, commercial_partner_id, date, invoice_date, amount_untaxed_signed,
                   amount_total, amount_total_signed, amount_residual, amount_residual_signed,
                   auto_post, sequence_prefix, sequence_number)
            SELECT 'BENCH/' || n, 'posted', 'out_invoice', %(journal)s, %(company)s, %(currency)s,
                   p.id, p.id, d.day, d.day, amount, amount, amount, open, open, 'no', 'BENCH/', n
              FROM generate_series(1, %(count)s + %(biggest)s) n
              JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nth FROM res_partner
                     WHERE name LIKE 'Benchmark %%') p
                ON p.nth = CASE WHEN n > %(count)s THEN 1 ELSE 1 + n %% %(customers)s END,
                   LATERAL (SELECT CURRENT_DATE - n %% 1000 AS day) d,
                   LATERAL (SELECT 10 + n %% 977 AS amount) a,
                   LATERAL (SELECT CASE WHEN n %% 10 = 0 THEN amount ELSE 0 END AS open) o
            """,
            journal=journal.id,
            company=company.id,
            currency=company.currency_id.id,
            count=invoices,
            biggest=biggest,
            customers=customers,
        )
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO account_move_line (move_id, account_id, partner_id, company_id, journal_id,
                   currency_id, company_currency_id, date, date_maturity, parent_state,
                   display_type, balance, debit, credit, amount_currency, amount_residual,
                   amount_residual_currency, reconciled, name)
            SELECT m.id, side.account, m.partner_id, m.company_id, m.journal_id, m.currency_id,
                   m.currency_id, m.date, CASE WHEN side.sign > 0 THEN m.date + 30 END, 'posted',
                   side.type, side.sign * m.amount_total, GREATEST(side.sign * m.amount_total, 0),
                   GREATEST(-side.sign * m.amount_total, 0), side.sign * m.amount_total,
                   CASE WHEN side.sign > 0 THEN m.amount_residual ELSE 0 END,
                   CASE WHEN side.sign > 0 THEN m.amount_residual ELSE 0 END,
                   side.sign > 0 AND m.amount_residual = 0, m.name
              FROM account_move m,
                   (VALUES (%(receivable)s, 1, 'payment_term'), (%(income)s, -1, 'product'))
                       side(account, sign, type)
             WHERE m.sequence_prefix = 'BENCH/'
            """,
            receivable=receivable.id,
            income=income.id,
        )
    )
    _pay(env, journal, receivable)
    for table in ("res_partner", "account_move", "account_move_line", "account_partial_reconcile"):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.invalidate_all()
    return company


def _pay(env, journal, receivable):
    """Settle what is marked reconciled: one payment entry and one partial for each invoice."""
    bank = env["account.account"].search([("account_type", "=", "asset_cash")], limit=1)
    env.cr.execute(
        SQL(
            """
            INSERT INTO account_move (name, state, move_type, journal_id, company_id, currency_id,
                   partner_id, commercial_partner_id, date, amount_total, auto_post, ref,
                   sequence_prefix, sequence_number)
            SELECT 'BPAY/' || m.id, 'posted', 'entry', %(journal)s, m.company_id, m.currency_id,
                   m.partner_id, m.commercial_partner_id, LEAST(m.date + 20, CURRENT_DATE),
                   m.amount_total, 'no', m.id::text, 'BPAY/', m.id
              FROM account_move m
             WHERE m.sequence_prefix = 'BENCH/' AND m.amount_residual = 0
            """,
            journal=journal.id,
        )
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO account_move_line (move_id, account_id, partner_id, company_id, journal_id,
                   currency_id, company_currency_id, date, parent_state, display_type, balance,
                   debit, credit, amount_currency, amount_residual, amount_residual_currency,
                   reconciled, name)
            SELECT m.id, side.account, m.partner_id, m.company_id, m.journal_id, m.currency_id,
                   m.currency_id, m.date, 'posted', 'payment_term', side.sign * m.amount_total,
                   GREATEST(side.sign * m.amount_total, 0),
                   GREATEST(-side.sign * m.amount_total, 0), side.sign * m.amount_total, 0, 0,
                   side.sign < 0, m.name
              FROM account_move m,
                   (VALUES (%(receivable)s, -1), (%(bank)s, 1)) side(account, sign)
             WHERE m.sequence_prefix = 'BPAY/'
            """,
            receivable=receivable.id,
            bank=bank.id,
        )
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO account_partial_reconcile (debit_move_id, credit_move_id, amount,
                   debit_amount_currency, credit_amount_currency, debit_currency_id,
                   credit_currency_id, company_id, max_date)
            SELECT own.id, payment.id, own.balance, own.balance, own.balance, own.currency_id,
                   own.currency_id, own.company_id, payment.date
              FROM account_move m
              JOIN account_move_line payment
                ON payment.move_id = m.id AND payment.account_id = %(receivable)s
              JOIN account_move_line own
                ON own.move_id = m.ref::int AND own.account_id = %(receivable)s
             WHERE m.sequence_prefix = 'BPAY/'
            """,
            receivable=receivable.id,
        )
    )
