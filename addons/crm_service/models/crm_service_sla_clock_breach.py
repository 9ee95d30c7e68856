from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import sla
from .crm_service_sla_clock import to_epoch

BREACH_BATCH = 1000


class CrmServiceSlaClock(models.Model):
    """Noticing broken promises: set-based, resumable, woken at the next deadline."""

    _inherit = "crm.service.sla.clock"

    @api.model
    def _cron_mark_breached(self):
        """Mark clocks whose deadline has passed and tell who is responsible.

        Several servers may run it at once: each takes rows that no other holds. A run that is
        killed loses nothing, since a batch is marked and told in one transaction.
        """
        now = fields.Datetime.now()
        while True:
            breached = self._mark_breached(now, BREACH_BATCH)
            breached.ticket_id._notify_breach(breached)
            self.env["ir.cron"]._commit_progress(len(breached))
            if len(breached) < BREACH_BATCH:
                break
        self._wake_at_next_deadline(now)

    @api.model
    def _mark_breached(self, now, limit):
        """Mark up to ``limit`` clocks that are late at ``now`` and return them.

        A clock is late after its deadline, not at it. The breach carries the deadline's own time.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH due AS (
                    SELECT id FROM crm_service_sla_clock
                     WHERE stopped_at IS NULL AND breached_at IS NULL AND deadline < %(now)s
                     ORDER BY deadline
                     LIMIT %(limit)s
                       FOR UPDATE SKIP LOCKED
                )
                UPDATE crm_service_sla_clock clock
                   SET breached_at = clock.deadline, cause = %(cause)s,
                       write_date = %(now)s, write_uid = %(uid)s
                  FROM due
                 WHERE clock.id = due.id
             RETURNING clock.id
                """,
                now=now,
                limit=limit,
                cause=sla.CAUSE_DEADLINE,
                uid=self.env.uid,
            )
        )
        breached = self.browse(row[0] for row in rows)
        breached.invalidate_recordset(["breached_at", "cause"])
        breached._log(
            [
                sla.Event(
                    kind="breach",
                    at=to_epoch(now),
                    worked_s=0,
                    target_s=clock.target_s,
                    deadline=to_epoch(clock.deadline),
                    breached_at=to_epoch(clock.breached_at),
                    cause=clock.cause,
                    started_at=to_epoch(clock.started_at),
                )
                for clock in breached
            ]
        )
        return breached

    @api.model
    def _wake_at_next_deadline(self, now):
        """Have the cron run when the next open deadline is over."""
        upcoming = self.search(
            [("stopped_at", "=", False), ("breached_at", "=", False), ("deadline", ">=", now)],
            order="deadline",
            limit=1,
        )
        upcoming._wake_at_deadline()

    def _wake_at_deadline(self):
        """Have the cron run at the earliest open deadline of ``self``, if nothing wakes it before.

        At most one trigger is added a call; the cron itself asks for the following deadlines.
        """
        deadlines = [clock.deadline for clock in self if clock.deadline and not clock.stopped_at]
        if not deadlines:
            return
        # sudo: agents plan deadlines, the scheduler belongs to the system
        cron = self.env.ref("crm_service.ir_cron_mark_breached").sudo()
        first = min(deadlines)
        # sudo: see above
        triggers = self.env["ir.cron.trigger"].sudo()
        now = fields.Datetime.now()
        if not triggers.search_count(
            [("cron_id", "=", cron.id), ("call_at", "<=", first), ("call_at", ">=", now)], limit=1
        ):
            cron._trigger(at=first)
