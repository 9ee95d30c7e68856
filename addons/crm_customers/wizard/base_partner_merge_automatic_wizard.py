from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Keeps the segments of merged partners."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # On the first clash the host deletes every row of the merged partners, also those that
        # would not clash; so the surplus rows go beforehand.
        self._drop_surplus_segment_members(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _drop_surplus_segment_members(self, src_partners, dst_partner):
        """Leave one row per segment among the partners that become one, the survivor's first."""
        members = self.env["crm.segment.member"]
        members.flush_model()
        self.env.execute_query(
            SQL(
                """
                DELETE FROM crm_segment_member surplus
                 USING (
                    SELECT id, row_number() OVER (
                        PARTITION BY segment_id ORDER BY (partner_id = %(survivor)s) DESC, id
                    ) AS place
                      FROM crm_segment_member
                     WHERE partner_id = ANY(%(partners)s)
                 ) ranked
                 WHERE surplus.id = ranked.id AND ranked.place > 1
             RETURNING surplus.id
                """,
                survivor=dst_partner.id,
                partners=(src_partners | dst_partner).ids,
            )
        )
        members.invalidate_model()
