from odoo import models


class CrmTeam(models.Model):
    """The host's assignment leaves leads alone that wait in a public pool."""

    _inherit = "crm.team"

    def _get_lead_to_assign_domain(self):
        return [*super()._get_lead_to_assign_domain(), ("crm_pooled", "=", False)]

    def _allocate_leads_deduplicate(self, leads, duplicates_cache=None):
        pooled = leads.filtered("crm_pooled")
        result = super()._allocate_leads_deduplicate(leads - pooled, duplicates_cache)
        # reported as dealt with, or the host would pick them for ever
        result["assigned"] |= set(pooled.ids)
        return result
