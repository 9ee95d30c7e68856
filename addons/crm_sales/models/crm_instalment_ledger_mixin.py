from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

STATES = [
    ("planned", "Planned"),
    ("due", "To Invoice"),
    ("drafted", "Draft Invoice"),
    ("invoiced", "Invoiced"),
    ("partial", "Partially Paid"),
    ("paid", "Paid"),
    ("settled", "Settled"),
    ("cancelled", "Cancelled"),
]

# States in which the customer still has to pay.
OPEN_STATES = ("due", "drafted", "invoiced", "partial")

NO_FIGURES = {
    "amount_drafted": 0.0,
    "amount_invoiced": 0.0,
    "amount_credited": 0.0,
    "amount_collected": 0.0,
    "amount_refunded": 0.0,
    "amount_residual": 0.0,
}

LedgerFigure = partial(fields.Monetary, compute="_compute_ledger", store=True)


class CrmInstalmentLedgerMixin(models.AbstractModel):
    """What became of an instalment: invoiced, credited, collected, refunded, still open.

    Derived from posted documents and from the cash truth, stored, and computed again whenever
    either changes. The model that inherits says what ``contract_id`` and the promise are.
    """

    _name = "crm.instalment.ledger.mixin"
    _description = "Instalment Figures from the Ledger"

    contract_id = fields.Many2one("crm.contract")
    currency_id = fields.Many2one("res.currency")
    amount = fields.Monetary(help="What was promised, taxes included.")
    date_event = fields.Date(string="Event Date", readonly=True, copy=False)
    due_date = fields.Date(readonly=True, copy=False, index=True)
    move_line_ids = fields.One2many(
        "account.move.line", "crm_plan_line_id", string="Invoice Lines", readonly=True
    )
    move_ids = fields.Many2many("account.move", string="Invoices", compute="_compute_move_ids")
    move_count = fields.Integer(string="Invoice Count", compute="_compute_move_ids")
    amount_drafted = LedgerFigure(string="On Draft Invoices", help="On invoices not posted yet.")
    amount_invoiced = LedgerFigure(string="Invoiced", help="On posted invoices.")
    amount_credited = LedgerFigure(string="Credited", help="On posted credit notes.")
    amount_collected = LedgerFigure(
        string="Collected",
        help="Money that arrived. Write-offs, credit notes and draft payments are not money.",
    )
    amount_refunded = LedgerFigure(
        string="Refunded", help="Money paid back to the customer on credit notes."
    )
    amount_residual = LedgerFigure(
        string="Open", help="What posted invoices less credit notes leave to pay."
    )
    amount_to_invoice = fields.Monetary(
        string="To Invoice", compute="_compute_amount_to_invoice", store=True
    )
    state = fields.Selection(
        STATES,
        string="Status",
        compute="_compute_state",
        store=True,
        index=True,
        help="Paid: the money arrived. Settled: nothing is open, but part of it never came as"
        " money, for instance because it was written off.",
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    days_overdue = fields.Integer(compute="_compute_is_overdue")

    # -- compute ----------------------------------------------------------------------------

    @api.depends("move_line_ids")
    def _compute_move_ids(self):
        for line in self:
            line.move_ids = line.move_line_ids.move_id
            line.move_count = len(line.move_ids)

    @api.depends(
        "move_line_ids.price_total",
        "move_line_ids.parent_state",
        "move_line_ids.display_type",
        "move_line_ids.move_id.move_type",
        "move_line_ids.move_id.amount_total",
        "move_line_ids.move_id.amount_residual",
    )
    def _compute_ledger(self):
        """Read what became of the instalments from documents and cash, for all of them at once.

        Cash also changes when a payment's entry is reset or cancelled, which touches no field of
        the invoice; the cash hook of ``account.move`` then marks the instalments to compute.
        """
        figures = self.move_line_ids.move_id._crm_get_plan_figures()
        for line in self:
            line.update(figures.get(line.id, NO_FIGURES))

    @api.depends("amount", "amount_drafted", "amount_invoiced", "amount_credited", "state")
    def _compute_amount_to_invoice(self):
        for line in self:
            billed = line.amount_drafted + line.amount_invoiced - line.amount_credited
            closed = line.state in ("paid", "settled", "cancelled")
            line.amount_to_invoice = 0.0 if closed else max(0.0, line.amount - billed)

    @api.depends(
        "contract_id.state",
        "date_event",
        "amount_drafted",
        "amount_invoiced",
        "amount_credited",
        "amount_collected",
        "amount_refunded",
        "amount_residual",
    )
    def _compute_state(self):
        for line in self:
            line.state = line._get_ledger_state() or line._get_plan_state()

    @api.depends_context("tz")
    @api.depends("state", "due_date", "contract_id.state")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.is_overdue = bool(
                line.state in OPEN_STATES
                and line.due_date
                and line.due_date < today
                and line.contract_id.state != "suspended"
            )
            line.days_overdue = (today - line.due_date).days if line.is_overdue else 0

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain(
            [
                ("state", "in", OPEN_STATES),
                ("due_date", "<", fields.Date.context_today(self)),
                ("contract_id.state", "!=", "suspended"),
            ]
        )
        if True in value and False in value:
            return Domain.TRUE
        return overdue if True in value else ~overdue

    # -- business ---------------------------------------------------------------------------

    def _get_ledger_state(self):
        """Return the state that documents give an instalment, or False without any."""
        self.ensure_one()
        currency = self.currency_id
        net = currency.round(self.amount_invoiced - self.amount_credited)
        cash = currency.round(self.amount_collected - self.amount_refunded)
        if net <= 0:
            return "drafted" if self.amount_drafted > 0 else False
        if currency.is_zero(self.amount_residual):
            return "paid" if currency.compare_amounts(cash, net) >= 0 else "settled"
        if cash > 0 or currency.compare_amounts(self.amount_residual, net) < 0:
            return "partial"
        return "invoiced"

    def _get_plan_state(self):
        """Return the state of an instalment that is not invoiced."""
        self.ensure_one()
        if self.contract_id.state == "terminated":
            return "cancelled"
        return "due" if self.date_event else "planned"
