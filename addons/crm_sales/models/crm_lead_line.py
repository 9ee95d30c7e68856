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
        help="What we intend to ask; proposed from the catalogue.",
    )
    amount = fields.Monetary(compute="_compute_amount", store=True, precompute=True)

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of a product must be above zero."
    )
    _price_not_negative = models.Constraint(
        "CHECK (price_unit >= 0)", "A price cannot be negative."
    )

    # -- compute ----------------------------------------------------------------------------

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            line.name = line.product_id.display_name or ""

    @api.depends("lead_id.company_id")
    def _compute_currency_id(self):
        for line in self:
            line.currency_id = (
                line.currency_id or (line.lead_id.company_id or self.env.company).currency_id
            )

    @api.depends("product_id", "currency_id")
    def _compute_list_price(self):
        for line in self:
            line.list_price = line._get_catalogue_price()

    @api.depends("list_price")
    def _compute_price_unit(self):
        for line in self:
            line.price_unit = line.list_price

    @api.depends("quantity", "price_unit")
    def _compute_amount(self):
        for line in self:
            line.amount = line.quantity * line.price_unit

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

    def _prepare_order_line_command(self, currency):
        """Return the command that adds this line to a quotation in ``currency``."""
        self.ensure_one()
        price = self.currency_id._convert(
            self.price_unit,
            currency,
            self.lead_id.company_id or self.env.company,
            fields.Date.context_today(self),
        )
        return Command.create(
            {
                "product_id": self.product_id.id,
                "product_uom_qty": self.quantity,
                "price_unit": price,
            }
        )
