from odoo import api, fields, models
from odoo.tools import SQL


class CrmSalesQueue(models.Model):
    """Documents that changed since their credits were read from them.

    Owns: nothing but marks. Who: the program.
    Twice at once: marks are only ever inserted by those who change a document, so nobody waits.
    Half of it: a mark is committed with its change, and taken where it is dealt with.
    A million rows: taken in order of the key, a batch at a time.
    """

    _name = "crm.sales.queue"
    _description = "Document to Credit"
    _log_access = False

    doc_key = fields.Char(required=True, readonly=True)

    @api.model
    def _mark(self, kind, ids):
        """Note that what documents mean for sellers has to be read again.

        A mark that stands already is no reason not to add one: its reader may have begun before
        this change.

        :param str kind: ``contract``, ``order`` or ``move``
        :param ids: ids of the documents
        """
        if ids:
            keys = [f"{kind}:{record_id}" for record_id in ids]
            self.env.cr.execute(
                SQL("INSERT INTO crm_sales_queue (doc_key) SELECT unnest(%s::text[])", keys)
            )

    @api.model
    def _mark_all(self):
        """Note every document there is, e.g. on installation."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_sales_queue (doc_key)
                SELECT 'contract:' || id FROM crm_contract WHERE state <> 'draft'
                 UNION ALL
                SELECT 'order:' || id FROM sale_order
                 WHERE state = 'sale' AND crm_contract_id IS NULL
                 UNION ALL
                SELECT 'move:' || id FROM account_move
                 WHERE state = 'posted'
                   AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                """
            )
        )

    @api.model
    def _take(self, limit):
        """Take at most ``limit`` marks out of the queue and return the keys they name."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH taken AS (
                    DELETE FROM crm_sales_queue
                     WHERE id IN (SELECT id FROM crm_sales_queue
                                   ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
                 RETURNING doc_key
                )
                SELECT DISTINCT doc_key FROM taken ORDER BY doc_key
                """,
                limit,
            )
        )
        return [row[0] for row in rows]
