from odoo import fields, models


class CrmLead(models.Model):
    """Opportunities say how their revenue will be shared between sellers."""

    _inherit = "crm.lead"

    crm_split_ids = fields.One2many(
        "crm.revenue.split", "lead_id", string="Revenue Split", copy=True
    )

    def _merge_get_fields_specific(self):
        """Keep the shares of the opportunity that remains, else of the first one that has any."""

        def choose(_name, leads):
            first = next((lead for lead in leads if lead.crm_split_ids), leads[:1])
            keep = leads[:1].crm_split_ids
            return [] if keep else first.crm_split_ids._prepare_copies()

        return super()._merge_get_fields_specific() | {"crm_split_ids": choose}
