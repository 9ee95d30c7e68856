from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools.due_dates import Pause, due_date
from ..tools.instalments import plan_amounts
from .crm_instalment_ledger_mixin import OPEN_STATES
from .crm_payment_plan_template_line import TRIGGER_EVENTS

# What a signature fixes; later changes are amendments.
AGREED_FIELDS = frozenset(
    {
        "contract_id",
        "percent",
        "amount_fixed",
        "amount",
        "event",
        "offset_days",
        "date_fixed",
        "sequence",
    }
)

# What only the program writes, from events and from the ledger.
LEDGER_FIELDS = frozenset(
    {
        "date_event",
        "due_date",
        "amount_drafted",
        "amount_invoiced",
        "amount_credited",
        "amount_collected",
        "amount_refunded",
        "amount_residual",
        "state",
    }
)


class CrmPaymentPlanLine(models.Model):
    """One instalment of a contract (回款计划): what falls due when, and what became of it.

    Amounts include taxes and are in the contract's currency. What was invoiced is read from
    posted documents, what was collected from the cash truth; neither from the order, whose down
    payment lines the host rewrites.

    Owns: the promise (share, event, period) and the stored figures derived from the ledger.
    Who: the contract's owner plans; invoicing makes invoices; accounting reads.
    Twice at once: invoicing locks the row and writes it, so a second session fails to serialise,
    is retried by the host and finds the invoice.
    Half of it: an event, its due dates and their message stand in one transaction.
    A million rows: found by contract, due date, state and customer, all indexed.
    """

    _name = "crm.payment.plan.line"
    _description = "Instalment"
    _inherit = ["crm.instalment.ledger.mixin", "crm.instalment.invoice.mixin"]
    _order = "contract_id desc, sequence, id"
    _check_company_auto = True

    contract_id = fields.Many2one(
        "crm.contract", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id", store=True)
    partner_id = fields.Many2one(related="contract_id.partner_id", store=True, index=True)
    user_id = fields.Many2one(related="contract_id.user_id", store=True, index=True)
    team_id = fields.Many2one(related="contract_id.team_id", store=True, index="btree_not_null")
    contract_state = fields.Selection(related="contract_id.state", string="Contract Status")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Instalment", required=True)
    order_id = fields.Many2one(
        "sale.order",
        string="Sales Order",
        compute="_compute_order_id",
        store=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('crm_contract_id', '=', contract_id)]",
        help="The order that is invoiced; its products and taxes are on the invoice.",
    )
    percent = fields.Float(
        string="Share (%)",
        digits=(16, 4),
        help="Share of the order's (else the contract's) total. Zero: the fixed amount counts.",
    )
    amount_fixed = fields.Monetary(
        string="Fixed Amount", help="Counts when no share is entered. Taxes included."
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        help="Taxes included. The last share takes what rounding leaves.",
    )
    event = fields.Selection(
        [*TRIGGER_EVENTS, ("date", "Fixed Date")],
        string="Falls Due After",
        required=True,
        default="signed",
    )
    date_fixed = fields.Date(string="Fixed Date")
    offset_days = fields.Integer(
        string="Within Working Days",
        help="Working days of the contract's calendar, counted after the event.",
    )
    date_expected = fields.Date(
        string="Expected",
        compute="_compute_date_expected",
        store=True,
        index=True,
        help="The due date; before the event, as planned by the contract's milestones.",
    )
    _percent_in_range = models.Constraint(
        "CHECK (percent >= 0 AND percent <= 100)", "A share lies between 0 % and 100 %."
    )
    _amount_not_negative = models.Constraint(
        "CHECK (amount_fixed >= 0)", "An instalment cannot be negative."
    )
    _offset_not_negative = models.Constraint(
        "CHECK (offset_days >= 0)", "A period of working days cannot be negative."
    )
    _fixed_date_given = models.Constraint(
        "CHECK (event <> 'date' OR date_fixed IS NOT NULL)",
        "Enter the date on which the instalment falls due.",
    )

    # -- compute ----------------------------------------------------------------------------

    @api.depends("contract_id.order_ids")
    def _compute_order_id(self):
        for line in self:
            orders = line.contract_id.order_ids
            line.order_id = line.order_id or (orders if len(orders) == 1 else False)

    @api.depends(
        "percent",
        "amount_fixed",
        "order_id.amount_total",
        "contract_id.amount_total",
        "contract_id.state",
        "contract_id.plan_line_ids.percent",
        "contract_id.plan_line_ids.amount_fixed",
        "contract_id.plan_line_ids.order_id",
        "contract_id.plan_line_ids.sequence",
    )
    def _compute_amount(self):
        """Split the total of each order (or of the contract); what is signed stays as it is."""
        signed = self.filtered(lambda line: line.contract_id.state not in (False, "draft"))
        for line in signed:
            line.amount = line.amount
        for line in self - signed:
            line.amount = line.amount_fixed
        open_plans = self - signed
        for contract, lines in open_plans.grouped("contract_id").items():
            for order, own in lines.grouped(lambda line: line.order_id._origin).items():
                own._split_total(contract, order)

    @api.depends(
        "due_date",
        "event",
        "date_fixed",
        "offset_days",
        "contract_id.calendar_id",
        "contract_id.milestone_ids.event",
        "contract_id.milestone_ids.planned_date",
    )
    def _compute_date_expected(self):
        for line in self:
            planned = line._get_planned_event_date()
            line.date_expected = line.due_date or (planned and line._plan_due_date(planned))

    # -- constraints -------------------------------------------------------------------------

    @api.constrains("order_id", "contract_id")
    def _check_order(self):
        for line in self.filtered("order_id"):
            if line.order_id.crm_contract_id != line.contract_id:
                raise ValidationError(
                    self.env._(
                        "%(order)s does not belong to %(contract)s. Link the order to the"
                        " contract first.",
                        order=line.order_id.display_name,
                        contract=line.contract_id.display_name,
                    )
                )

    # -- CRUD --------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_ledger_fields(vals)
        lines = super().create(vals_list)
        lines._check_plan_open()
        return lines

    def write(self, vals):
        self._check_ledger_fields(vals)
        if AGREED_FIELDS & vals.keys():
            self._check_plan_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        self._check_plan_open()

    # -- business ----------------------------------------------------------------------------

    def _split_total(self, contract, order):
        """Give the shares among ``self`` their amounts: the total of ``order``, else ``contract``.

        ``self`` are lines of one contract and order, maybe unsaved; their saved siblings take
        part in the split but are not written.
        """
        others = contract.plan_line_ids.filtered(
            lambda line: line.order_id._origin == order and line._origin not in self._origin
        )
        group = (others | self).sorted("sequence")
        shares = group.filtered("percent")
        currency = contract.currency_id or self.env.company.currency_id
        amounts = plan_amounts(
            contract._get_plan_base(order),
            [f"{line.percent:.4f}" for line in shares],
            [line.amount_fixed for line in group - shares],
            currency.decimal_places,
        )
        for line, amount in zip(shares, amounts, strict=True):
            if line in self:
                line.amount = float(amount)
        for line in self - shares:
            line.amount = line.amount_fixed

    def _get_planned_event_date(self):
        """Return when the event is planned to happen, or False when nobody said so."""
        self.ensure_one()
        if self.event == "date":
            return self.date_fixed
        milestones = self.contract_id.milestone_ids.filtered(
            lambda row: row.event == self.event and row.planned_date
        )
        return milestones[:1].planned_date

    def _plan_due_date(self, event_date):
        """Return the due date of this instalment when its event happens on ``event_date``."""
        self.ensure_one()
        contract = self.contract_id
        if not contract.calendar_id:
            return event_date
        pauses = [
            Pause(row.date_from, row.date_to) for row in contract.suspension_ids if row.date_to
        ]
        grid = contract.calendar_id._get_day_grid(event_date, contract.company_id)
        return due_date(grid, event_date, self.offset_days, pauses)

    def _fall_due(self, event_date):
        """Make these instalments due: their event happened on ``event_date``.

        Does nothing to an instalment whose event had happened before. The caller holds the lock
        of the contract.
        """
        fresh = self.filtered(lambda line: not line.date_event)
        for line in fresh:
            line.date_event = event_date
            line.due_date = line._plan_due_date(event_date)
        return fresh

    def _replan(self):
        """Plan the due dates of instalments not yet paid again, and tell their invoices."""
        for line in self.filtered(lambda row: row.date_event and row.state in OPEN_STATES):
            planned = line._plan_due_date(line.date_event)
            if planned != line.due_date:
                line.due_date = planned
                line.move_ids._crm_set_due_date(planned)

    @api.model
    def _cron_release_fixed_dates(self):
        """Make instalments with a fixed date due when the date has come; safe to repeat."""
        due = self.search(
            [
                ("event", "=", "date"),
                ("date_event", "=", False),
                ("date_fixed", "<=", fields.Date.context_today(self)),
                ("contract_id.state", "=", "signed"),
            ]
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        for line in due:
            line._fall_due(line.date_fixed)
            cron._commit_progress(1)

    # -- checks ------------------------------------------------------------------------------

    def _check_ledger_fields(self, vals):
        """Refuse to write by hand what is derived from events and from the ledger."""
        written = LEDGER_FIELDS & vals.keys()
        if written and not self.env.su:
            labels = ", ".join(self._fields[name]._description_string(self.env) for name in written)
            raise AccessError(
                self.env._(
                    "%(fields)s of an instalment come from the contract's events and the ledger.",
                    fields=labels,
                )
            )

    def _check_plan_open(self):
        """Refuse to change the plan of a signed contract."""
        for contract in self.contract_id.filtered(lambda row: row.state != "draft"):
            raise UserError(
                self.env._(
                    "%(name)s is signed; its payment plan can only change by an amendment.",
                    name=contract.display_name,
                )
            )
