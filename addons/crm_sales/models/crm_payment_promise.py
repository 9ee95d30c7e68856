from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.instalments import allocate

TERMS = ("plan_line_id", "move_id", "date", "amount")


class CrmPaymentPromise(models.Model):
    """A customer's promise to pay (付款承诺): how much by when, kept or broken by the cash truth.

    Owns: the promise and the cash there was when it was given. It is kept when at least its
    amount arrived between then and the end of its day; the ledger says so, nobody decides it.
    Who: sales for their customers, invoicing for all; promises are withdrawn, never changed.
    Twice at once: judging is a function of the ledger, so a second judge finds the same.
    A million rows: the open ones have an index of their own; targets are indexed.
    """

    _name = "crm.payment.promise"
    _description = "Promise to Pay"
    _inherit = ["crm.collection.item.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    date = fields.Date(string="Pays by", required=True)
    amount = fields.Monetary(required=True)
    contact_id = fields.Many2one(
        "res.partner",
        string="Promised by",
        domain="[('commercial_partner_id', '=', partner_id)]",
    )
    note = fields.Char()
    collected_before = fields.Monetary(readonly=True, help="What had arrived when it was promised.")
    collected = fields.Monetary(
        string="Paid on It",
        compute="_compute_state",
        store=True,
        help="What arrived since, up to the promised day.",
    )
    withdrawn = fields.Boolean(readonly=True, copy=False)
    state = fields.Selection(
        [
            ("open", "Open"),
            ("kept", "Kept"),
            ("broken", "Broken"),
            ("withdrawn", "Withdrawn"),
        ],
        string="Status",
        compute="_compute_state",
        store=True,
    )

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "Enter the promised amount; it must be positive."
    )
    _one_target = models.Constraint(
        "CHECK ((plan_line_id IS NULL) <> (move_id IS NULL))",
        "Choose either an instalment or an invoice.",
    )
    _open_idx = models.Index("(date) WHERE state = 'open'")

    # -- compute ----------------------------------------------------------------------------

    @api.depends(
        "date",
        "amount",
        "withdrawn",
        "collected_before",
        "plan_line_id",
        "move_id",
        "company_id",
        "currency_id",
    )
    def _compute_state(self):
        """Judge by what the ledger says now; payments and the nightly job have it judged again."""
        arrived = self._read_collected({row: row.date for row in self})
        today = {
            company: fields.Date.context_today(
                # the day ends where the company keeps its calendar
                self.with_context(tz=company.resource_calendar_id.tz)
            )
            for company in self.company_id
        }
        for row in self:
            row.collected = arrived[row] - row.collected_before
            kept = row.currency_id.compare_amounts(row.collected, row.amount) >= 0
            if row.withdrawn:
                row.state = "withdrawn"
            elif kept:
                row.state = "kept"
            else:
                row.state = "broken" if row.date < today[row.company_id] else "open"
        # Reading the ledger flushes, which may have computed what depends on the old state.
        self.modified(["state", "collected"])

    def _read_collected(self, days):
        """Return ``{promise: money that had arrived for its target by the end of its day}``.

        In the target's currency, net of what was paid back; one query for all.

        :param days: ``{promise: date or None}``, None: all that arrived
        """
        # sudo: sales need not be allowed to read every payment
        promises = self.sudo()
        documents = promises.move_id | promises.plan_line_id.move_ids
        entries = documents._crm_read_cash_by_day()
        weights = documents._crm_get_plan_weights()
        result = {}
        for row, day in days.items():
            target, total = row.sudo(), 0.0  # sudo: as above
            for move in target.move_id or target.plan_line_id.move_ids:
                cash = sum(
                    amount
                    for date, amount in entries.get(move.id, ())
                    if day is None or date <= day
                )
                if target.plan_line_id and cash:
                    shares = weights[move]
                    parts = allocate(cash, shares.values(), move.currency_id.decimal_places)
                    cash = float(dict(zip(shares, parts, strict=True))[target.plan_line_id.id])
                total += cash
            result[row] = total
        return result

    # -- CRUD --------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        before = promises._read_collected(dict.fromkeys(promises))
        for promise in promises:
            # sudo: what the ledger said is the program's to write
            promise.sudo().collected_before = before[promise]
        promises._log("promise")
        return promises

    def write(self, vals):
        if not self.env.su and vals.keys() & {*TERMS, "withdrawn", "state", "collected_before"}:
            raise UserError(
                self.env._("A promise is not changed. Withdraw it and record the new one.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Promises count and are not deleted. Withdraw it instead."))

    @api.constrains("date")
    def _check_date(self):
        for promise in self:
            if promise.date < fields.Date.context_today(self):
                raise ValidationError(self.env._("A promise is for today or a later day."))

    # -- actions -----------------------------------------------------------------------------

    def action_withdraw(self):
        """Take open promises back, for instance because they were recorded wrongly."""
        self.check_access("write")
        if any(promise.state != "open" for promise in self):
            raise UserError(self.env._("Only open promises are withdrawn."))
        self.sudo().withdrawn = True  # sudo: see write
        self._log("promise_withdrawn")
        return True

    # -- business ----------------------------------------------------------------------------

    def _judge(self):
        """Have these promises judged again by the ledger."""
        if self:
            self.env.add_to_compute(self._fields["state"], self)

    @api.model
    def _cron_judge(self):
        """Judge the open promises whose day is over; safe to repeat."""
        yesterday_or_before = ("date", "<", fields.Date.context_today(self))
        due = self.search([("state", "=", "open"), yesterday_or_before])
        due._judge()
        self.env["ir.cron"]._commit_progress(len(due))

    def _log(self, kind):
        """Write what happened to these promises into the collection log."""
        rows = [
            {
                "plan_line_id": promise.plan_line_id.id,
                "move_id": promise.move_id.id,
                "kind": kind,
                "contact_id": promise.contact_id.id,
                "summary": self.env._(
                    "%(amount)s by %(date)s",
                    amount=promise.currency_id.format(promise.amount),
                    date=fields.Date.to_string(promise.date),
                )
                + (f": {promise.note}" if promise.note else ""),
            }
            for promise in self
        ]
        self.env["crm.collection.log"].create(rows)
