from odoo import api, fields, models
from odoo.tools import SQL


class CrmCustomerMetricQueue(models.Model):
    """Customers whose documents changed since their figures were refreshed.

    Marks are only ever inserted by those who post, so that no two of them wait for each other.
    """

    _name = "crm.customer.metric.queue"
    _description = "Customer to Refresh"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="cascade", index=True
    )

    @api.model
    def _mark(self, ids):
        """Note that the figures of customers have to be read again.

        A mark that stands already is no reason not to add one: its reader may have begun before
        this change, and takes away only what it saw.

        :param ids: ids of commercial partners
        """
        if ids:
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO crm_customer_metric_queue (partner_id)
                    SELECT id FROM res_partner WHERE id = ANY(%s)
                    """,
                    list(ids),
                )
            )

    @api.model
    def _take(self):
        """Empty the queue and return the ids of the customers that stood in it."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH taken AS (
                    DELETE FROM crm_customer_metric_queue
                     WHERE id IN (SELECT id FROM crm_customer_metric_queue FOR UPDATE SKIP LOCKED)
                 RETURNING partner_id
                )
                SELECT DISTINCT partner_id FROM taken
                """
            )
        )
        return [row[0] for row in rows]
