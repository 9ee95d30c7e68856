from odoo import models


class SaleOrder(models.Model):
    """A quotation sent is a follow-up of its customer."""

    _inherit = "sale.order"

    def write(self, vals):
        sent = (
            self.filtered(lambda order: order.state == "draft")
            if vals.get("state") in ("sent", "sale")
            else self.browse()
        )
        result = super().write(vals)
        sent.partner_id._stamp_followup()
        return result
