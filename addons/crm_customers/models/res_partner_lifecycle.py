from odoo import api, models
from odoo.tools import SQL

BATCH = 500


class ResPartner(models.Model):
    """The life cycle follows the deals: active, dormant, lost, and back."""

    _inherit = "res.partner"

    @api.model
    def _cron_update_lifecycle(self):
        """Move customers to the stage their last deal speaks for, in batches with tracking.

        Prospects become active with their first deal; active ones dormant, then lost, after the
        company's days without one; who buys again is active again. Without thresholds nobody
        leaves "active".
        """
        cron = self.env["ir.cron"]
        moves = self._get_lifecycle_moves()
        cron._commit_progress(remaining=sum(map(len, moves.values())))
        for stage, ids in moves.items():
            for start in range(0, len(ids), BATCH):
                batch = ids[start : start + BATCH]
                self._set_lifecycle(batch, stage)
                if not cron._commit_progress(len(batch)):
                    return

    @api.model
    def _set_lifecycle(self, ids, stage):
        """Write the stage of those whom nobody holds locked; tracking records it on each."""
        free = self.browse(ids).try_lock_for_update(allow_referencing=True)
        free.write({"crm_lifecycle": stage})

    @api.model
    def _get_lifecycle_moves(self):
        """Return ``{stage: [partner_id, ...]}`` of customers in another stage than they should be.

        One query. A customer's company is its own, else its owner's, else the main company.
        Customers without any deal keep the stage that people gave them.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH deal AS (
                    SELECT partner_id, MAX(date) AS newest FROM (%s) d GROUP BY partner_id
                ), should AS (
                    SELECT p.id, p.crm_lifecycle,
                           CASE WHEN c.crm_lost_days > 0
                                 AND deal.newest < CURRENT_DATE - c.crm_lost_days THEN 'lost'
                                WHEN c.crm_dormant_days > 0
                                 AND deal.newest < CURRENT_DATE - c.crm_dormant_days
                                THEN 'dormant'
                                ELSE 'active' END AS stage
                      FROM deal
                      JOIN res_partner p ON p.id = deal.partner_id AND p.active
                      LEFT JOIN res_users u ON u.id = p.user_id
                      JOIN res_company c ON c.id = COALESCE(
                           p.company_id, u.company_id, (SELECT MIN(id) FROM res_company))
                )
                SELECT stage, array_agg(id ORDER BY id) FROM should
                 WHERE crm_lifecycle IS DISTINCT FROM stage GROUP BY stage
                """,
                self._crm_deals_sql(),
            )
        )
        return dict(rows)
