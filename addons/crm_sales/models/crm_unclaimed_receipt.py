from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.crm_customers.tools.matching import names

from ..tools.receipts import Evidence, find_numbers

# Instalments looked at for one page of suggestions.
MOST_CANDIDATES = 500


class CrmUnclaimedReceipt(models.Model):
    """Money of the bank that nobody knows the purpose of, as sales may see it.

    A view of statement lines in suspense and of customer payments that settle nothing. What the
    company hides from sales is hidden in the database, so no export or grouping reveals it.
    """

    _name = "crm.unclaimed.receipt"
    _description = "Unclaimed Bank Receipt"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "reference"
    _depends = {
        "account.bank.statement.line": [
            "amount",
            "amount_currency",
            "currency_id",
            "foreign_currency_id",
            "is_reconciled",
            "partner_id",
            "partner_name",
            "payment_ref",
        ],
        "account.move": ["company_id", "date", "ref", "state"],
        "account.payment": ["amount", "currency_id", "is_reconciled", "memo", "partner_id"],
        "crm.receipt": ["claimed_payment_id", "decision", "entry_id", "statement_line_id"],
        "res.company": ["crm_claim_mask"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Date(readonly=True)
    kind = fields.Selection(
        [("statement", "Bank Statement"), ("payment", "Payment")], string="From", readonly=True
    )
    payer_name = fields.Char(string="Payer", readonly=True)
    reference = fields.Char(string="Words of the Bank", readonly=True)
    amount = fields.Monetary(readonly=True, help="Hidden where the company wants it so.")
    currency_id = fields.Many2one("res.currency", readonly=True)
    receipt_id = fields.Many2one("crm.receipt", string="Claim", readonly=True)
    claimant_id = fields.Many2one("res.users", string="Claimed by", readonly=True)
    claimed = fields.Boolean(readonly=True)
    suggestion = fields.Char(
        compute="_compute_suggestion",
        help="The instalment of your customers that this money most likely pays, and why.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT source.id, source.company_id, source.date, source.kind, source.currency_id,
                   CASE WHEN company.crm_claim_mask = 'none' OR source.payer IS NULL
                        THEN source.payer
                        ELSE LEFT(source.payer, 2) || '***' END AS payer_name,
                   CASE WHEN company.crm_claim_mask = 'none' THEN source.reference
                        ELSE REGEXP_REPLACE(source.reference, '\\d{5,}(?=\\d{4})', '****', 'g')
                        END AS reference,
                   CASE WHEN company.crm_claim_mask = 'amount' THEN NULL ELSE source.amount
                        END AS amount,
                   receipt.id AS receipt_id,
                   receipt.user_id AS claimant_id,
                   receipt.id IS NOT NULL AS claimed
              FROM (%(statements)s UNION ALL %(payments)s) source
              JOIN res_company company ON company.id = source.company_id
              LEFT JOIN crm_receipt receipt
                ON receipt.decision IN ('draft', 'waiting', 'returned', 'confirmed')
               AND (receipt.statement_line_id = source.statement_line_id
                    OR receipt.claimed_payment_id = source.payment_id)
            """,
            statements=self._statements_sql(),
            payments=self._payments_sql(),
        )

    @api.model
    def _statements_sql(self):
        """Return the query of statement lines that stand in suspense, money that came in only."""
        return SQL(
            """
            SELECT 2 * line.id AS id, entry.company_id, entry.date, 'statement' AS kind,
                   COALESCE(line.foreign_currency_id, line.currency_id) AS currency_id,
                   COALESCE(NULLIF(line.partner_name, ''), partner.name) AS payer,
                   line.payment_ref AS reference,
                   CASE WHEN line.foreign_currency_id IS NULL THEN line.amount
                        ELSE line.amount_currency END AS amount,
                   line.id AS statement_line_id, NULL::int AS payment_id
              FROM account_bank_statement_line line
              JOIN account_move entry ON entry.id = line.move_id AND entry.state = 'posted'
              LEFT JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.is_reconciled IS NOT TRUE AND line.amount > 0
            """
        )

    @api.model
    def _payments_sql(self):
        """Return the query of posted payments of customers that settle nothing."""
        return SQL(
            """
            SELECT 2 * payment.id + 1, entry.company_id, entry.date, 'payment',
                   payment.currency_id, partner.name,
                   COALESCE(NULLIF(payment.memo, ''), entry.ref), payment.amount,
                   NULL::int, payment.id
              FROM account_payment payment
              JOIN account_move entry ON entry.id = payment.move_id AND entry.state = 'posted'
              LEFT JOIN res_partner partner ON partner.id = payment.partner_id
             WHERE payment.payment_type = 'inbound' AND payment.partner_type = 'customer'
               AND payment.is_reconciled IS NOT TRUE
               AND NOT EXISTS (
                    SELECT 1
                      FROM account_move_line item
                      JOIN account_account account
                        ON account.id = item.account_id
                       AND account.account_type = 'asset_receivable'
                      JOIN account_partial_reconcile partial
                        ON item.id IN (partial.debit_move_id, partial.credit_move_id)
                     WHERE item.move_id = entry.id)
               AND NOT EXISTS (
                    SELECT 1 FROM crm_receipt own
                     WHERE own.entry_id = entry.id AND own.claimed_payment_id IS NULL)
            """
        )

    # -- actions -----------------------------------------------------------------------------

    def action_claim(self):
        """Claim this money: open a receipt for it, filled with the most likely instalment.

        :raises UserError: a colleague claimed it, or it was reconciled meanwhile
        """
        self.ensure_one()
        self.check_access("read")
        self.env["crm.receipt"].check_access("create")
        if self.receipt_id:
            raise UserError(
                self.env._(
                    "%s claimed this money already.",
                    # sudo: the name of a colleague is no secret
                    self.sudo().claimant_id.name,
                )
            )
        values = self._prepare_claim_values()
        match = self._find_matches().get(self.id)
        # sudo: sales may neither read bank statements nor write where the money was found
        receipt = self.env["crm.receipt"].sudo().create(values)
        if match:
            receipt._allocate_to(match[0])
        self.invalidate_recordset()
        # sudo: gives the caller back the rights he came with
        return receipt.sudo(self.env.su)._get_records_action(name=self.env._("Claim"))

    def _get_sources(self):
        """Return ``{row id: statement line or payment}`` behind these rows, with all rights."""
        # sudo: sales may not read bank entries; what is taken from them is what a claim shows
        env = self.sudo().env
        payments = env["account.payment"].browse(row // 2 for row in self.ids if row % 2)
        lines = env["account.bank.statement.line"].browse(
            row // 2 for row in self.ids if not row % 2
        )
        return {2 * payment.id + 1: payment for payment in payments} | {
            2 * line.id: line for line in lines
        }

    def _prepare_claim_values(self):
        self.ensure_one()
        source = self._get_sources()[self.id]
        if not source.exists() or not source._crm_is_claimable():
            raise UserError(self.env._("This money was reconciled already. Reload the list."))
        values = {
            "user_id": self.env.uid,
            "company_id": source.company_id.id,
            "date": source.date,
            "journal_id": source.journal_id.id,
        }
        if source._name == "account.payment":
            return values | {
                "claimed_payment_id": source.id,
                "amount": source.amount,
                "currency_id": source.currency_id.id,
                "payer_name": source.partner_id.name,
                "reference": source.memo,
            }
        _liquidity, suspense, _others = source._seek_for_lines()
        return values | {
            "statement_line_id": source.id,
            "amount": -suspense.amount_currency,
            "currency_id": suspense.currency_id.id,
            "payer_name": source.partner_name or source.partner_id.name,
            "reference": source.payment_ref,
        }

    # -- suggestions -------------------------------------------------------------------------

    @api.depends("reference", "payer_name", "amount")
    @api.depends_context("uid")
    def _compute_suggestion(self):
        matches = self._find_matches()
        words = {
            "number": self.env._("contract number"),
            "name": self.env._("payer"),
            "amount": self.env._("amount"),
        }
        for row in self:
            line, evidence = matches.get(row.id, (None, None))
            row.suggestion = line and self.env._(
                "%(contract)s %(instalment)s (%(reasons)s)",
                contract=line.contract_id.display_name,
                instalment=line.name,
                reasons=self.env._(", ").join(
                    words[name] for name, found in evidence._asdict().items() if found
                ),
            )

    def _find_matches(self):
        """Return ``{row id: (instalment, Evidence)}``, the best match among what the user sees.

        The number of queries does not depend on the number of rows.
        """
        sources = {row: self._read_clues(source) for row, source in self._get_sources().items()}
        candidates = self._search_candidates(sources.values())
        by_company = candidates.grouped("company_id")
        found = {}
        for row in self:
            numbers, payer, amount = sources[row.id]
            best = None
            for line in by_company.get(row.company_id, ()):
                if line.currency_id != row.currency_id:
                    continue
                open_amount = line._get_collectable()
                evidence = Evidence(
                    line.contract_id.name.upper() in numbers,
                    bool(payer) and names.company(line.partner_id.name).key == payer,
                    not line.currency_id.compare_amounts(open_amount, amount),
                )
                if evidence.score and (best is None or evidence.score > best[1].score):
                    best = (line, evidence)
            if best:
                found[row.id] = best
        return found

    @api.model
    def _read_clues(self, source):
        """Return (numbers, key of the payer's name, amount) of what the bank really said."""
        if source._name == "account.payment":
            payer, text, amount = source.partner_id.name, source.memo, source.amount
        else:
            payer = source.partner_name or source.partner_id.name
            text, amount = source.payment_ref, source.amount_currency or source.amount
        return find_numbers(text), names.company(payer).key if payer else "", amount

    @api.model
    def _search_candidates(self, clues):
        """Return open instalments that the user may see and that any clue points at."""
        wanted = defaultdict(set)
        for numbers, payer, amount in clues:
            wanted["numbers"].update(numbers)
            wanted["amounts"].add(amount)
            if payer:
                wanted["payers"].add(payer)
        # sudo: keys are no secret; the instalments found by them are searched as the user
        keys = self.env["crm.dup.key"].sudo()
        partners = keys.search(
            [("kind", "=", "name"), ("key", "in", list(wanted["payers"]))], limit=MOST_CANDIDATES
        ).partner_id
        amounts = list(wanted["amounts"])
        return self.env["crm.payment.plan.line"].search(
            Domain("state", "in", ("due", "drafted", "invoiced", "partial"))
            & (
                Domain("contract_id.name", "in", list(wanted["numbers"]))
                | Domain("partner_id", "in", partners.ids)
                | Domain("amount_residual", "in", amounts)
                | Domain("amount_to_invoice", "in", amounts)
                | Domain("amount_drafted", "in", amounts)
            ),
            order="date_expected, id",
            limit=MOST_CANDIDATES,
        )
