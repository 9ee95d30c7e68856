from odoo import api, models

from odoo.addons.crm_customers.models.res_partner_handover import HandoverSource


class ResPartner(models.Model):
    """What a leaver in service hands over."""

    _inherit = "res.partner"

    @api.model
    def _crm_handover_sources(self):
        return [
            *super()._crm_handover_sources(),
            HandoverSource(
                "crm.service.ticket",
                self.env._("Open tickets"),
                domain=(("closed_at", "=", False),),
            ),
            HandoverSource(
                "crm.service.visit",
                self.env._("Planned inspections"),
                domain=(("state", "in", ("planned", "in_progress")),),
            ),
            HandoverSource(
                "crm.service.plan",
                self.env._("Inspection plans"),
                domain=(("state", "in", ("draft", "active")),),
            ),
        ]
