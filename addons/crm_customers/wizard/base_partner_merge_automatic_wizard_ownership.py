from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Keeps the colleagues with whom merged customers were shared."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # On the first clash the host deletes every row of the merged partners.
        self._drop_surplus_colleagues(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _drop_surplus_colleagues(self, src_partners, dst_partner):
        """Leave one row per colleague, the one that allows most: to write, and for longest."""
        members = self.env["crm.customer.member"]
        members.flush_model()
        self.env.execute_query(
            SQL(
                """
                DELETE FROM crm_customer_member surplus
                 USING (
                    SELECT id, row_number() OVER (
                        PARTITION BY user_id
                        ORDER BY can_write DESC NULLS LAST, date_to DESC NULLS FIRST, id
                    ) AS place
                      FROM crm_customer_member
                     WHERE partner_id = ANY(%s)
                 ) ranked
                 WHERE surplus.id = ranked.id AND ranked.place > 1
             RETURNING surplus.id
                """,
                (src_partners | dst_partner).ids,
            )
        )
        members.invalidate_model()
