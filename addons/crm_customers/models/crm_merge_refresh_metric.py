from odoo import api, models


class CrmMergeRefresh(models.AbstractModel):
    """Figures of customers are read again once documents came to them, or went back."""

    _inherit = "crm.merge.refresh"

    @api.model
    def _refresh_partners(self, partners):
        result = super()._refresh_partners(partners)
        self.env["crm.customer.metric.queue"]._mark(partners.commercial_partner_id.ids)
        return result
