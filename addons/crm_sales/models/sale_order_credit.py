from odoo import api, models

CREDIT_FIELDS = frozenset({"state", "crm_contract_id", "date_order", "user_id", "team_id"})


class SaleOrder(models.Model):
    """What an order means for its sellers is read again when it changes."""

    _inherit = "sale.order"

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state == "sale")._mark_credited()
        return orders

    def write(self, vals):
        contracts = self.crm_contract_id
        result = super().write(vals)
        if CREDIT_FIELDS & vals.keys():
            self._mark_credited()
            self.env["crm.sales.queue"]._mark("contract", contracts.ids)
        return result

    def _mark_credited(self):
        queue = self.env["crm.sales.queue"]
        queue._mark("order", self.ids)
        queue._mark("contract", self.crm_contract_id.ids)
