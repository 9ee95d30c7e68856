from odoo import api, fields, models
from odoo.tools import SQL

PENDING = "crm_customers.customers_to_judge"


class CrmPoolQueue(models.Model):
    """Owned customers whose facts changed since the return rules judged them.

    Owns: ids that wait for the next judgement. Who: the program alone.
    Two at once: rows are only inserted and deleted, so two invoices of one customer never meet.
    Half of it: a row is written by the transaction that changed the fact.
    A million rows: one for each change since last night, even of customers that wait already, since
    whoever judges them may have begun before the change.
    """

    _name = "crm.pool.queue"
    _description = "Customer to Judge"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="cascade", index=True
    )

    @api.model
    def _note(self, partner_ids):
        """Note that facts of customers, or of contacts of theirs, changed.

        Written once, right before the commit: a hundred changes cost the queries of one.

        :param partner_ids: iterable of ids; customers that no pool watches are left out
        """
        noted = {partner_id for partner_id in partner_ids if partner_id}
        if not noted:
            return
        self.env["res.partner"].invalidate_model(["crm_facts"], flush=False)
        precommit = self.env.cr.precommit
        pending = precommit.data.setdefault(PENDING, set())
        if not pending:
            # sudo: whoever changes a fact, the queue belongs to the program
            precommit.add(self.sudo()._write_pending)
        pending |= noted

    @api.model
    def _write_pending(self):
        """Put the customers noted in this transaction into the queue."""
        partner_ids = sorted(self.env.cr.precommit.data.pop(PENDING, ()))
        if not partner_ids:
            return
        partners = self.env["res.partner"]
        partners.flush_model(["commercial_partner_id", "crm_pool_id", "user_id"])
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_pool_queue (partner_id)
                SELECT c.id FROM res_partner c
                 WHERE c.id IN (SELECT commercial_partner_id FROM res_partner
                                 WHERE id = ANY(%s))
                   AND c.crm_pool_id IS NOT NULL AND c.user_id IS NOT NULL
                   AND EXISTS (SELECT FROM crm_pool_rule r WHERE r.pool_id = c.crm_pool_id)
                """,
                partner_ids,
            )
        )

    @api.model
    def _drop(self, customer_ids):
        """Take customers out of the queue that were just judged.

        What another session put in meanwhile is not seen here, and stays.
        """
        self.env.cr.execute(
            SQL("DELETE FROM crm_pool_queue WHERE partner_id = ANY(%s)", list(customer_ids))
        )
