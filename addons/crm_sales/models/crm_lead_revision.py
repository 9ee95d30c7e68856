from odoo import models
from odoo.fields import Domain


class CrmLead(models.Model):
    """Only the latest revision of a quotation counts in the pipeline."""

    _inherit = "crm.lead"

    def _get_action_view_sale_quotation_domain(self):
        return list(
            Domain(super()._get_action_view_sale_quotation_domain())
            & Domain("crm_replaced_by_id", "=", False)
        )
