from odoo import Command, api, fields, models


class CrmContract(models.Model):
    """Contracts without an order are invoiced too: instalments as a plain line of one product."""

    _inherit = "crm.contract"

    invoice_product_id = fields.Many2one(
        "product.product",
        string="Invoiced As",
        check_company=True,
        domain="[('sale_ok', '=', True)]",
        help="What instalments without an order are invoiced as. It gives the invoice line its"
        " account and its taxes.",
    )
    invoice_tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        compute="_compute_invoice_tax_ids",
        store=True,
        readonly=False,
        check_company=True,
        domain="[('type_tax_use', '=', 'sale')]",
        help="Taxes of instalments without an order; the instalment's amount includes them.",
    )

    @api.depends("invoice_product_id", "partner_id", "company_id")
    def _compute_invoice_tax_ids(self):
        positions = self.env["account.fiscal.position"]
        for contract in self:
            company = contract.company_id
            # sudo: which taxes apply does not depend on who may read them
            taxes = contract.sudo().invoice_product_id.taxes_id._filter_taxes_by_company(company)
            # sudo: nor does the customer's fiscal position
            books = positions.sudo().with_company(company)
            position = books._get_fiscal_position(contract.partner_id)
            contract.invoice_tax_ids = position.map_tax(taxes)

    def _create_plain_instalment_invoice(self, instalment):
        """Return a draft invoice with one line over what ``instalment`` has left to invoice.

        The host's down payment of a fixed amount gives the line, so its total is exact whatever
        the taxes. The caller has checked rights, locked the plan and checked what can be invoiced.
        """
        self.ensure_one()
        # sudo: invoicing has no rights on contracts, sales none on invoices
        contract = self.sudo().with_company(self.company_id)
        amount = instalment.amount_to_invoice
        invoice = contract.env["account.move"].create(
            contract._prepare_plain_invoice_values(instalment, amount)
        )
        invoice._crm_set_due_date(instalment.due_date)
        # sudo: gives the caller back the rights he came with
        return invoice.sudo(self.env.su)

    def _prepare_plain_invoice_values(self, instalment, amount):
        self.ensure_one()
        customer = self.partner_id
        return {
            "move_type": "out_invoice",
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "partner_id": customer.address_get(["invoice"])["invoice"],
            "invoice_user_id": self.user_id.id,
            "team_id": self.team_id.id,
            "invoice_origin": self.name,
            "crm_contract_id": self.id,
            "invoice_line_ids": [
                Command.create(values)
                for values in self._prepare_plain_invoice_lines(instalment, amount)
            ],
        }

    def _prepare_plain_invoice_lines(self, instalment, amount):
        """Return the values of the lines that total ``amount``, taxes included."""
        self.ensure_one()
        taxes = self.env["account.tax"]
        rate = self.env["res.currency"]._get_conversion_rate(
            self.company_id.currency_id, self.currency_id, self.company_id
        )
        base_line = taxes._prepare_base_line_for_taxes_computation(
            None,
            product_id=self.invoice_product_id,
            tax_ids=self.invoice_tax_ids,
            price_unit=amount,
            quantity=1.0,
            currency_id=self.currency_id,
            partner_id=self.partner_id,
            rate=rate,
        )
        base_lines = [base_line]
        taxes._add_tax_details_in_base_lines(base_lines, self.company_id)
        taxes._round_base_lines_tax_details(base_lines, self.company_id)
        lines = taxes._prepare_down_payment_lines(
            base_lines,
            self.company_id,
            "fixed",
            amount,
            computation_key=f"crm_instalment,{instalment.id}",
        )
        return [
            {
                "name": f"{self.name} {self.subject}: {instalment.name}",
                "product_id": self.invoice_product_id.id,
                "quantity": 1.0,
                "price_unit": line["price_unit"],
                "tax_ids": [Command.set(line["tax_ids"].ids)],
                "extra_tax_data": taxes._export_base_line_extra_tax_data(line),
                "crm_plan_line_id": instalment.id,
            }
            for line in lines
        ]
