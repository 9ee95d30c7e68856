from odoo import api, models

JUDGED_FIELDS = frozenset(
    {"product_id", "product_uom_qty", "product_uom_id", "price_unit", "discount", "tax_ids"}
)


class SaleOrderLine(models.Model):
    """Lines of confirmed orders keep to what was approved."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(
            lambda line: not line.display_type and not line.is_downpayment
        ).order_id._check_confirmed_content()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if JUDGED_FIELDS & vals.keys():
            self.filtered(lambda line: not line.is_downpayment).order_id._check_confirmed_content()
        return result

    def _get_effective_discount(self):
        """Return by how many percent the line is below the price of the pricelist.

        A price that was lowered by hand is a discount like any other. Without a price to compare
        with, it is the discount that the line names.
        """
        self.ensure_one()
        reference = self._get_pricelist_price() if self.product_id else 0.0
        if reference <= 0:
            return self.discount
        price = self.price_unit * (1 - self.discount / 100)
        return max(0.0, round((1 - price / reference) * 100, 2))
