from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools.receipts import propose

FINANCE_GROUP = "account.group_account_invoice"
LEDGER_READERS = "account.group_account_readonly,account.group_account_invoice"
METHODS = [
    ("transfer", "Bank Transfer"),
    ("cash", "Cash"),
    ("cheque", "Cheque"),
    ("acceptance", "Bank Acceptance Draft"),
    ("wallet", "WeChat or Alipay"),
    ("other", "Other"),
]
DECISIONS = [
    ("draft", "Draft"),
    ("waiting", "Waiting for Finance"),
    ("returned", "Returned"),
    ("confirmed", "Confirmed"),
    ("cancelled", "Cancelled"),
]
# What only the program writes: decisions, and what they led to.
DECISION_FIELDS = frozenset(
    {
        "name",
        "decision",
        "state",
        "entry_id",
        "statement_line_id",
        "claimed_payment_id",
        "former_partner_id",
        "decided_uid",
        "decided_date",
        "decision_note",
    }
)
# What finance completes while a receipt waits.
FINANCE_FIELDS = frozenset({"journal_id", "allocation_ids"})
# What a claimed bank receipt says by itself.
SOURCE_FIELDS = frozenset({"amount", "currency_id", "date", "company_id"})
EDITABLE = ("draft", "returned")


class CrmReceipt(models.Model):
    """Money that a customer paid (回款登记): sales says so, finance confirms it in the ledger.

    Owns: what was registered or claimed, for which instalments, and who decided.
    Who: the salesperson registers, who may make invoices decides, accounting reads.
    Twice at once: deciding locks the row and writes it; a second session is retried by the host
    and told who was first. One claim per bank receipt, by unique indexes.
    Half of it: payment, reconciliation and decision are one transaction.
    A million rows: the waiting ones have an index of their own; lists go by customer and date.
    """

    _name = "crm.receipt"
    _description = "Receipt"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, default="/", copy=False)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index=True,
        check_company=True,
        ondelete="restrict",
        domain="[('crm_is_customer', '=', True)]",
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        tracking=True,
    )
    payer_name = fields.Char(
        string="Payer", help="Who paid, as the bank says, where it is not the customer itself."
    )
    date = fields.Date(
        string="Received on", required=True, default=fields.Date.context_today, tracking=True
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        tracking=True,
    )
    amount = fields.Monetary(required=True, tracking=True)
    method = fields.Selection(METHODS, required=True, default="transfer")
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank or Cash",
        check_company=True,
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        domain="[('type', 'in', ('bank', 'cash'))]",
        help="Where the money arrived; finance chooses when it confirms.",
    )
    reference = fields.Char(help="Number of the transfer, cheque or draft; words of the bank.")
    slip = fields.Binary(string="Bank Slip", attachment=True, copy=False)
    slip_name = fields.Char(copy=False)
    note = fields.Text()
    allocation_ids = fields.One2many("crm.receipt.allocation", "receipt_id", string="Paid For")
    amount_allocated = fields.Monetary(
        string="Allocated", compute="_compute_amount_allocated", store=True
    )
    amount_on_account = fields.Monetary(
        string="Not Allocated",
        compute="_compute_amount_allocated",
        store=True,
        help="Stays open on the customer's account.",
    )

    decision = fields.Selection(DECISIONS, required=True, default="draft", copy=False)
    state = fields.Selection(
        [*DECISIONS, ("reset", "Payment Reset")],
        string="Status",
        compute="_compute_state",
        store=True,
        tracking=True,
        help="Confirmed as long as the payment stands in the ledger.",
    )
    entry_id = fields.Many2one(
        "account.move",
        string="Journal Entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=LEDGER_READERS,
    )
    amount_settled = fields.Monetary(
        string="Reconciled",
        compute="_compute_from_entry",
        store=True,
        help="What of this money settles documents in the ledger.",
    )
    amount_open = fields.Monetary(
        string="Open on Account",
        compute="_compute_from_entry",
        store=True,
        help="Confirmed money that settles no document yet.",
    )
    decided_uid = fields.Many2one("res.users", string="Decided by", readonly=True, copy=False)
    decided_date = fields.Datetime(string="Decided on", readonly=True, copy=False)
    decision_note = fields.Char(string="Reason", readonly=True, copy=False)

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "Enter the amount that arrived; it must be positive."
    )
    _waiting_idx = models.Index("(company_id, date) WHERE decision = 'waiting'")
    _customer_idx = models.Index("(partner_id, date DESC)")

    # -- compute ----------------------------------------------------------------------------

    @api.depends("company_id", "currency_id", "method")
    def _compute_journal_id(self):
        """Propose the first bank (or cash) journal of the company in the receipt's currency."""
        # sudo: sales need not be allowed to read journals
        journals = (
            self.env["account.journal"]
            .sudo()
            .search([("company_id", "in", self.company_id.ids), ("type", "in", ("bank", "cash"))])
        )
        for receipt in self:
            if receipt.journal_id and receipt._origin:
                receipt.journal_id = receipt.journal_id
                continue
            kind = "cash" if receipt.method == "cash" else "bank"
            own = journals.filtered(lambda row, one=receipt: row.company_id == one.company_id)
            own = own.filtered(lambda row, kind=kind: row.type == kind) or own
            receipt.journal_id = (
                own.filtered(
                    lambda row, one=receipt: (
                        (row.currency_id or row.company_id.currency_id) == one.currency_id
                    )
                )
                or own
            )[:1].with_env(self.env)

    @api.depends("amount", "allocation_ids.amount")
    def _compute_amount_allocated(self):
        for receipt in self:
            receipt.amount_allocated = sum(receipt.allocation_ids.mapped("amount"))
            receipt.amount_on_account = receipt.amount - receipt.amount_allocated

    @api.depends("decision", "entry_id.state")
    def _compute_state(self):
        for receipt in self:
            state = receipt.decision
            if state == "confirmed" and receipt.entry_id.state != "posted":
                state = "reset" if receipt.entry_id.state == "draft" else "cancelled"
            receipt.state = state

    @api.depends(
        "decision",
        "entry_id.state",
        "entry_id.line_ids.account_id",
        "entry_id.line_ids.amount_currency",
        "entry_id.line_ids.amount_residual_currency",
    )
    def _compute_from_entry(self):
        for receipt in self:
            entry = receipt.entry_id.filtered(lambda move: move.state == "posted")
            lines = entry.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
            open_amount = -sum(lines.mapped("amount_residual_currency"))
            receipt.amount_open = open_amount
            receipt.amount_settled = -sum(lines.mapped("amount_currency")) - open_amount

    # -- constraints -------------------------------------------------------------------------

    @api.constrains("partner_id")
    def _check_customer(self):
        for receipt in self.filtered("partner_id"):
            if receipt.partner_id != receipt.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "Register the receipt for %(company)s, the customer that"
                        " %(contact)s belongs to.",
                        company=receipt.partner_id.commercial_partner_id.display_name,
                        contact=receipt.partner_id.name,
                    )
                )

    # -- CRUD --------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._check_decision_fields(vals)
        receipts = super().create(vals_list)
        self.env["res.company"]._assign_crm_numbers(
            # sudo: the number is the program's to write
            receipts.sudo(),
            "HK%(range_year)s",
        )
        return receipts

    def write(self, vals):
        if not self.env.su:
            self._check_decision_fields(vals)
            self._check_editable(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if any(receipt.decision not in EDITABLE for receipt in self):
            raise UserError(
                self.env._("Only drafts and returned receipts are deleted. Withdraw it first.")
            )

    # -- actions -----------------------------------------------------------------------------

    def action_propose(self):
        """Allocate what is left of the amount to the customer's open instalments, oldest first."""
        self.ensure_one()
        self._check_customer_given()
        self.allocation_ids.unlink()
        lines = self.env["crm.payment.plan.line"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("contract_id.state", "in", ("signed", "suspended", "done")),
                ("state", "in", ("invoiced", "partial", "due", "drafted")),
            ],
            order="date_expected, id",
        )
        parts = propose(
            self.amount,
            [line._get_collectable() for line in lines],
            self.currency_id.decimal_places,
        )
        self.env["crm.receipt.allocation"].create(
            [
                {"receipt_id": self.id, "plan_line_id": line.id, "amount": float(part)}
                for line, part in zip(lines, parts, strict=True)
                if part
            ]
        )
        return True

    def action_submit(self):
        """Hand the receipts to finance.

        :raises UserError: customer, amount or date cannot be right
        """
        self.check_access("write")
        for receipt in self:
            receipt._check_ready()
        self._decide("waiting", False)
        return True

    def action_withdraw(self):
        """Take receipts back that finance has not confirmed yet, to correct them."""
        self.check_access("write")
        self._lock_for_decision(("waiting",))
        self._decide("draft", False)
        return True

    # -- checks ------------------------------------------------------------------------------

    def _check_ready(self):
        """Raise with what is missing before finance can judge the receipt."""
        self.ensure_one()
        if self.decision not in EDITABLE:
            raise UserError(self.env._("%s was handed in already.", self.name))
        self._check_customer_given()
        if self.date > fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "%s: money cannot have arrived in the future. Correct the date.", self.name
                )
            )
        if self.currency_id.compare_amounts(self.amount_allocated, self.amount) > 0:
            raise UserError(
                self.env._(
                    "%(name)s allocates %(allocated)s, but only %(amount)s arrived. Lower an"
                    " allocation.",
                    name=self.name,
                    allocated=self.currency_id.format(self.amount_allocated),
                    amount=self.currency_id.format(self.amount),
                )
            )

    def _check_customer_given(self):
        if not self.partner_id:
            raise UserError(self.env._("%s: choose the customer first.", self.name))

    def _check_decision_fields(self, vals):
        """Refuse by hand what only decisions and the ledger write."""
        harmless = ("/", "draft", False)
        written = {name for name in DECISION_FIELDS & vals.keys() if vals[name] not in harmless}
        if written:
            labels = ", ".join(
                self._fields[name]._description_string(self.env) for name in sorted(written)
            )
            raise AccessError(
                self.env._("%(fields)s of a receipt are set by its buttons.", fields=labels)
            )

    def _check_editable(self, vals):
        """Refuse changes of a receipt that was handed in, and of what the bank said."""
        finance = self.env.user.has_group(FINANCE_GROUP)
        for receipt in self:
            if receipt.decision in EDITABLE or not (vals.keys() - self._get_free_fields()):
                continue
            if receipt.decision == "waiting" and finance and not (vals.keys() - FINANCE_FIELDS):
                continue
            raise UserError(
                self.env._(
                    "%(name)s was handed in and cannot be changed. Withdraw it, or have it"
                    " returned, to correct it.",
                    name=receipt.name,
                )
            )
        # sudo: where the money was found is not for sales to read
        if SOURCE_FIELDS & vals.keys() and any(receipt._is_claim() for receipt in self.sudo()):
            raise UserError(
                self.env._("Amount, currency and date of a claimed receipt are the bank's.")
            )

    @api.model
    def _get_free_fields(self):
        """Fields that stay free after a receipt was handed in: chatter, activities, the note."""
        return {name for name in self._fields if name.startswith(("message_", "activity_"))} | {
            "note"
        }
