from odoo import api, models
from odoo.tools import SQL

from ..tools.members import RANKS


class CrmMergeClash(models.AbstractModel):
    """Merging people keeps one membership per campaign: the one with the furthest status."""

    _inherit = "crm.merge.clash"

    @api.model
    def _get_merge_order(self, table):
        if table != "crm_campaign_member":
            return super()._get_merge_order(table)
        ranks = SQL(" ").join(SQL("WHEN %s THEN %s", state, rank) for state, rank in RANKS.items())
        return SQL("CASE state %s END DESC", ranks)
