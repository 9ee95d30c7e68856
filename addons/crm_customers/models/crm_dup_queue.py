from odoo import api, fields, models
from odoo.tools import SQL


class CrmDupQueue(models.Model):
    """Customers that are new or changed since the last scan for duplicates."""

    _name = "crm.dup.queue"
    _description = "Customer to Scan"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="cascade", index=True
    )

    @api.model
    def _enqueue(self, everybody=False):
        """Put customers in the queue that are not in it.

        :param everybody: also those who were scanned before; otherwise those without keys
        :return: how many were put in
        """
        self.env["res.partner"].flush_model(["active", "name", "is_company", "type"])
        known = SQL("TRUE")
        if not everybody:
            known = SQL("NOT EXISTS (SELECT 1 FROM crm_dup_key k WHERE k.partner_id = p.id)")
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_dup_queue (partner_id)
                SELECT p.id FROM res_partner p
                 WHERE p.active AND p.name IS NOT NULL
                   AND (p.is_company OR COALESCE(p.type, 'contact') = 'contact')
                   AND %s
                   AND NOT EXISTS (SELECT 1 FROM crm_dup_queue q WHERE q.partner_id = p.id)
                 ORDER BY p.id
                """,
                known,
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _take(self, limit):
        """Take customers out of the queue that no other session takes just now.

        :return: ``res.partner`` records, at most ``limit``
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH taken AS (
                    DELETE FROM crm_dup_queue
                     WHERE id IN (
                        SELECT id FROM crm_dup_queue ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
                     )
                 RETURNING partner_id
                )
                SELECT DISTINCT partner_id FROM taken ORDER BY partner_id
                """,
                limit,
            )
        )
        return self.env["res.partner"].browse([row[0] for row in rows])

    @api.model
    def _count(self):
        """Return how many customers are still to be scanned."""
        [[count]] = self.env.execute_query(
            SQL("SELECT count(DISTINCT partner_id) FROM crm_dup_queue")
        )
        return count
