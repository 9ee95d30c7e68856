from odoo import api, fields, models


class SaleOrder(models.Model):
    """Orders take the shares of their opportunity over, and hand them to their contract."""

    _inherit = "sale.order"

    crm_split_ids = fields.One2many(
        "crm.revenue.split", "order_id", string="Revenue Split", copy=True
    )
    crm_is_split = fields.Boolean(
        string="Revenue Is Split", compute="_compute_crm_is_split", store=True
    )

    @api.depends("crm_split_ids")
    def _compute_crm_is_split(self):
        for order in self:
            order.crm_is_split = bool(order.crm_split_ids)

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        # sudo: the order of a shared deal may be made by who owns no share of it
        for order in orders.sudo().filtered(
            lambda row: row.opportunity_id and not row.crm_split_ids
        ):
            if order.opportunity_id.crm_split_ids:
                order.crm_split_ids = order.opportunity_id.crm_split_ids._prepare_copies()
        return orders

    def _prepare_crm_contract_values(self):
        values = super()._prepare_crm_contract_values()
        # sudo: as above, the shares go along whoever makes the contract
        return values | {"crm_split_ids": self.sudo().crm_split_ids._prepare_copies()}
