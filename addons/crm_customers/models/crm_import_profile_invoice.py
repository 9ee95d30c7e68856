from odoo import Command, models
from odoo.exceptions import UserError

from ..tools.import_rows import Column, external_name, fold

MODEL = "account.move"
WORDS = {
    **dict.fromkeys(("yes", "y", "true", "x", "1", "是"), True),
    **dict.fromkeys(("no", "n", "false", "0", "否"), False),
}
# What a posted invoice cannot change by an import: column, and the invoice's field.
FIXED = {
    "amount": "amount_total",
    "invoice_date": "invoice_date",
    "due_date": "invoice_date_due",
    "customer_id": "commercial_partner_id",
}


class CrmImportProfileInvoice(models.AbstractModel):
    """Receivables taken over from another system: one customer invoice a row.

    Every row becomes a posted invoice with its own due date in a journal of its own, so that the
    company's own numbers go on undisturbed; the other system's number is its reference. The amount
    is what the customer owes, taxes included, and no tax is posted again. A row with the day it was
    settled gets its payment, posted in the first bank journal and reconciled on that day.

    A repeated file changes nothing; one that says later that an invoice was settled pays it.
    """

    _name = "crm.import.profile.invoice"
    _inherit = "crm.import.profile"
    _description = "Receivables"

    _import_model = MODEL
    _import_key = "invoice_number"
    _import_template = "/crm_customers/static/import/receivables.csv"

    def _get_import_columns(self):
        return (
            Column(
                "invoice_number",
                "ref",
                required=True,
                identifies=True,
                aliases=("发票号", "发票号码", "单据编号", "invoicenumber"),
            ),
            Column(
                "customer",
                "partner_id",
                required=True,
                identifies=True,
                aliases=("客户", "客户名称", "客户编号", "customer_id", "customerid"),
            ),
            Column(
                "invoice_date",
                "invoice_date",
                kind="date",
                required=True,
                identifies=True,
                aliases=("开票日期", "发票日期", "invoicedate"),
            ),
            Column(
                "due_date",
                "invoice_date_due",
                kind="date",
                required=True,
                identifies=True,
                aliases=("到期日", "应收日期", "duedate"),
            ),
            Column(
                "amount",
                "amount_total",
                kind="amount",
                required=True,
                identifies=True,
                aliases=("金额", "应收金额", "价税合计", "invoice_amount", "invoiceamount"),
            ),
            Column("currency", "currency_id", aliases=("币种", "货币")),
            Column("disputed", "crm_disputed", aliases=("有争议", "争议")),
            Column(
                "settled_date",
                "matched_payment_ids",
                kind="date",
                aliases=("结清日期", "收款日期", "settleddate"),
            ),
        )

    # ------------------------------------------------------------
    # Meaning
    # ------------------------------------------------------------

    def _resolve_rows(self, sheet):
        rows = sheet.good
        customers = self._index_customers(sheet.words("customer", rows))
        currencies = self._index_names("res.currency", [], sheet.words("currency", rows))
        for row in rows:
            row.values["partner_id"] = self._match(row, "customer", customers, "unknown_customer")
            currency_id = self._match(row, "currency", currencies, "unknown_currency")
            row.values["currency_id"] = currency_id or self.env.company.currency_id.id
            self._resolve_dispute(row)
        if not self._get_bank_journal():
            for row in rows:
                if row.values.get("settled_date"):
                    row.refuse("no_bank_journal", "settled_date")

    def _index_customers(self, words):
        """Return a ``NameIndex`` of customers by name; a reference goes before a name."""
        index = self._index_names("res.partner", [("parent_id", "=", False)], words)
        companies = [("is_company", "=", True)]
        index.join(self._index_names("res.partner", companies, words))
        found = self.env["res.partner"].search_fetch([("ref", "in", words)], ["ref"])
        for reference, partners in found.grouped("ref").items():
            if len(partners) == 1:
                index.settle(reference, partners.id)
        return index

    def _resolve_dispute(self, row):
        word = row.values.get("disputed")
        if word:
            row.values["is_disputed"] = WORDS.get(fold(word))
            if row.values["is_disputed"] is None:
                row.refuse("not_yes_or_no", "disputed")

    # ------------------------------------------------------------
    # Records
    # ------------------------------------------------------------

    def _save_rows(self, sheet):
        rows = sheet.good
        known = self._known_ids(MODEL, [self._external_name(row) for row in rows])
        invoices = {move.id: move for move in self.env[MODEL].browse(known.values())}
        partners = self.env["res.partner"].browse([row.values["partner_id"] for row in rows])
        for row, partner in zip(rows, partners, strict=True):
            row.values["customer_id"] = partner.commercial_partner_id
            invoice = invoices.get(known.get(self._external_name(row)))
            if invoice:
                self._compare(row, invoice)
        new = any(self._external_name(row) not in known for row in rows)
        journal = self._get_invoice_journal() if new else None
        entries = [
            self._make_entry(
                row,
                MODEL,
                self._external_name(row),
                self._prepare_values(row),
                None
                if self._external_name(row) in known
                else self._prepare_first_values(row, journal),
            )
            for row in rows
            if not row.refused
        ]
        self._save_entries(MODEL, entries)
        self._load_entries(MODEL, [(entry, {}) for entry in self._find_payable(entries)])
        self._settle(entries)

    def _external_name(self, row):
        """The external name of a row's invoice; numbers count within their company."""
        return external_name("invoice", self.env.company.id, row.values["invoice_number"])

    def _compare(self, row, invoice):
        """Refuse a row whose invoice stands in the ledger otherwise."""
        if invoice.state != "posted":
            row.refuse("not_posted", "invoice_number")
            return
        for column, field in FIXED.items():
            current, wanted = invoice[field], row.values[column]
            if column == "amount":
                differs = invoice.currency_id.compare_amounts(current, wanted)
                current = f"{current:.{invoice.currency_id.decimal_places}f}"
            else:
                differs = current != wanted
            if differs:
                used = getattr(current, "name", str(current))
                row.refuse("stands_otherwise", column.removesuffix("_id"), used=used)

    def _prepare_values(self, row):
        """Return the field values that the row says and that hold from now on."""
        if row.values.get("is_disputed") is None:
            return {}
        return {"crm_disputed": row.values["is_disputed"]}

    def _prepare_first_values(self, row, journal):
        """Return the values of an invoice that does not exist yet."""
        return {
            "move_type": "out_invoice",
            "journal_id": journal.id,
            "partner_id": row.values["partner_id"],
            "currency_id": row.values["currency_id"],
            # The customer's owner, not whoever happens to import.
            "invoice_user_id": row.values["customer_id"].user_id.id,
            "ref": row.values["invoice_number"],
            "payment_reference": row.values["invoice_number"],
            "invoice_date": row.values["invoice_date"],
            "invoice_date_due": row.values["due_date"],
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": row.values["invoice_number"],
                        "quantity": 1,
                        "price_unit": row.values["amount"],
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }

    def _try_entries(self, model, pending):
        """Create, post and settle all or none; return the host's error, or None."""
        if model != MODEL:
            return super()._try_entries(model, pending)
        entries = [entry for entry, _values in pending]
        before = [(entry.record_id, entry.outcome) for entry in entries]
        try:
            with self.env.cr.savepoint():
                error = super()._try_entries(model, pending)
                if error is None:
                    moves = self.env[MODEL].browse([entry.record_id for entry in entries])
                    moves.filtered(lambda move: move.state == "draft").action_post()
                    self._pay(self._find_payable(entries))
                return error
        except (UserError, ValueError) as error:
            for entry, (record_id, outcome) in zip(entries, before, strict=True):
                entry.record_id, entry.outcome = record_id, outcome
            return error

    def _find_payable(self, entries):
        """Return the entries whose row says that the invoice was settled, and the ledger not."""
        entries = [
            entry
            for entry in entries
            if entry.record_id and not entry.row.refused and entry.row.values.get("settled_date")
        ]
        invoices = self.env[MODEL].browse([entry.record_id for entry in entries])
        return [
            entry
            for entry, invoice in zip(entries, invoices, strict=True)
            if not invoice.currency_id.is_zero(invoice.amount_residual)
        ]

    def _pay(self, entries):
        """Register what is open of each invoice as arrived in the bank on the row's day."""
        if not entries:
            return
        journal = self._get_bank_journal()
        invoices = self.env[MODEL].browse([entry.record_id for entry in entries])
        payments = self.env["account.payment"].create(
            [
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": invoice.commercial_partner_id.id,
                    "amount": invoice.amount_residual,
                    "currency_id": invoice.currency_id.id,
                    "date": entry.row.values["settled_date"],
                    "journal_id": journal.id,
                    "memo": entry.row.values["invoice_number"],
                }
                for entry, invoice in zip(entries, invoices, strict=True)
            ]
        )
        payments.action_post()
        pairs = [
            (invoice.line_ids + payment.move_id.line_ids).filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled
            )
            for invoice, payment in zip(invoices, payments, strict=True)
        ]
        self.env["account.move.line"]._reconcile_plan(pairs)

    def _get_bank_journal(self):
        """Return the company's first bank journal, where imported payments are posted."""
        domain = [("type", "=", "bank"), ("company_id", "=", self.env.company.id)]
        return self.env["account.journal"].search(domain, limit=1)

    def _get_invoice_journal(self):
        """Return the company's journal of imported invoices; the first import makes it."""
        name = external_name("receivables_journal", self.env.company.id)
        known = self._known_ids("account.journal", [name])
        if known:
            return self.env["account.journal"].browse(known[name])
        domain = [("type", "=", "sale"), ("company_id", "=", self.env.company.id)]
        usual = self.env["account.journal"].search(domain, limit=1)
        values = {
            "name": self.env._("Imported Receivables"),
            "code": "IMPR",
            "type": "sale",
            "company_id": self.env.company.id,
            "default_account_id": usual.default_account_id.id,
            "show_on_dashboard": False,
        }
        # sudo: who may make invoices need not set up journals; this one is always the same
        journals = self.env["account.journal"].sudo()
        made = journals._load_records([{"xml_id": f"__import__.{name}", "values": values}])
        return made.with_env(self.env)

    # ------------------------------------------------------------
    # Words
    # ------------------------------------------------------------

    def _get_finding_texts(self):
        return super()._get_finding_texts() | {
            "unknown_customer": self.env._(
                "No customer has this name or reference; import the customers first or create it."
            ),
            "unknown_currency": self.env._("No such active currency."),
            "not_yes_or_no": self.env._("Write yes or no."),
            "no_bank_journal": self.env._(
                "The company has no bank journal for the payment; an accountant must add one."
            ),
            "not_posted": self.env._(
                "The invoice was taken over before and is not posted now; post or delete it first."
            ),
            "stands_otherwise": self.env._(
                "The invoice was taken over before with %(used)s here; correct it in the ledger."
            ),
        }
