from odoo import models


class SaleOrder(models.Model):
    """What two revisions of a quotation are compared by."""

    _inherit = "sale.order"

    def _list_compared(self):
        """Return the lines as plain values, in their order; margins for who may see them."""
        self.ensure_one()
        with_margin = "margin" in self.env["sale.order.line"].fields_get(["margin"], ["type"])
        return [line._prepare_compared(with_margin) for line in self.order_line]
