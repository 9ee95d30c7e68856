from odoo import api, models

from ..tools.quotation_compare import Line


class SaleOrderLine(models.Model):
    """Lines of a revision that was replaced stay as they were."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        self.env["sale.order"].browse(
            {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        )._check_not_frozen()
        return super().create(vals_list)

    def write(self, vals):
        self.order_id._check_not_frozen()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self.order_id._check_not_frozen()

    def _prepare_compared(self, with_margin):
        """Return the line as plain values, by which two revisions are compared."""
        self.ensure_one()
        label = self.name or self.product_id.display_name or ""
        if self.display_type:
            return Line((self.display_type, label), label, {})
        figures = {
            "product_uom_qty": self.product_uom_qty,
            "price_unit": self.price_unit,
            "discount": self.discount,
            "price_subtotal": self.price_subtotal,
        }
        if with_margin:
            figures["margin"] = self.margin
        return Line(self.product_id.id or label, label, figures)
