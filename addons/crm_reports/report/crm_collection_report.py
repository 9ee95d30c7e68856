from odoo import fields, models
from odoo.tools import SQL


class CrmCollectionReport(models.Model):
    """One row per arrival of money for a customer document: the cash truth of crm_customers.

    Write-offs, credit notes, drafts and exchange differences are not cash; money paid back on a
    credit note is negative. Amounts are in company currency at the rate of the payment's entry.
    """

    _name = "crm.collection.report"
    _description = "Collection Analysis"
    _inherit = ["crm.invoice.report.mixin"]
    _auto = False
    _order = "date desc, id desc"

    payment_move_id = fields.Many2one("account.move", string="Payment Entry", readonly=True)
    date = fields.Date(string="Collected On", readonly=True)
    amount = fields.Monetary(string="Collected", readonly=True)
    days_to_pay = fields.Integer(
        string="Days to Pay",
        readonly=True,
        aggregator="avg",
        help="Days from the invoice date to the arrival of the money.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT cash.partial_id AS id,
                   %s,
                   cash.counterpart_move_id AS payment_move_id,
                   cash.date,
                   cash.amount_company AS amount,
                   cash.date - move.invoice_date AS days_to_pay
              FROM (%s) cash
              JOIN account_move move ON move.id = cash.move_id
              JOIN res_company company ON company.id = move.company_id
              LEFT JOIN res_partner customer ON customer.id = move.commercial_partner_id
            """,
            self._select_document(),
            self.env["account.move"]._cash_entries_sql(),
        )
