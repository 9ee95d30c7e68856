from odoo import api, fields, models


class CrmLead(models.Model):
    """A lead with a campaign is a person's answer to it."""

    _inherit = "crm.lead"

    crm_touch_ids = fields.One2many("crm.campaign.touch", "lead_id", string="Touches")

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._record_campaign_touches()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if vals.get("campaign_id"):
            self._record_campaign_touches()
        if vals.get("partner_id"):
            # sudo: touches are the program's. Read through the leads, so that a loop over leads
            # that were read together costs one query.
            touched = self.sudo().filtered("crm_touch_ids")
            self.env["crm.campaign.touch"]._identify(touched)
        return result

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        self.env["crm.campaign.touch"]._move_to_lead(opportunities, self)
        return result

    def _record_campaign_touches(self):
        """Record one touch per lead and campaign, dated when the lead came in."""
        self.env["crm.campaign.touch"]._record(
            [
                {
                    "campaign_id": lead.campaign_id.id,
                    "partner_id": lead.partner_id.id,
                    "lead_id": lead.id,
                    "channel": lead.medium_id.crm_channel or "other",
                    "kind": "form",
                    "date": lead.create_date,
                    "source_key": f"crm.lead,{lead.id},{lead.campaign_id.id}",
                }
                for lead in self
                if lead.campaign_id
            ]
        )
