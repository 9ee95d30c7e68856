from odoo import models


class SaleOrder(models.Model):
    """A confirmed order is a deal, so the return rules of pools look at it."""

    _name = "sale.order"
    _inherit = ["sale.order", "crm.judged.mixin"]

    def _crm_judged_fields(self):
        return super()._crm_judged_fields() | {"date_order"}
