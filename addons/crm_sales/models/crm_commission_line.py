from odoo import api, fields, models
from odoo.tools import format_date

from ..tools import commission


class CrmCommissionLine(models.Model):
    """What one document earned one seller by one plan, or what was taken back of it.

    The lines of a source (the document, or one reconciliation of it) add up to what the plan says
    about it now. They are written once; when something changes, another line carries the
    difference, into the statement that is still open. Each keeps a snapshot of what it was
    computed from, so that it reads the same when the reconciliation, or the invoice, is gone.

    Owns: earned amounts with their reasons. Who: the program; a seller reads his own.
    Twice at once: unique per (source, plan, seller, number); see the standing, too.
    Half of it: written in the transaction that takes the mark of the document.
    A million rows: read by document, seller and statement, each one index.
    """

    _name = "crm.commission.line"
    _description = "Commission"
    _inherit = ["crm.ledger.mixin"]
    _order = "date desc, id desc"
    _rec_name = "document"
    _following = frozenset({"company_id", "period_start"})

    statement_id = fields.Many2one(
        "crm.commission.statement", required=True, index=True, ondelete="restrict"
    )
    statement_state = fields.Selection(related="statement_id.state", string="Statement Status")
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    # a plan with lines is not deleted (see there); uninstalling takes both
    plan_id = fields.Many2one("crm.commission.plan", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users", string="Salesperson", required=True, index=True, ondelete="restrict"
    )
    kind = fields.Selection(
        [("earned", "Earned"), ("clawback", "Taken Back"), ("adjusted", "Adjusted")],
        required=True,
        help="Taken back: a payment was undone, an invoice credited or cancelled.",
    )
    number = fields.Integer(required=True, help="The how many-th line of this source.")
    doc_key = fields.Char(required=True, index=True)
    source_key = fields.Char(string="Source", required=True)
    contract_id = fields.Many2one("crm.contract", index="btree_not_null", ondelete="set null")
    order_id = fields.Many2one(
        "sale.order", string="Sales Order", index="btree_not_null", ondelete="set null"
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", index="btree_not_null", ondelete="set null"
    )
    partial_id = fields.Many2one(
        "account.partial.reconcile",
        string="Reconciliation",
        index="btree_not_null",
        ondelete="set null",
    )
    partner_id = fields.Many2one("res.partner", string="Customer", index="btree_not_null")
    # -- the snapshot
    date = fields.Date(required=True, index=True, help="The day it was signed, invoiced or paid.")
    document = fields.Char(required=True)
    payment_name = fields.Char(string="Payment Entry")
    basis = fields.Selection(related="plan_id.basis")
    document_amount = fields.Monetary(
        string="Whole Document", help="What counts of the whole document, before it is shared."
    )
    percent = fields.Float(string="Share (%)", digits=(16, 4), aggregator=None)
    base = fields.Monetary(string="Counts", help="The seller's share; negative: taken back.")
    period_start = fields.Date(string="Period")
    base_before = fields.Monetary(string="Counted Before", aggregator=None)
    tiers = fields.Json(help="The plan's steps on that day: pairs of amount and rate.")
    cap = fields.Monetary(aggregator=None)
    mode = fields.Char()
    amount = fields.Monetary(string="Commission")
    explanation = fields.Text(string="Why This Amount", compute="_compute_explanation")

    _source_uniq = models.UniqueIndex(
        "(source_key, plan_id, user_id, number)", "This was settled already."
    )

    @api.depends(
        "plan_id",
        "percent",
        "base",
        "base_before",
        "tiers",
        "cap",
        "mode",
        "amount",
        "document",
        "document_amount",
        "payment_name",
        "date",
        "kind",
        "period_start",
    )
    @api.depends_context("lang")
    def _compute_explanation(self):
        for line in self:
            line.explanation = "\n".join(line._explain())

    def _explain(self):
        """Return the sentences that lead from the document to the amount."""
        self.ensure_one()
        money = self.currency_id.format
        day = format_date(self.env, self.date)
        if self.payment_name:
            first = self.env._(
                "Payment %(payment)s of %(date)s for %(document)s.",
                payment=self.payment_name,
                date=day,
                document=self.document,
            )
        else:
            first = self.env._("%(document)s of %(date)s.", document=self.document, date=day)
        shared = self.env._(
            "Your share is %(percent)s %% of %(whole)s: %(base)s.",
            percent=f"{self.percent:g}",
            whole=money(self.document_amount),
            base=money(self.base),
        )
        if self.kind == "clawback" and self.number > 1:
            shared = self.env._(
                "It does not count any more: %(base)s are taken back.", base=money(self.base)
            )
        elif self.number > 1:
            shared = self.env._("It counts otherwise now: %(base)s.", base=money(self.base))
        standing = self.env._(
            "Before it, the period since %(start)s stood at %(before)s.",
            start=format_date(self.env, self.period_start),
            before=money(self.base_before),
        )
        return [first, shared, standing, *self._explain_rates(money)]

    def _explain_rates(self, money):
        tiers = commission.make_tiers(self.tiers)
        digits = self.currency_id.decimal_places
        sentences = []
        if self.mode == commission.SLICE:
            parts = commission.step_slices(self.base_before, self.base, tiers)
            sentences = [
                self.env._(
                    "%(rate)s %% of %(base)s is %(amount)s.",
                    rate=f"{float(part.rate):g}",
                    base=money(float(part.base)),
                    amount=money(float(part.amount)),
                )
                for part in parts
            ]
        else:
            after = commission.slices(self.base_before + self.base, tiers, self.mode)
            rate = after[0].rate if after else tiers[0].rate
            sentences.append(
                self.env._(
                    "The whole period now earns %(rate)s %%: %(amount)s; %(before)s of it was"
                    " counted before.",
                    rate=f"{float(rate):g}",
                    amount=money(sum(float(part.amount) for part in after)),
                    before=money(
                        float(
                            commission.commission(
                                self.base_before, tiers, self.mode, digits, self.cap
                            )
                        )
                    ),
                )
            )
        if self.cap:
            sentences.append(self.env._("A period earns at most %(cap)s.", cap=money(self.cap)))
        sentences.append(self.env._("Commission: %(amount)s.", amount=money(self.amount)))
        return sentences

    @api.model
    def _get_change_refusal(self):
        return self.env._("Commission is not changed; what changes later is a line of its own.")

    @api.model
    def _get_deletion_refusal(self):
        return self.env._("Commission is not deleted; what is taken back is a line of its own.")

    def action_open_document(self):
        """Open the invoice, contract or order behind this line; a notice when it is gone."""
        self.ensure_one()
        document = self.move_id or self.contract_id or self.order_id
        if not document:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "info",
                    "message": self.env._(
                        "%(document)s was deleted; this line keeps what it said.",
                        document=self.document,
                    ),
                },
            }
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "view_mode": "form",
        }
