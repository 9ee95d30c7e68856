from odoo import api, models

CREDIT_FIELDS = frozenset(
    {"price_unit", "product_uom_qty", "discount", "tax_ids", "purchase_price", "product_id"}
)


class SaleOrderLine(models.Model):
    """A confirmed order whose lines change counts otherwise for its sellers."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._mark_credited()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if CREDIT_FIELDS & vals.keys():
            self._mark_credited()
        return result

    def unlink(self):
        self._mark_credited()
        return super().unlink()

    def _mark_credited(self):
        self.order_id.filtered(lambda order: order.state == "sale")._mark_credited()
