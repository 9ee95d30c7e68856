from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class CrmInstalmentInvoiceMixin(models.AbstractModel):
    """Turning an instalment that has fallen due into a draft invoice, exactly once.

    The invoice itself is made by the order, through the host's own invoicing; without an order by
    the contract.
    """

    _name = "crm.instalment.invoice.mixin"
    _description = "Invoicing of Instalments"

    # -- actions -----------------------------------------------------------------------------

    def action_create_invoices(self):
        """Make a draft invoice for each of these instalments and open what was made.

        :raises UserError: with the reason, when an instalment cannot be invoiced now
        """
        self._check_may_invoice()
        invoices = self.env["account.move"]
        for line in self.sorted("sequence"):
            invoices |= line._create_invoice()
        return self.order_id.action_view_invoice(invoices=invoices)

    def action_view_invoices(self):
        """Open the invoices and credit notes of this instalment."""
        self.ensure_one()
        return self.order_id.action_view_invoice(invoices=self.move_ids)

    # -- business ---------------------------------------------------------------------------

    def _create_invoice(self):
        """Return a new draft invoice over what this instalment has left to invoice.

        The rows of the whole plan are locked: which instalment is the last one decides how the
        host deducts the others. A second session waits, then fails to serialise on the row that
        the first one wrote, is retried by the host and is told about the invoice.
        """
        self.ensure_one()
        self.env.execute_query(
            SQL(
                "SELECT id FROM crm_payment_plan_line WHERE contract_id = %s"
                " ORDER BY id FOR UPDATE",
                self.contract_id.id,
            )
        )
        self._check_can_invoice()
        amount = self.amount_to_invoice
        if self.order_id:
            invoice = self.order_id._crm_create_instalment_invoice(self)
        else:
            invoice = self.contract_id._create_plain_instalment_invoice(self)
        self._check_invoice_total(invoice, amount)
        return invoice

    # -- checks -----------------------------------------------------------------------------

    def _check_may_invoice(self):
        """Sales invoices its own contracts, invoicing all; nobody else."""
        self.check_access("read")
        user = self.env.user
        if not (
            user.has_group("account.group_account_invoice")
            or user.has_group("sales_team.group_sale_salesman")
        ):
            raise AccessError(self.env._("Only sales and invoicing make invoices of instalments."))

    def _check_can_invoice(self):
        """Raise with the reason why this instalment cannot be invoiced now."""
        self.ensure_one()
        contract, name = self.contract_id, self.display_name
        if contract.state in ("draft", "suspended", "terminated"):
            labels = dict(contract._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(contract)s is not in force (%(state)s); %(name)s cannot be invoiced.",
                    contract=contract.display_name,
                    state=labels[contract.state],
                    name=name,
                )
            )
        if self.currency_id.is_zero(self.amount_to_invoice):
            raise UserError(
                self.env._(
                    "%(name)s is invoiced already: %(invoices)s.",
                    name=name,
                    # sudo: the number tells where the money is, also to who may not open it
                    invoices=", ".join(self.sudo().move_ids.mapped("display_name")) or "–",
                )
            )
        if self.state == "planned":
            labels = dict(self._fields["event"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(name)s is not due yet: it falls due after “%(event)s”.",
                    name=name,
                    event=labels[self.event],
                )
            )
        if self.order_id:
            self._check_order_matches()
        # sudo: invoicing need not be allowed to read products
        elif not contract.sudo().invoice_product_id:
            raise UserError(
                self.env._(
                    "Say on %(contract)s what is invoiced: choose a product under “Invoiced As”, or"
                    " link a sales order.",
                    contract=contract.display_name,
                )
            )

    def _check_invoice_total(self, invoice, amount):
        """Raise unless ``invoice`` is exactly what was to be invoiced; taxes may prevent it."""
        # sudo: sales need not be allowed to read invoices
        total = invoice.sudo().amount_total
        if self.currency_id.compare_amounts(total, amount):
            raise UserError(
                self.env._(
                    "The invoice would amount to %(total)s instead of %(amount)s. Check the taxes"
                    " of %(document)s.",
                    total=self.currency_id.format(total),
                    amount=self.currency_id.format(amount),
                    document=(self.order_id or self.contract_id).display_name,
                )
            )

    def _check_order_matches(self):
        """Raise unless the order that is invoiced still is what the plan was made for."""
        order = self.order_id
        if order.state != "sale":
            raise UserError(self.env._("Confirm %(order)s first.", order=order.display_name))
        planned = sum(
            self.contract_id.plan_line_ids.filtered(lambda line: line.order_id == order).mapped(
                "amount"
            )
        )
        if self.currency_id.compare_amounts(planned, order.amount_total):
            raise UserError(
                self.env._(
                    "%(order)s amounts to %(total)s, its instalments to %(planned)s. Restore the"
                    " order, or amend the contract.",
                    order=order.display_name,
                    total=self.currency_id.format(order.amount_total),
                    planned=self.currency_id.format(planned),
                )
            )
