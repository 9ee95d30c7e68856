from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import health

LEVELS = [("good", "Good"), ("watch", "To Watch"), ("risk", "At Risk")]
RFM_CLASSES = [
    ("champion", "Champions"),
    ("loyal", "Loyal"),
    ("recent", "Recent"),
    ("fading", "Fading"),
    ("occasional", "Occasional"),
    ("lapsed", "Lapsed"),
]
# Who sees amounts of the ledger; everybody else sees scores without figures.
LEDGER_GROUPS = "account.group_account_readonly,account.group_account_invoice"


class CrmCustomerMetric(models.Model):
    """What the ledger says of a customer, per company: figures, RFM and health.

    Owns: one row per customer and company with posted documents or open receivables. Who: written
    by the refresh alone; scores are read with the customer, amounts by accounting roles.
    Twice at once: one refresh at a time holds a lock, the other leaves it to the next run.
    Half of it: a refresh is one statement. A million rows: full by documents, else by what changed.
    """

    _name = "crm.customer.metric"
    _description = "Customer Figures"
    _order = "score, id"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Owner")
    invoiced_total = fields.Monetary(
        string="Invoiced",
        readonly=True,
        groups=LEDGER_GROUPS,
        help="Posted invoices less credit notes, without tax.",
    )
    invoiced_year = fields.Monetary(
        string="Invoiced in 12 Months", readonly=True, groups=LEDGER_GROUPS
    )
    invoiced_before = fields.Monetary(
        string="Invoiced in the 12 Months Before", readonly=True, groups=LEDGER_GROUPS
    )
    collected_total = fields.Monetary(
        string="Collected",
        readonly=True,
        groups=LEDGER_GROUPS,
        help="Money that arrived for invoices, less what was paid back.",
    )
    open_amount = fields.Monetary(string="Receivable", readonly=True, groups=LEDGER_GROUPS)
    overdue_amount = fields.Monetary(string="Overdue", readonly=True, groups=LEDGER_GROUPS)
    overdue_since = fields.Date(readonly=True, groups=LEDGER_GROUPS)
    invoice_count = fields.Integer(string="Invoices", readonly=True, groups=LEDGER_GROUPS)
    invoice_count_year = fields.Integer(
        string="Invoices in 12 Months", readonly=True, groups=LEDGER_GROUPS
    )
    first_invoice_date = fields.Date(string="First Invoice", readonly=True, groups=LEDGER_GROUPS)
    last_invoice_date = fields.Date(string="Last Invoice", readonly=True, groups=LEDGER_GROUPS)
    rfm_recency = fields.Integer(string="Recency", readonly=True, aggregator="avg")
    rfm_frequency = fields.Integer(string="Frequency", readonly=True, aggregator="avg")
    rfm_monetary = fields.Integer(string="Monetary Value", readonly=True, aggregator="avg")
    rfm_class = fields.Selection(RFM_CLASSES, string="RFM Class", readonly=True, index=True)
    score = fields.Integer(string="Health", readonly=True, aggregator="avg", index=True)
    level = fields.Selection(LEVELS, string="Health Level", readonly=True, index=True)

    _customer_uniq = models.Constraint(
        "UNIQUE (partner_id, company_id)", "A customer has one row of figures per company."
    )

    @api.model
    def _get_today(self, company):
        """Return the day where the company works: figures are the same for every reader."""
        zone = company.resource_calendar_id.tz or "UTC"
        return fields.Date.context_today(self.with_context(tz=zone))

    @api.model
    def _read_stored(self, company, partner):
        """Return the stored figures of one customer, and whether they are those of this moment.

        :return: dict of columns, all None without a row, and ``is_current``; ``last_deal``, the day
            of the customer's last deal, is of this moment
        """
        self.env.flush_all()
        [row] = self.env.execute_query_dict(
            SQL(
                """
                SELECT own.*,
                       EXISTS (SELECT 1 FROM crm_customer_metric_run run
                                WHERE run.company_id = %(company)s AND run.date = %(today)s)
                       AND NOT EXISTS (SELECT 1 FROM crm_customer_metric_queue queue
                                        WHERE queue.partner_id = %(partner)s) AS is_current,
                       (SELECT MAX(deal.date) FROM (%(deals)s) deal
                         WHERE deal.partner_id = %(partner)s) AS last_deal
                  FROM (VALUES (1)) one
                  LEFT JOIN crm_customer_metric own
                    ON own.partner_id = %(partner)s AND own.company_id = %(company)s
                """,
                company=company.id,
                partner=partner.id,
                today=self._get_today(company),
                deals=partner._crm_deals_sql(),
            )
        )
        return row

    @api.model
    def _make_facts(self, figures, followup, today):
        """Return the facts of a score.

        :param figures: a row of this model, or a dict of its columns
        :param followup: moment of the last follow-up, naive UTC, or False
        :param today: ``datetime.date`` in the company's time zone
        """
        since, last = figures["overdue_since"], figures["last_invoice_date"]
        return health.Facts(
            overdue_amount=figures["overdue_amount"],
            overdue_days=(today - since).days if since else 0,
            silent_days=(today - last).days if last else None,
            untouched_days=(today - followup.date()).days if followup else None,
            invoiced=figures["invoiced_year"],
            invoiced_before=figures["invoiced_before"],
        )

    def action_open_customer(self):
        """Open the customer of this row."""
        self.ensure_one()
        return self.partner_id.get_formview_action()
