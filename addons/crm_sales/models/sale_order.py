from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL


class InexactInvoiceError(Exception):
    """The host's closing invoice is not what the last instalment has left."""


class SaleOrder(models.Model):
    """Orders become contracts, and are invoiced instalment by instalment."""

    _inherit = "sale.order"

    crm_contract_id = fields.Many2one(
        "crm.contract",
        string="Contract",
        index="btree_not_null",
        check_company=True,
        copy=False,
        tracking=True,
        ondelete="restrict",
        domain="[('partner_id', '=', crm_customer_id), ('state', '=', 'draft')]",
    )
    crm_customer_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Contract Customer"
    )
    crm_plan_template_id = fields.Many2one(
        "crm.payment.plan.template",
        string="Payment Plan",
        check_company=True,
        compute="_compute_crm_plan_template_id",
        store=True,
        readonly=False,
        precompute=True,
        help="How the contract made from this order will be paid.",
    )
    crm_plan_line_ids = fields.One2many(
        "crm.payment.plan.line", "order_id", string="Instalments", readonly=True
    )

    crm_is_planned = fields.Boolean(
        string="Invoiced by Payment Plan", compute="_compute_crm_is_planned", compute_sudo=True
    )

    @api.depends("crm_plan_line_ids")
    def _compute_crm_is_planned(self):
        for order in self:
            order.crm_is_planned = bool(order.crm_plan_line_ids)

    @api.depends("company_id")
    def _compute_crm_plan_template_id(self):
        for order in self:
            company = order.company_id or self.env.company
            template = order.crm_plan_template_id
            if not template or template.company_id not in (self.env["res.company"], company):
                order.crm_plan_template_id = company._get_plan_template()

    @api.constrains("crm_contract_id", "partner_id", "currency_id", "company_id")
    def _check_crm_contract(self):
        for order in self.filtered("crm_contract_id"):
            contract = order.crm_contract_id
            if (
                contract.partner_id != order.partner_id.commercial_partner_id
                or contract.currency_id != order.currency_id
                or contract.company_id != order.company_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(order)s and %(contract)s must have the same customer, currency and"
                        " company.",
                        order=order.display_name,
                        contract=contract.display_name,
                    )
                )

    # -- actions -----------------------------------------------------------------------------

    def action_crm_create_contract(self):
        """Make the contract of this order with its payment plan, once, and open it.

        A second click, or another session at the same time, opens the contract that exists: the
        row of the order is locked and written, so the second one fails to serialise and is
        retried by the host.

        :raises UserError: when the order is not a sent or confirmed one with a value
        """
        self.ensure_one()
        self.check_access("write")
        self.env.execute_query(
            SQL("SELECT id FROM sale_order WHERE id = %s FOR NO KEY UPDATE", self.id)
        )
        if not self.crm_contract_id:
            self._crm_check_contract_possible()
            contract = self.env["crm.contract"].create(self._prepare_crm_contract_values())
            self.crm_contract_id = contract
            contract._apply_plan_template(self.crm_plan_template_id)
        return self.action_crm_view_contract()

    def action_crm_view_contract(self):
        """Open the contract of this order."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contract"),
            "res_model": "crm.contract",
            "view_mode": "form",
            "res_id": self.crm_contract_id.id,
        }

    # -- business ----------------------------------------------------------------------------

    def _crm_check_contract_possible(self):
        self.ensure_one()
        if self.state not in ("sent", "sale"):
            raise UserError(
                self.env._(
                    "Send or confirm %(name)s before you make a contract of it.", name=self.name
                )
            )
        if self.currency_id.compare_amounts(self.amount_total, 0.0) <= 0:
            raise UserError(
                self.env._("%(name)s has no value to make a contract of.", name=self.name)
            )

    def _prepare_crm_contract_values(self):
        """Return the values of the contract that this order becomes."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        services = self.order_line.product_id.filtered(lambda product: product.type == "service")
        return {
            "subject": self.opportunity_id.name
            or self.client_order_ref
            or self.env._("Order %(name)s", name=self.name),
            "contract_type": "development" if services else "sale",
            "partner_id": customer.id,
            "partner_signatory_id": self.partner_id.id if self.partner_id != customer else False,
            "amount_total": self.amount_total,
            "currency_id": self.currency_id.id,
            "lead_id": self.opportunity_id.id,
            "user_id": (self.user_id or self.env.user).id,
            "team_id": self.team_id.id,
            "company_id": self.company_id.id,
            "payment_terms_note": self.preferred_payment_method_line_id.name or False,
        }

    def _prepare_invoice(self):
        """Carry the contract to every invoice of the order."""
        return super()._prepare_invoice() | {"crm_contract_id": self.crm_contract_id.id}

    def _crm_create_instalment_invoice(self, instalment):
        """Return a draft invoice over what ``instalment`` has left, made by the host.

        All instalments but the last are down payments of a fixed amount. The last one is the
        host's regular invoice, with all products, less the down payments: so the invoices add up
        to the order per tax rate as well. Where that closing invoice would not be exactly what is
        left (something was credited, or delivered quantities differ), it is a fixed amount too.

        The caller has checked rights, locked the plan and checked that it can be invoiced.
        """
        self.ensure_one()
        # sudo: invoicing has no rights on the order's wizard and lines; sales none on invoices
        order = self.sudo()
        amount = instalment.amount_to_invoice
        invoice = order._crm_create_closing_invoice(instalment, amount)
        if not invoice:
            invoice = order._crm_run_invoice_wizard(
                {"advance_payment_method": "fixed", "fixed_amount": amount}
            )
        order._crm_link_instalment(invoice, instalment)
        # sudo: gives the caller back the rights he came with
        return invoice.sudo(self.env.su)

    def _crm_create_closing_invoice(self, instalment, amount):
        """Return the regular invoice less down payments if it is exactly ``amount``, else empty."""
        nothing = self.env["account.move"]
        if not self._crm_is_closing_instalment(instalment, amount):
            return nothing
        try:
            with self.env.cr.savepoint():
                invoice = self._crm_run_invoice_wizard(
                    {"advance_payment_method": "delivered", "deduct_down_payments": True}
                )
                if len(invoice) != 1 or self.currency_id.compare_amounts(
                    invoice.amount_total_signed and invoice.amount_total, amount
                ):
                    raise InexactInvoiceError
        except InexactInvoiceError:
            return nothing
        return invoice

    def _crm_is_closing_instalment(self, instalment, amount):
        """Whether ``instalment`` is all that is left and the products are not invoiced yet."""
        self.ensure_one()
        others = self.crm_plan_line_ids - instalment
        billed = sum(
            line.amount_drafted + line.amount_invoiced - line.amount_credited for line in others
        )
        own = instalment.amount_drafted + instalment.amount_invoiced - instalment.amount_credited
        if self.currency_id.compare_amounts(self.amount_total - billed - own, amount):
            return False
        products = self.order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment
        )
        return all(line.qty_to_invoice == line.product_uom_qty for line in products)

    def _crm_run_invoice_wizard(self, values):
        """Run the host's invoicing wizard on this order and return the draft invoice."""
        wizard = self.env["sale.advance.payment.inv"].create({**values, "sale_order_ids": self.ids})
        return wizard._create_invoices(self)

    def _crm_link_instalment(self, invoice, instalment):
        """Mark ``invoice`` as being for ``instalment`` and give it the agreed due date."""
        products = invoice.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        products.crm_plan_line_id = instalment
        contract = instalment.contract_id
        for line in products.filtered(lambda row: row.is_downpayment and row.quantity > 0):
            line.name = f"{contract.name} {contract.subject}: {instalment.name}"
        invoice._crm_set_due_date(instalment.due_date)
