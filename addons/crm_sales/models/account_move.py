from collections import defaultdict

from odoo import api, fields, models

from ..tools.instalments import allocate
from .crm_instalment_ledger_mixin import NO_FIGURES

SALE_DOCUMENTS = ("out_invoice", "out_receipt", "out_refund")


class AccountMove(models.Model):
    """Invoices know the contract and the instalments they are for, and tell them about cash."""

    _inherit = "account.move"

    crm_contract_id = fields.Many2one(
        "crm.contract",
        string="Contract",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The contract that this document invoices or credits.",
    )
    crm_plan_line_ids = fields.Many2many(
        "crm.payment.plan.line", string="Instalments", compute="_compute_crm_plan_line_ids"
    )

    @api.depends("invoice_line_ids.crm_plan_line_id")
    def _compute_crm_plan_line_ids(self):
        for move in self:
            move.crm_plan_line_ids = move.invoice_line_ids.crm_plan_line_id

    def _on_cash_changed(self):
        """Have the figures of the instalments behind these documents computed again.

        Only marks them; the work is done once, set-based, when they are read or flushed.
        """
        result = super()._on_cash_changed()
        lines = self.env["account.move.line"].search_fetch(
            [("move_id", "in", self.ids), ("crm_plan_line_id", "!=", False)], ["crm_plan_line_id"]
        )
        instalments = lines.crm_plan_line_id
        self.env.add_to_compute(instalments._fields["amount_collected"], instalments)
        return result

    def _crm_get_plan_figures(self):
        """Return what these documents mean for their instalments.

        A document for several instalments, or with lines for none, is divided in proportion to
        its lines; the parts add up to the document, to the cent.

        :return: ``{plan_line_id: {field name: amount}}`` in the documents' currency
        """
        documents = self.filtered(
            lambda move: move.move_type in SALE_DOCUMENTS and move.state in ("draft", "posted")
        )
        figures = defaultdict(lambda: defaultdict(float))
        weights = documents._crm_get_plan_weights()
        cash = documents._cash_received()
        residuals = documents._open_residuals()
        for move in documents:
            amounts = move._crm_prepare_plan_figures(
                cash[move.id].amount_currency, residuals[move.id]
            )
            for name, amount in amounts.items():
                parts = allocate(amount, weights[move].values(), move.currency_id.decimal_places)
                for line_id, part in zip(weights[move], parts, strict=True):
                    figures[line_id][name] += float(part)
        return {
            line_id: dict(NO_FIGURES, **amounts) for line_id, amounts in figures.items() if line_id
        }

    def _crm_get_plan_weights(self):
        """Return ``{move: {plan_line_id or False: total of its lines, taxes included}}``."""
        weights = defaultdict(dict)
        for move, line, total in self.env["account.move.line"]._read_group(
            [("move_id", "in", self.ids), ("display_type", "=", "product")],
            ["move_id", "crm_plan_line_id"],
            ["price_total:sum"],
        ):
            weights[move][line.id] = total
        return weights

    def _crm_prepare_plan_figures(self, cash, residual):
        """Return what this document adds to the figures of its instalments, as a whole.

        :param float cash: money received for it; negative when paid out
        :param float residual: what is left to pay, or to pay out
        """
        self.ensure_one()
        if self.state == "draft":
            return {"amount_drafted": self.amount_total} if self.move_type != "out_refund" else {}
        if self.move_type == "out_refund":
            return {
                "amount_credited": self.amount_total,
                "amount_refunded": -cash,
                "amount_residual": -residual,
            }
        return {
            "amount_invoiced": self.amount_total,
            "amount_collected": cash,
            "amount_residual": residual,
        }

    def _crm_set_due_date(self, due_date):
        """Move the due date of invoices that are not paid, draft or posted, to ``due_date``."""
        # sudo: who resumes a contract need not be allowed to write invoices
        invoices = self.sudo().filtered(
            lambda move: (
                move.move_type != "out_refund"
                and (move.state == "draft" or (move.state == "posted" and move.amount_residual))
            )
        )
        drafts = invoices.filtered(lambda move: move.state == "draft")
        drafts.write({"invoice_payment_term_id": False, "invoice_date_due": due_date})
        (invoices - drafts).write({"invoice_date_due": due_date})
