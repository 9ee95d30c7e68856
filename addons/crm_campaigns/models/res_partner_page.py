from odoo import models

from odoo.addons.crm_customers.tools.overview import Tile, TimelineSource


class ResPartner(models.Model):
    """Responses to campaigns on the customer's page; machines do not count."""

    _inherit = "res.partner"

    def _get_touch_domain(self):
        return [("partner_id.commercial_partner_id", "=", self.id), ("is_bot", "=", False)]

    def _crm_overview_tiles(self, figures):
        return [
            *super()._crm_overview_tiles(figures),
            Tile(
                "touches",
                self.env._("Campaign Responses"),
                "fa-bullhorn",
                "crm.campaign.touch",
                self._get_touch_domain(),
                action="crm_campaigns.crm_campaign_touch_action",
                sequence=70,
            ),
        ]

    def _crm_timeline_sources(self):
        return [
            *super()._crm_timeline_sources(),
            TimelineSource(
                "touch",
                "crm.campaign.touch",
                self._get_touch_domain(),
                "date",
                "campaign_id",
                "kind",
                person="partner_id",
                opens="",
                label=self.env._("Campaign Responses"),
                icon="fa-bullhorn",
            ),
        ]
