from odoo import models


class CrmLead(models.Model):
    """Opportunities keep customers with their owner, won ones are deals."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.judged.mixin"]

    def _crm_judged_fields(self):
        return super()._crm_judged_fields() | {
            "type",
            "stage_id",
            "probability",
            "won_status",
            "date_closed",
        }
