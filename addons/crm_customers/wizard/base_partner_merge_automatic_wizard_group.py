from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Keeps the group of merged companies a tree."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        self._fold_group(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _fold_group(self, src_partners, dst_partner):
        """Put the survivor below the first company that stands above one of those merged.

        Whoever of the merged stands above another one of them is passed over, so that the survivor
        never comes to stand below itself; the companies below follow by their reference.
        """
        partners = self.env["res.partner"]
        partners.flush_model(["crm_parent_id"])
        merged = [dst_partner.id, *(src_partners - dst_partner).ids]
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE up(start, id, height) AS (
                    SELECT id, crm_parent_id, 1 FROM res_partner
                     WHERE id = ANY(%s) AND crm_parent_id IS NOT NULL
                     UNION
                    SELECT up.start, own.crm_parent_id, up.height + 1
                      FROM up JOIN res_partner own ON own.id = up.id
                     WHERE own.crm_parent_id IS NOT NULL
                )
                SELECT start, id FROM up ORDER BY start, height
                """,
                merged,
            )
        )
        if not rows:
            return
        above = None
        for own in merged:
            chain = [ancestor for start, ancestor in rows if start == own]
            last = max((place for place, one in enumerate(chain) if one in merged), default=-1)
            if chain[last + 1 :]:
                above = chain[last + 1]
                break
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET crm_parent_id = CASE WHEN id = %s THEN %s::int END"
                " WHERE id = ANY(%s)",
                dst_partner.id,
                above,
                merged,
            )
        )
        partners.invalidate_model(["crm_parent_id", "crm_subsidiary_ids"])
