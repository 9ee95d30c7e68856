from odoo import models


class CrmLead(models.Model):
    """Leads hand their origin on to the customer they become."""

    _inherit = "crm.lead"

    def _prepare_customer_values(self, partner_name, is_company=False, parent_id=False):
        values = super()._prepare_customer_values(partner_name, is_company, parent_id)
        if not parent_id:
            values |= self._prepare_customer_origin_values()
        return values

    def _prepare_customer_origin_values(self):
        """Return the marketing origin of this lead as values of the customer."""
        self.ensure_one()
        return {
            "crm_campaign_id": self.campaign_id.id,
            "crm_source_id": self.source_id.id,
            "crm_medium_id": self.medium_id.id,
        }

    def _handle_partner_assignment(
        self, force_partner_id=False, create_missing=True, with_parent=None
    ):
        """Also give a customer found, not created, the origin it lacks."""
        result = super()._handle_partner_assignment(force_partner_id, create_missing, with_parent)
        for lead in self.filtered("partner_id"):
            lead.partner_id.commercial_partner_id._complete_origin(
                lead._prepare_customer_origin_values()
            )
        return result
