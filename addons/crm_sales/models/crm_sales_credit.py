from odoo import api, fields, models
from odoo.tools import SQL

BASES = [
    ("signed", "Signed"),
    ("invoiced", "Invoiced"),
    ("collected", "Collected"),
    ("margin", "Margin"),
    ("customer", "New Customers"),
]
BATCH = 500
LOCK = "crm_sales_credit"


class CrmSalesCredit(models.Model):
    """What one document counts for one seller: signed, invoiced, collected, margin, new customer.

    The one place where targets and commission read what was achieved. Written by
    :meth:`_refresh`, which compares the credits of documents that changed with what the documents
    say now; amounts are in the company's currency at the rate of the document.

    Owns: derived rows, one per (source, basis, seller). Who: the program; sellers read their own,
    leaders those of the teams they lead.
    Twice at once: the unique index refuses a second row of the same source; one job at a time.
    Half of it: credits, commission lines and the marks they come from change in one transaction.
    A million rows: read by seller, team and company with basis and day, each one index.
    """

    _name = "crm.sales.credit"
    _description = "Sales Credit"
    _order = "date desc, id desc"
    _rec_name = "document"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    basis = fields.Selection(BASES, required=True)
    date = fields.Date(required=True)
    user_id = fields.Many2one("res.users", string="Salesperson", ondelete="restrict")
    team_id = fields.Many2one(
        "crm.team", string="Sales Team", ondelete="set null", index="btree_not_null"
    )
    partner_id = fields.Many2one("res.partner", string="Customer", index="btree_not_null")
    document = fields.Char(required=True)
    doc_key = fields.Char(required=True, index=True, help="The document, e.g. move:7.")
    source_key = fields.Char(
        required=True, help="What counts: the document, or one reconciliation of it."
    )
    contract_id = fields.Many2one("crm.contract", index="btree_not_null", ondelete="cascade")
    order_id = fields.Many2one(
        "sale.order", string="Sales Order", index="btree_not_null", ondelete="cascade"
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", index="btree_not_null", ondelete="cascade"
    )
    partial_id = fields.Many2one(
        "account.partial.reconcile",
        string="Reconciliation",
        index="btree_not_null",
        ondelete="set null",
    )
    payment_name = fields.Char(string="Payment Entry")
    percent = fields.Float(string="Share (%)", digits=(16, 4), aggregator=None)
    # Not monetary: a share of a customer is no amount of money.
    amount = fields.Float(string="Amount without Tax", digits=0)
    amount_taxed = fields.Float(
        string="Amount", digits=0, help="With tax. For new customers: the share of one customer."
    )

    _source_uniq = models.UniqueIndex(
        "(source_key, basis, COALESCE(user_id, 0))", "This is credited already."
    )
    _user_idx = models.Index("(user_id, basis, date) INCLUDE (company_id, amount_taxed)")
    _team_idx = models.Index("(team_id, basis, date) INCLUDE (company_id, amount_taxed)")
    _company_idx = models.Index("(company_id, basis, date) INCLUDE (amount_taxed)")
    _customer_idx = models.Index(
        "(partner_id, company_id, date) WHERE basis IN ('signed', 'invoiced')"
    )

    @api.model
    def _cron_process(self, limit=BATCH):
        """Deal with the documents that changed, a batch per transaction; safe to kill."""
        cron = self.env["ir.cron"]
        queue = self.env["crm.sales.queue"]
        cron._commit_progress(remaining=queue.search_count([]))
        while self._process(limit):
            cron._commit_progress(limit)

    @api.model
    def _process(self, limit=BATCH):
        """Deal with a batch of changed documents in this transaction.

        :return: number of documents dealt with; 0 when none is left or another session is at it
        """
        [(free,)] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(hashtext(%s))", LOCK)
        )
        keys = self.env["crm.sales.queue"]._take(limit) if free else []
        if keys:
            # sudo: credits are the program's, from documents of everybody
            self.sudo()._refresh(keys)
        return len(keys)

    @api.model
    def _refresh(self, keys):
        """Make the credits, the commission and the targets follow the documents ``keys``.

        :param keys: document keys such as ``contract:3``, ``order:5``, ``move:7``
        """
        changed = self._replace([("doc_key", "in", keys)], self._expect(keys))
        changed |= self._refresh_customers(changed)
        self.env["crm.commission.line"]._settle(keys)
        self.env["crm.target"]._refresh_attained(
            {(company.id, basis, date.replace(day=1)) for company, _p, basis, date in changed}
        )

    @api.model
    def _replace(self, domain, expected):
        """Write the difference between the rows of ``domain`` and the expected values.

        :param expected: list of values of rows
        :return: what changed, ``{(company, customer, basis, date)}``
        """
        existing = self.search(domain)
        names = list(expected[0]) if expected else []
        wanted = {self._fingerprint(values): values for values in expected}
        stale = self.browse()
        for row in existing:
            mark = self._fingerprint({name: row[name] for name in names})
            if not names or wanted.pop(mark, None) is None:
                stale |= row
        changed = {(row.company_id, row.partner_id, row.basis, row.date) for row in stale}
        stale.unlink()
        fresh = self.create(list(wanted.values()))
        return changed | {(row.company_id, row.partner_id, row.basis, row.date) for row in fresh}

    @staticmethod
    def _fingerprint(values):
        """Return what makes a row differ from another one, from its values or its fields."""
        plain = (
            value.id if isinstance(value, models.BaseModel) else value
            for _name, value in sorted(values.items())
        )
        return tuple(
            round(value, 4) if isinstance(value, float) else value or False for value in plain
        )

    @api.model
    def _refresh_customers(self, changed):
        """Credit the first deal of each customer among ``changed`` to its sellers."""
        partners = {partner.id for _c, partner, _b, _d in changed if partner}
        if not partners:
            return set()
        self.flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH first AS (
                    SELECT DISTINCT ON (company_id, partner_id)
                           company_id, partner_id, source_key, basis
                      FROM crm_sales_credit
                     WHERE partner_id = ANY(%s) AND basis IN ('signed', 'invoiced')
                       AND amount_taxed > 0
                     ORDER BY company_id, partner_id, date, source_key
                )
                SELECT credit.company_id, credit.date, credit.user_id, credit.team_id,
                       credit.partner_id, credit.document, credit.contract_id, credit.order_id,
                       credit.move_id, credit.percent,
                       'customer:' || credit.company_id || ':' || credit.partner_id AS source_key
                  FROM crm_sales_credit credit
                  JOIN first USING (source_key, basis)
                """,
                list(partners),
            )
        )
        return self._replace(
            [("partner_id", "in", list(partners)), ("basis", "=", "customer")],
            [
                {
                    **row,
                    "doc_key": row["source_key"],
                    "basis": "customer",
                    "percent": float(row["percent"]),
                    "amount": float(row["percent"]) / 100,
                    "amount_taxed": float(row["percent"]) / 100,
                }
                for row in rows
            ],
        )

    def action_open_document(self):
        """Open the contract, order or invoice behind this credit."""
        self.ensure_one()
        document = self.move_id or self.contract_id or self.order_id
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "view_mode": "form",
        }
