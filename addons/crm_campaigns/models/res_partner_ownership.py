from odoo import api, models

from odoo.addons.crm_customers.models.res_partner_handover import HandoverSource


class ResPartner(models.Model):
    """What a leaver in marketing hands over."""

    _inherit = "res.partner"

    @api.model
    def _crm_handover_sources(self):
        return [
            *super()._crm_handover_sources(),
            HandoverSource(
                "utm.campaign",
                self.env._("Campaigns"),
                partner=None,
                domain=(("crm_state", "not in", ("closed", "cancelled")),),
            ),
        ]
