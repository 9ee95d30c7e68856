from odoo import models
from odoo.tools import SQL

from ..tools.relation_periods import fold_periods


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Keeps the relations of merged partners."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # The host knows no exclusion constraints and would stop at the first clash.
        self._fold_relations(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        # two records of one person, merged: none is the other's former one any more
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET crm_former_id = NULL WHERE id = %s AND crm_former_id = id",
                dst_partner.id,
            )
        )
        return result

    def _fold_relations(self, src_partners, dst_partner):
        """Drop relations among those who become one; of a relation that two had, keep one.

        What is kept lasts as long as both did.
        """
        relations = self.env["crm.relation"]
        relations.flush_model()
        merged = (src_partners | dst_partner).ids
        rows = self.env.execute_query(
            SQL(
                "SELECT id, partner_id, other_id, type_id, mutual, may_overlap, date_from,"
                " date_to FROM crm_relation"
                " WHERE partner_id = ANY(%(ids)s) OR other_id = ANY(%(ids)s)",
                ids=merged,
            )
        )
        inner, outer = [], []
        for relation_id, partner_id, other_id, type_id, mutual, may_overlap, start, end in rows:
            pair = [0 if side in merged else side for side in (partner_id, other_id)]
            if pair == [0, 0]:
                inner.append(relation_id)
            elif not may_overlap:
                pair = sorted(pair) if mutual else pair
                own = dst_partner.id in (partner_id, other_id)
                outer.append((relation_id, (type_id, *pair), start, end, 0 if own else 1))
        changed, surplus = fold_periods(outer)
        gone = SQL("id = ANY(%s)", inner + surplus)
        if self._merge_log:
            # sudo: the journal keeps what goes, so that undoing the merge brings it back
            mover = self.env["crm.merge.mover"].sudo()
            mover._delete_where(self._merge_log, "crm_relation", gone, "crm.relation")
        else:
            self.env.cr.execute(SQL("DELETE FROM crm_relation WHERE %s", gone))
        if changed:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE crm_relation r SET date_from = new.start_day, date_to = new.end_day
                      FROM unnest(%s::int[], %s::date[], %s::date[])
                           AS new(id, start_day, end_day)
                     WHERE r.id = new.id
                    """,
                    list(changed),
                    [start for start, _end in changed.values()],
                    [end for _start, end in changed.values()],
                )
            )
        relations.invalidate_model()
        relations._forget_sides()
