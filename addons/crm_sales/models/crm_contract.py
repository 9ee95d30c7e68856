from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError

# What became of the plan: each the sum of the instalments' figure of the same name.
PLAN_FIGURES = (
    "amount_invoiced",
    "amount_credited",
    "amount_collected",
    "amount_refunded",
    "amount_residual",
)
PlanFigure = partial(fields.Monetary, compute="_compute_plan_figures", store=True)


class CrmContract(models.Model):
    """Contracts get orders, a payment plan, and the figures of what was really collected."""

    _inherit = "crm.contract"

    order_ids = fields.One2many("sale.order", "crm_contract_id", string="Sales Orders")
    order_count = fields.Integer(compute="_compute_order_count")
    plan_template_id = fields.Many2one(
        "crm.payment.plan.template",
        string="Payment Plan Template",
        check_company=True,
        compute="_compute_plan_template_id",
        store=True,
        readonly=False,
        help="Choose one and apply it to fill the plan; the plan can then be changed.",
    )
    plan_line_ids = fields.One2many(
        "crm.payment.plan.line", "contract_id", string="Payment Plan", copy=True
    )
    plan_amount = fields.Monetary(
        string="Planned Amount", compute="_compute_plan_amount", help="Sum of the instalments."
    )
    plan_difference = fields.Monetary(
        string="Not Planned",
        compute="_compute_plan_amount",
        help="Contract value less instalments; must be zero when the contract is signed.",
    )
    amount_invoiced = PlanFigure(string="Invoiced")
    amount_credited = PlanFigure(string="Credited")
    amount_collected = PlanFigure(
        string="Collected", help="Money that arrived for the instalments."
    )
    amount_refunded = PlanFigure(string="Refunded")
    amount_residual = PlanFigure(
        string="Open", help="Invoiced instalments less credit notes that are still to be paid."
    )
    collected_percent = fields.Float(
        string="Collected (%)", compute="_compute_collected_percent", digits=(5, 1)
    )
    invoice_count = fields.Integer(compute="_compute_invoice_count")

    # -- compute ----------------------------------------------------------------------------

    @api.depends("company_id")
    def _compute_plan_template_id(self):
        for contract in self:
            if contract.state == "draft" and not contract.plan_template_id:
                contract.plan_template_id = contract.company_id._get_plan_template()
            else:
                contract.plan_template_id = contract.plan_template_id

    @api.depends("order_ids")
    def _compute_order_count(self):
        for contract in self:
            contract.order_count = len(contract.order_ids)

    @api.depends("plan_line_ids.amount", "amount_total")
    def _compute_plan_amount(self):
        for contract in self:
            contract.plan_amount = sum(contract.plan_line_ids.mapped("amount"))
            contract.plan_difference = contract.amount_total - contract.plan_amount

    @api.depends(
        "plan_line_ids.amount_invoiced",
        "plan_line_ids.amount_credited",
        "plan_line_ids.amount_collected",
        "plan_line_ids.amount_refunded",
        "plan_line_ids.amount_residual",
    )
    def _compute_plan_figures(self):
        for contract in self:
            for name in PLAN_FIGURES:
                contract[name] = sum(contract.plan_line_ids.mapped(name))

    @api.depends("amount_collected", "amount_refunded", "amount_total")
    def _compute_collected_percent(self):
        for contract in self:
            cash = contract.amount_collected - contract.amount_refunded
            contract.collected_percent = (
                100 * cash / contract.amount_total if contract.amount_total else 0.0
            )

    @api.depends("plan_line_ids.move_line_ids")
    def _compute_invoice_count(self):
        counts = dict(
            self.env["account.move"]._read_group(
                [("crm_contract_id", "in", self.ids)], ["crm_contract_id"], ["__count"]
            )
            if self.env["account.move"].has_access("read")
            else []
        )
        for contract in self:
            contract.invoice_count = counts.get(contract._origin, 0)

    # -- actions -----------------------------------------------------------------------------

    def action_apply_plan_template(self):
        """Replace the payment plan of a draft contract by the chosen template's."""
        self.ensure_one()
        if not self.plan_template_id:
            raise UserError(self.env._("Choose a payment plan template first."))
        self._apply_plan_template(self.plan_template_id)
        return True

    def action_update_from_orders(self):
        """Make the total of its orders the value of a draft contract."""
        self.ensure_one()
        if not self.order_ids:
            raise UserError(self.env._("No order is linked to this contract."))
        self.amount_total = sum(self.order_ids.mapped("amount_total"))
        return True

    def action_view_orders(self):
        """Open the orders of this contract."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale.action_orders")
        action |= {"domain": [("crm_contract_id", "=", self.id)], "context": {"create": False}}
        if len(self.order_ids) == 1:
            action |= {"views": [(False, "form")], "res_id": self.order_ids.id}
        return action

    def action_view_invoices(self):
        """Open the invoices and credit notes of this contract."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        return action | {
            "domain": [("crm_contract_id", "=", self.id)],
            "context": {"create": False, "default_move_type": "out_invoice"},
        }

    # -- business ----------------------------------------------------------------------------

    def _apply_plan_template(self, template):
        """Replace the plan of this draft contract by the instalments of ``template``.

        A contract over several orders gets the instalments once per order, so each order is
        invoiced to its own total.
        """
        self.ensure_one()
        self.plan_line_ids.unlink()
        self.plan_template_id = template
        orders = self.order_ids or [self.env["sale.order"]]
        self.env["crm.payment.plan.line"].create(
            [values for order in orders for values in template._prepare_plan_values(self, order)]
            if template
            else []
        )

    def _get_plan_base(self, order):
        """Return what the instalments of ``order`` should add up to.

        Instalments without an order share what the contract is worth beyond its orders.
        """
        self.ensure_one()
        if order:
            return order.amount_total
        ordered = sum(self.plan_line_ids.order_id.mapped("amount_total"))
        return max(0.0, self.amount_total - ordered)

    def _check_ready_to_sign(self):
        super()._check_ready_to_sign()
        # sudo: what is missing must be found also by who may not read every order
        contract = self.sudo()
        if contract.order_ids or contract.plan_line_ids:
            contract._check_orders_match()
            contract._check_plan_complete()

    def _check_orders_match(self):
        """Raise unless the orders are confirmed and worth what the contract says."""
        for order in self.order_ids:
            if order.state != "sale":
                raise UserError(
                    self.env._(
                        "Confirm %(order)s before %(contract)s is signed.",
                        order=order.name,
                        contract=self.display_name,
                    )
                )
        total = sum(self.order_ids.mapped("amount_total"))
        if self.order_ids and self.currency_id.compare_amounts(total, self.amount_total):
            raise UserError(
                self.env._(
                    "The contract is worth %(value)s, its orders %(total)s. Take the value over"
                    " from the orders, or correct the orders.",
                    value=self.currency_id.format(self.amount_total),
                    total=self.currency_id.format(total),
                )
            )

    def _check_plan_complete(self):
        """Raise unless the instalments are positive and add up to the contract and its orders."""
        lines, currency = self.plan_line_ids, self.currency_id
        for line in lines:
            if currency.compare_amounts(line.amount, 0.0) <= 0:
                raise UserError(
                    self.env._(
                        "Instalment “%(name)s” has no amount. Enter a share or an amount, or"
                        " delete it.",
                        name=line.name,
                    )
                )
        groups = [(order, order.amount_total) for order in self.order_ids]
        for order, expected in [*groups, (self.env["sale.order"], self.amount_total)]:
            own = lines.filtered(lambda line, order=order: line.order_id == order)
            planned = sum((own if order else lines).mapped("amount"))
            if currency.compare_amounts(planned, expected):
                raise UserError(
                    self.env._(
                        "The instalments of %(what)s add up to %(planned)s, not to %(expected)s:"
                        " %(difference)s differ. Correct the payment plan before signing.",
                        what=order.name or self.display_name,
                        planned=currency.format(planned),
                        expected=currency.format(expected),
                        difference=currency.format(abs(expected - planned)),
                    )
                )

    def _on_contract_event(self, event, date):
        """Make the instalments that wait for ``event`` due, once, and say so in the chatter."""
        super()._on_contract_event(event, date)
        # sudo: who accepts a delivery (a customer, service) has no rights on the payment plan
        waiting = self.sudo().plan_line_ids.filtered(lambda line: not line.date_event)
        fallen = waiting.filtered(lambda line: line.event == event)._fall_due(date)
        if event == "signed":
            today = fields.Date.context_today(self)
            for line in waiting.filtered(
                lambda row: row.event == "date" and row.date_fixed <= today
            ):
                fallen |= line._fall_due(line.date_fixed)
        for line in fallen:
            self.message_post(
                body=self.env._(
                    "%(name)s over %(amount)s is due on %(date)s and can be invoiced.",
                    name=line.name,
                    amount=line.currency_id.format(line.amount),
                    date=fields.Date.to_string(line.due_date),
                )
            )

    def _on_contract_resumed(self, days):
        """Due dates move by the working days that the contract stood still."""
        super()._on_contract_resumed(days)
        # sudo: who resumes a contract need not have rights on invoices
        self.sudo().plan_line_ids._replan()
