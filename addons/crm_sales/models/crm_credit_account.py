from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL


class Exposure(NamedTuple):
    """What a customer may owe and what he owes, in company currency; a limit of 0 is none."""

    limit: float
    receivable: float
    orders: float

    @property
    def used(self):
        """What the customer owes, or will owe when his orders are invoiced."""
        return self.receivable + self.orders


class CrmCreditAccount(models.Model):
    """The row that is locked while a customer's credit is being used.

    Two confirmations at the same moment both write it: the second fails to serialise, is retried by
    the host, and counts the first one's order.
    """

    _name = "crm.credit.account"
    _description = "Credit of a Customer"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    date = fields.Datetime(string="Last Check", required=True)

    _partner_uniq = models.UniqueIndex("(partner_id, company_id)")

    @api.model
    def _lock(self, company, partners):
        """Lock the credit of these customers in a company until the transaction ends."""
        if not partners:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_credit_account (
                    partner_id, company_id, date, create_uid, create_date, write_uid, write_date)
                SELECT partner_id, %(company)s, NOW() AT TIME ZONE 'UTC',
                       %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
                  FROM UNNEST(%(partners)s) partner_id ORDER BY partner_id
                ON CONFLICT (partner_id, company_id)
                DO UPDATE SET date = EXCLUDED.date, write_date = EXCLUDED.write_date
                """,
                company=company.id,
                uid=self.env.uid,
                partners=partners.ids,
            )
        )

    @api.model
    def _read_open_orders(self, company, partners):
        """Return ``{partner_id: amount}`` of confirmed orders less what was invoiced of them.

        In company currency, taxes included, by the customer who is invoiced. One statement.
        """
        self.env["sale.order"].flush_model()
        self.env["sale.order.line"].flush_model(["order_id", "invoice_lines"])
        self.env["account.move"].flush_model(["state", "move_type", "currency_id", "amount_total"])
        self.env["account.move.line"].flush_model(["price_total", "move_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.commercial_partner_id,
                       SUM(GREATEST(so.amount_total - COALESCE(invoiced.amount, 0), 0)
                           / COALESCE(NULLIF(so.currency_rate, 0), 1))
                  FROM sale_order so
                  JOIN res_partner partner ON partner.id = so.partner_invoice_id
                  LEFT JOIN LATERAL (
                       SELECT SUM(CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END
                                  * line.price_total
                                  * CASE WHEN move.currency_id = so.currency_id THEN 1
                                         ELSE ABS(move.amount_total_signed
                                                  / NULLIF(move.amount_total, 0))
                                              * so.currency_rate END) AS amount
                         FROM sale_order_line sol
                         JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sol.id
                         JOIN account_move_line line ON line.id = rel.invoice_line_id
                         JOIN account_move move ON move.id = line.move_id
                        WHERE sol.order_id = so.id AND move.state = 'posted'
                       ) invoiced ON TRUE
                 WHERE so.state = 'sale' AND so.company_id = %s
                   AND partner.commercial_partner_id = ANY(%s)
                 GROUP BY 1
                """,
                company.id,
                partners.ids,
            )
        )
        return {partner_id: float(amount) for partner_id, amount in rows}

    @api.model
    def _read_exposure(self, company, partners):
        """Return ``{partner_id: Exposure}`` of customers: limit, receivable, open orders.

        A fixed number of queries, in company currency.
        """
        # sudo: limits and receivables decide about the order of who may not read them
        customers = partners.sudo().with_company(company)
        receivable = customers._open_receivable(company=company)
        orders = self._read_open_orders(company, customers)
        return {
            partner.id: Exposure(
                partner.credit_limit, receivable.get(partner.id, 0.0), orders.get(partner.id, 0.0)
            )
            for partner in customers
        }
