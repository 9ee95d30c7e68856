from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CrmPoolQuota(models.Model):
    """What a member claimed from a pool on a day; the row every claim of his has to lock.

    Owns: one row per pool and member. Who: nobody writes it but the claim.
    Two at once: a second claim of the same member waits for the row, then fails to serialise, is
    run again by the host and counts what the first one took.
    """

    _name = "crm.pool.quota"
    _description = "Claims of a Member"
    _order = "pool_id, user_id"
    _rec_name = "user_id"

    pool_id = fields.Many2one("crm.pool", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="pool_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users", string="Member", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Date(string="Day", readonly=True)
    claimed = fields.Integer(string="Claimed That Day", readonly=True)

    _pool_user_uniq = models.UniqueIndex(
        "(pool_id, user_id)", "This member's claims are counted already."
    )

    @api.model
    def _lock(self, pool, user):
        """Return the row of a pool and a user, locked until the end of the transaction."""
        self.flush_model()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_pool_quota (pool_id, company_id, user_id, claimed, create_uid,
                                            write_uid, create_date, write_date)
                     VALUES (%s, %s, %s, 0, %s, %s, now() AT TIME ZONE 'UTC',
                             now() AT TIME ZONE 'UTC')
                ON CONFLICT (pool_id, user_id) DO NOTHING
                  RETURNING id
                """,
                pool.id,
                pool.company_id.id,
                user.id,
                self.env.uid,
                self.env.uid,
            )
        )
        [(row_id,)] = self.env.execute_query(
            SQL(
                "SELECT id FROM crm_pool_quota WHERE pool_id = %s AND user_id = %s"
                " FOR NO KEY UPDATE",
                pool.id,
                user.id,
            )
        )
        # sudo: members are counted, they do not count themselves
        quota = self.sudo().browse(row_id)
        quota.invalidate_recordset()
        return quota

    def _count(self, number, today):
        """Add claims of today, within the pool's daily limit.

        Writes the row even without a limit: that is what makes a claim at the same moment fail to
        serialise and count again.

        :raises UserError: the limit would be exceeded
        """
        self.ensure_one()
        before = self.claimed if self.date == today else 0
        limit = self.pool_id.daily_limit
        if limit and before + number > limit:
            raise UserError(
                self.env._(
                    "You may claim %(limit)s customers a day from %(pool)s and have claimed"
                    " %(claimed)s today. Go on tomorrow.",
                    limit=limit,
                    pool=self.pool_id.name,
                    claimed=before,
                )
            )
        self.write({"date": today, "claimed": before + number})

    def _count_nothing(self):
        """Write the row all the same: who counted under an older snapshot has to count again."""
        self.write({"claimed": self.claimed})
