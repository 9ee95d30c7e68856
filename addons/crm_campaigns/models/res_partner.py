from odoo import api, fields, models


class ResPartner(models.Model):
    """Campaigns on the customer's page: memberships and the timeline of responses."""

    _inherit = "res.partner"

    crm_member_ids = fields.One2many(
        "crm.campaign.member", "partner_id", string="Campaign Memberships"
    )
    crm_touch_ids = fields.One2many("crm.campaign.touch", "partner_id", string="Touches")
    crm_touch_count = fields.Integer(string="Touch Count", compute="_compute_crm_touch_count")

    @api.depends("crm_touch_ids", "child_ids.crm_touch_ids")
    def _compute_crm_touch_count(self):
        if not self.env["crm.campaign.touch"].has_access("read"):
            self.crm_touch_count = 0
            return
        groups = self.env["crm.campaign.touch"]._read_group(
            [("partner_id", "child_of", self.ids)], ["partner_id"], ["__count"]
        )
        counts = dict.fromkeys(self.ids, 0)
        for person, count in groups:
            # sudo: the way up the company tree, whoever may see its steps
            ancestors = {int(step) for step in (person.sudo()._crm_ancestor_ids())}
            for partner_id in ancestors & set(counts):
                counts[partner_id] += count
        for partner in self:
            partner.crm_touch_count = counts.get(partner._origin.id, 0)

    def _crm_ancestor_ids(self):
        """Return the ids of this partner and of all above it."""
        self.ensure_one()
        found, current = set(), self
        while current and current.id not in found:
            found.add(current.id)
            current = current.parent_id
        return found

    def action_view_crm_touches(self):
        """Open the responses of this customer and its contacts, the newest first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_campaigns.crm_campaign_touch_action"
        )
        return action | {
            "domain": [("partner_id", "child_of", self.ids)],
            "context": {"default_partner_id": self.id},
        }
