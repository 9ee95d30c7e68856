from odoo import api, fields, models
from odoo.fields import Command


class CrmLeadLine(models.Model):
    """What the customer of an opportunity may buy, before there is a quotation.

    ``list_price`` is a snapshot: what the catalogue asked when the product was chosen, so a
    price list changed later does not rewrite what was discussed.
    """

    _name = "crm.lead.line"
    _description = "Opportunity Product"
    _order = "sequence, id"
    _check_company_auto = True

    lead_id = fields.Many2one("crm.lead", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="lead_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        domain="[('sale_ok', '=', True)]",
    )
    name = fields.Char(
        string="Description", compute="_compute_name", store=True, readonly=False, precompute=True
    )
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True)
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    list_price = fields.Monetary(
        compute="_compute_list_price",
        store=True,
        precompute=True,
        help="Catalogue price when the product was chosen.",
    )
    price_unit = fields.Monetary(
        string="Unit Price",
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
        help="What we intend to ask; proposed from the customer's pricelist.",
    )
    product_uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        compute="_compute_product_uom_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        domain="[('id', 'in', allowed_uom_ids)]",
    )
    allowed_uom_ids = fields.Many2many("uom.uom", compute="_compute_allowed_uom_ids")
    discount = fields.Float(string="Discount (%)", digits="Discount")
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        compute="_compute_tax_ids",
        store=True,
        check_company=True,
        help="As the quotation will have them; amounts here are before taxes.",
    )
    amount = fields.Monetary(compute="_compute_amount", store=True, precompute=True)

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of a product must be above zero."
    )
    _price_not_negative = models.Constraint(
        "CHECK (price_unit >= 0)", "A price cannot be negative."
    )

    _discount_percent = models.Constraint(
        "CHECK (discount >= 0 AND discount <= 100)", "A discount is between 0 and 100 %."
    )

    # -- compute ----------------------------------------------------------------------------

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            line.name = line.product_id.display_name or ""

    @api.depends("lead_id.company_id", "lead_id.crm_currency_id")
    def _compute_currency_id(self):
        for line in self:
            lead = line.lead_id
            line.currency_id = (
                line.currency_id
                or lead.crm_currency_id
                or (lead.company_id or self.env.company).currency_id
            )

    @api.depends("product_id")
    def _compute_product_uom_id(self):
        for line in self:
            if line.product_uom_id not in line._get_units():
                line.product_uom_id = line.product_id.uom_id

    @api.depends("product_id.uom_id", "product_id.uom_ids")
    def _compute_allowed_uom_ids(self):
        for line in self:
            line.allowed_uom_ids = line._get_units()

    @api.depends("product_id", "lead_id.company_id", "lead_id.partner_id")
    def _compute_tax_ids(self):
        # sudo: taxes are for accounting to read; the line shows their names
        positions = self.env["account.fiscal.position"].sudo()
        for lead, lines in self.grouped("lead_id").items():
            company = lead.company_id or self.env.company
            position = positions.with_company(company)._get_fiscal_position(lead.partner_id)
            for line in lines:
                taxes = line.product_id.sudo().taxes_id  # sudo: as above
                line.tax_ids = position.map_tax(taxes._filter_taxes_by_company(company))

    @api.depends("product_id", "currency_id")
    def _compute_list_price(self):
        for line in self:
            line.list_price = line._get_catalogue_price()

    @api.depends("list_price", "product_uom_id")
    def _compute_price_unit(self):
        for line in self:
            line.price_unit = line._get_pricelist_price()

    @api.depends("quantity", "price_unit", "discount", "currency_id")
    def _compute_amount(self):
        for line in self:
            amount = line.quantity * line.price_unit * (1 - line.discount / 100)
            line.amount = line.currency_id.round(amount) if line.currency_id else amount

    # -- business ----------------------------------------------------------------------------

    def _get_catalogue_price(self):
        """Return the product's catalogue price in the currency of the line."""
        self.ensure_one()
        product, currency = self.product_id, self.currency_id
        if not product or not currency:
            return 0.0
        return product.currency_id._convert(
            product.lst_price,
            currency,
            self.lead_id.company_id or self.env.company,
            fields.Date.context_today(self),
        )

    def _get_units(self):
        """Return the units in which the product is sold."""
        return self.product_id.uom_id | self.product_id.uom_ids

    def _get_pricelist_price(self):
        """Return what the customer's pricelist asks, in the currency of the line.

        Without a pricelist, or without a customer, it is the catalogue price.
        """
        self.ensure_one()
        product, lead = self.product_id, self.lead_id
        company = lead.company_id or self.env.company
        pricelist = lead.partner_id.with_company(company).property_product_pricelist
        if not product or not self.currency_id or not pricelist:
            return self.list_price
        return pricelist._get_product_price(
            product,
            self.quantity or 1.0,
            currency=self.currency_id,
            uom=self.product_uom_id or product.uom_id,
            date=fields.Date.context_today(self),
        )

    def _prepare_order_line_command(self, currency):
        """Return the command that adds this line to a quotation in ``currency``.

        Where discounts or units are not in use on quotations, the form would drop them: they are
        put into price and quantity instead, so that the amount is the same.
        """
        self.ensure_one()
        product = self.product_id
        unit, quantity, price, discount = (
            self.product_uom_id or product.uom_id,
            self.quantity,
            self.price_unit,
            self.discount,
        )
        if not self.env.user.has_group("uom.group_uom") and unit != product.uom_id:
            quantity = unit._compute_quantity(quantity, product.uom_id)
            price = unit._compute_price(price, product.uom_id)
            unit = product.uom_id
        if not self.env.user.has_group("sale.group_discount_per_so_line"):
            price, discount = price * (1 - discount / 100), 0.0
        values = {
            "product_id": product.id,
            "product_uom_qty": quantity,
            "product_uom_id": unit.id,
            "price_unit": self.currency_id._convert(
                price,
                currency,
                self.lead_id.company_id or self.env.company,
                fields.Date.context_today(self),
            ),
            "discount": discount,
        }
        if self.name and self.name != product.display_name:
            values["name"] = self.name
        return Command.create(values)
