from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_customers.models.crm_consent import CHANNELS, PURPOSES

ADDRESS_COLUMNS = {
    "email": "email_normalized",
    "sms": "phone_sanitized",
    "phone": "phone_sanitized",
    "wechat": "crm_wechat",
}


class CrmCampaignAudience(models.TransientModel):
    """The preview before people are addressed: how many, and each one left out with the reason.

    For a campaign, the people come from segments and become members. For a mailing, they are the
    mailing's recipients and the preview only informs.
    """

    _name = "crm.campaign.audience"
    _description = "Campaign Audience"

    campaign_id = fields.Many2one("utm.campaign", ondelete="cascade")
    mailing_id = fields.Many2one("mailing.mailing", ondelete="cascade")
    segment_ids = fields.Many2many("crm.segment", string="Segments")
    channel = fields.Selection(CHANNELS, default="email", required=True)
    purpose = fields.Selection(PURPOSES, default="marketing", required=True)
    previewed = fields.Boolean(readonly=True)
    total_count = fields.Integer(string="People in All", readonly=True)
    included_count = fields.Integer(string="To Be Addressed", readonly=True)
    excluded_count = fields.Integer(string="Left Out", readonly=True)
    line_ids = fields.One2many(
        "crm.campaign.audience.line", "audience_id", string="People Left Out", readonly=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        audiences = super().create(vals_list)
        for audience in audiences.filtered("mailing_id"):
            audience._preview()
        return audiences

    @api.onchange("segment_ids", "channel", "purpose")
    def _onchange_choice(self):
        """What was shown no longer fits the choice."""
        self.previewed = bool(self.mailing_id)

    def action_preview(self):
        """Work out who would be addressed."""
        self.ensure_one()
        self._preview()
        return self._get_action()

    def action_add_members(self):
        """Make everybody who may be contacted a member of the campaign."""
        self.ensure_one()
        self.campaign_id.check_access("write")
        if not self.segment_ids:
            raise UserError(self.env._("Choose at least one segment."))
        included, _excluded = self._split_segments()
        self.env["crm.campaign.member"]._add(self.campaign_id, included)
        return self.campaign_id.action_view_crm_members()

    def _preview(self):
        if self.mailing_id:
            total, excluded = self.mailing_id._crm_explain_recipients()
        else:
            included, excluded = self._split_segments()
            total = len(included) + len(excluded)
        self.write(
            {
                "previewed": True,
                "total_count": total,
                "included_count": total - len(excluded),
                "excluded_count": len(excluded),
                "line_ids": [Command.clear(), *(Command.create(line) for line in excluded)],
            }
        )

    def _split_segments(self):
        """Return ``({partner_id: segment_id}, [line values])``: who joins, and who does not."""
        # The members of a segment with a condition are worked out afresh: what counts is now.
        self.segment_ids._refresh()
        members = self.env["crm.segment.member"].search(
            [("segment_id", "in", self.segment_ids.ids)], order="segment_id, id"
        )
        segment_of = {}
        for member in members:
            segment_of.setdefault(member.partner_id.id, member.segment_id.id)
        people = self.env["res.partner"].browse(segment_of)
        reasons = people._explain_contactable(self.channel, self.purpose)
        already = set(
            self.env["crm.campaign.member"]
            .search([("campaign_id", "=", self.campaign_id.id)])
            .partner_id.ids
        )
        column = ADDRESS_COLUMNS.get(self.channel)
        # sudo: everybody in the segment is looked at
        addresses = {partner.id: partner[column] if column else False for partner in people.sudo()}
        seen = {addresses[partner_id] for partner_id in already if partner_id in addresses}
        included, excluded = {}, []
        # sudo: the names of those left out are shown to who addresses them
        for partner in people.sudo():
            address = addresses[partner.id]
            if partner.id in already:
                reason = self.env._("Already a member")
            elif partner.id in reasons:
                reason = reasons[partner.id]
            elif address and address in seen:
                reason = self.env._("Another member has the same address")
            else:
                seen.add(address)
                included[partner.id] = segment_of[partner.id]
                continue
            excluded.append(
                {
                    "partner_id": partner.id,
                    "name": partner.display_name,
                    "address": address,
                    "reason": reason,
                }
            )
        return included, excluded

    def _get_action(self):
        name = self.env._("Recipients") if self.mailing_id else self.env._("Add Members")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
