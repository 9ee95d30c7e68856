from odoo import api, models


class CrmMergeRefresh(models.AbstractModel):
    """Documents that a merge, or its undoing, moved by SQL are facts for the return rules."""

    _inherit = "crm.merge.refresh"

    @api.model
    def _refresh_partners(self, partners):
        result = super()._refresh_partners(partners)
        self.env["crm.pool.queue"]._note(partners.ids)
        return result
