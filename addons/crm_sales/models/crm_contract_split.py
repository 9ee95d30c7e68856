from odoo import api, fields, models


class CrmContract(models.Model):
    """Contracts say how their revenue is shared between sellers."""

    _inherit = "crm.contract"

    crm_split_ids = fields.One2many(
        "crm.revenue.split", "contract_id", string="Revenue Split", copy=True
    )
    crm_is_split = fields.Boolean(
        string="Revenue Is Split", compute="_compute_crm_is_split", store=True
    )

    @api.depends("crm_split_ids")
    def _compute_crm_is_split(self):
        for contract in self:
            contract.crm_is_split = bool(contract.crm_split_ids)

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        # sudo: the contract of a shared deal may be made by who owns no share of it
        for contract in contracts.sudo().filtered(
            lambda row: row.lead_id and not row.crm_split_ids
        ):
            if contract.lead_id.crm_split_ids:
                contract.crm_split_ids = contract.lead_id.crm_split_ids._prepare_copies()
        return contracts
