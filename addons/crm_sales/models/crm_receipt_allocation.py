from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmReceiptAllocation(models.Model):
    """What a receipt pays: an instalment or an invoice, with how much of the money.

    Owns: the wish of sales, and after confirmation the ledger line that carries it out.
    Rights, locks and life are those of the receipt.
    """

    _name = "crm.receipt.allocation"
    _description = "Receipt Allocation"
    _order = "receipt_id, id"
    _check_company_auto = True

    receipt_id = fields.Many2one("crm.receipt", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="receipt_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="receipt_id.currency_id")
    partner_id = fields.Many2one(related="receipt_id.partner_id")
    plan_line_id = fields.Many2one(
        "crm.payment.plan.line",
        string="Instalment",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('partner_id', '=', partner_id), ('contract_id.state', '!=', 'draft'),"
        " ('state', 'not in', ('paid', 'settled', 'cancelled'))]",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('commercial_partner_id', '=', partner_id), ('state', '=', 'posted'),"
        " ('move_type', 'in', ('out_invoice', 'out_receipt'))]",
    )
    contract_id = fields.Many2one("crm.contract", compute="_compute_contract_id", compute_sudo=True)
    amount = fields.Monetary(required=True)
    line_id = fields.Many2one(
        "account.move.line",
        string="Journal Item",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The part of the payment that stands for this allocation.",
    )
    amount_settled = fields.Monetary(
        string="Reconciled",
        compute="_compute_amount_settled",
        compute_sudo=True,
        help="What of it settles invoices in the ledger.",
    )

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "Enter how much of the money pays this."
    )
    _one_target = models.Constraint(
        "CHECK ((plan_line_id IS NULL) <> (move_id IS NULL))",
        "Choose either an instalment or an invoice.",
    )

    @api.depends("plan_line_id.contract_id", "move_id.crm_contract_id")
    def _compute_contract_id(self):
        for row in self:
            row.contract_id = row.plan_line_id.contract_id or row.move_id.crm_contract_id

    @api.depends(
        "line_id.amount_currency", "line_id.amount_residual_currency", "line_id.parent_state"
    )
    def _compute_amount_settled(self):
        for row in self:
            line = row.line_id.filtered(lambda item: item.parent_state == "posted")
            row.amount_settled = line.amount_residual_currency - line.amount_currency

    @api.constrains("plan_line_id", "move_id", "receipt_id")
    def _check_same_customer(self):
        # sudo: the invoice need not be readable for who allocates to its instalment
        for row in self.sudo():
            receipt = row.receipt_id
            customer = row.plan_line_id.partner_id or row.move_id.commercial_partner_id
            if receipt.partner_id and customer != receipt.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(document)s belongs to another customer than %(receipt)s.",
                        document=(row.plan_line_id or row.move_id).display_name,
                        receipt=receipt.name,
                    )
                )

    @api.onchange("plan_line_id", "move_id")
    def _onchange_target(self):
        """Propose what is open on it, at most what is left of the receipt."""
        for row in self:
            if not (row.plan_line_id or row.move_id) or row.amount:
                continue
            others = row.receipt_id.allocation_ids - row
            left = row.receipt_id.amount - sum(others.mapped("amount"))
            target = row.plan_line_id._get_collectable() if row.plan_line_id else 0.0
            if row.move_id:
                target = row.move_id.amount_residual
            row.amount = max(0.0, min(left, target))

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_receipt_editable()
        return rows

    def write(self, vals):
        self._check_receipt_editable()
        result = super().write(vals)
        self._check_receipt_editable()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_handed_in(self):
        self._check_receipt_editable()

    def _check_receipt_editable(self):
        """Allocations change with their receipt only."""
        if not self.env.su:
            self.receipt_id._check_editable({"allocation_ids": True})

    # -- ledger ------------------------------------------------------------------------------

    def _get_open_lines(self):
        """Return the receivable lines that this allocation may settle, the oldest first."""
        self.ensure_one()
        documents = self.move_id or self.plan_line_id.move_ids
        lines = documents.filtered(lambda move: move.state == "posted").line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and not line.reconciled
                and line.balance > 0
            )
        )
        return lines.sorted(lambda line: (line.date_maturity or line.date, line.id))

    def _reconcile(self):
        """Reconcile each allocation's part of the payment with what is open for it.

        What finds nothing open stays on the customer's account; calling again is harmless.
        """
        for row in self.filtered(lambda one: one.line_id and not one.line_id.reconciled):
            open_lines = row._get_open_lines().filtered(
                lambda line, own=row.line_id: line.account_id == own.account_id
            )
            if open_lines and row.line_id.parent_state == "posted":
                (row.line_id | open_lines).reconcile()
