from odoo import api, models
from odoo.tools import SQL

from ..tools.members import RANKS


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging people folds their memberships: one row per campaign, the furthest status wins."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self._fold_campaign_members(src_partners, dst_partner)
        super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _fold_campaign_members(self, src_partners, dst_partner):
        """Keep one membership per campaign of the people who become one.

        The host moves the remaining rows itself; left alone, the unique index would stop it.
        """
        self.env["crm.campaign.member"].flush_model()
        ranks = SQL(", ").join(SQL("(%s, %s)", state, rank) for state, rank in RANKS.items())
        self.env.cr.execute(
            SQL(
                """
                WITH rank (state, value) AS (VALUES %(ranks)s),
                     ordered AS (
                        SELECT member.id,
                               ROW_NUMBER() OVER (
                                   PARTITION BY member.campaign_id
                                   ORDER BY rank.value DESC, member.id) AS place
                          FROM crm_campaign_member member
                          JOIN rank ON rank.state = member.state
                         WHERE member.partner_id = ANY(%(partners)s))
                DELETE FROM crm_campaign_member member
                 USING ordered
                 WHERE ordered.id = member.id AND ordered.place > 1
                """,
                ranks=ranks,
                partners=[*src_partners.ids, dst_partner.id],
            )
        )
        self.env["crm.campaign.member"].invalidate_model()
