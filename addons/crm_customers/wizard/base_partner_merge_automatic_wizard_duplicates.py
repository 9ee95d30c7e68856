from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Keeps what is known about duplicates true when two of them become one."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # The keys of those who go must not refuse the values that the survivor takes over.
        self._forget_duplicate_keys(src_partners)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self._fold_duplicate_pairs(dst_partner)
        # sudo: keys are the product's own
        self.env["crm.dup.key"].sudo()._refresh(dst_partner)
        return result

    def _forget_duplicate_keys(self, partners):
        ids = partners.ids
        self.env.cr.execute(SQL("DELETE FROM crm_dup_key WHERE partner_id = ANY(%s)", ids))
        self.env.cr.execute(SQL("DELETE FROM crm_dup_queue WHERE partner_id = ANY(%s)", ids))

    def _fold_duplicate_pairs(self, survivor):
        """Drop the pairs of the survivor with itself and those that it has twice now.

        A pair that somebody decided about stays before one that is open.
        """
        pairs = self.env["crm.dup.pair"]
        pairs.flush_model()
        survivor_id = survivor.id
        self.env.cr.execute(
            SQL(
                "UPDATE crm_dup_pair SET partner_id = other_id, other_id = partner_id"
                " WHERE partner_id > other_id AND %s IN (partner_id, other_id)",
                survivor_id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM crm_dup_pair surplus
                 USING (
                    SELECT id, partner_id = other_id AS itself, row_number() OVER (
                        PARTITION BY partner_id, other_id ORDER BY (state = 'open'), id
                    ) AS place
                      FROM crm_dup_pair
                     WHERE %s IN (partner_id, other_id)
                 ) ranked
                 WHERE surplus.id = ranked.id AND (ranked.itself OR ranked.place > 1)
                """,
                survivor_id,
            )
        )
        pairs.invalidate_model()
