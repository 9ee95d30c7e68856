from datetime import datetime, timezone

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import sla
from .crm_service_sla_target import METRICS

# Columns of a clock that a change of its state can touch; all but void and times are integers.
STATE_FIELDS = (
    "target_s",
    "elapsed_s",
    "started_at",
    "running_since",
    "deadline",
    "stopped_at",
    "breached_at",
    "cause",
    "void",
)


def to_epoch(moment):
    """Epoch seconds of a naive UTC datetime, None for an empty one."""
    return int(moment.replace(tzinfo=timezone.utc).timestamp()) if moment else None


def to_moment(epoch):
    """Naive UTC datetime of epoch seconds, False for None, as the ORM takes it."""
    if epoch is None:
        return False
    return datetime.fromtimestamp(epoch, timezone.utc).replace(tzinfo=None)


class CrmServiceSlaClock(models.Model):
    """A promise made on a ticket, counted in working seconds.

    The rules live in ``tools/sla.py``; here clocks are loaded, moved by one rule for all of them,
    stored by one statement and written into the ledger.

    Owns: target, time used, deadline, breach of one metric of one ticket; the ledger proves it.
    Who: nobody writes it by hand; agents, salespeople and the customer's page read it.
    Twice at once: a live clock is unique per ticket and metric in the database; two sessions that
    move one clock collide on its row and one of them is retried by the host.
    Half of it: state and ledger line stand in one transaction.
    A million rows: breaches are found by a partial index over open deadlines only.
    """

    _name = "crm.service.sla.clock"
    _description = "Service Clock"
    _order = "ticket_id desc, metric, id"

    ticket_id = fields.Many2one("crm.service.ticket", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True)
    metric = fields.Selection(METRICS, required=True)
    policy_id = fields.Many2one(
        "crm.service.sla.policy", index="btree_not_null", ondelete="set null"
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: around the clock.",
    )
    target_s = fields.Integer(string="Target (s)", required=True)
    elapsed_s = fields.Integer(string="Used (s)", required=True, default=0)
    target_hours = fields.Float(string="Target", compute="_compute_hours")
    elapsed_hours = fields.Float(
        string="Used", compute="_compute_hours", help="Working hours up to the last change."
    )
    started_at = fields.Datetime(required=True)
    running_since = fields.Datetime()
    deadline = fields.Datetime()
    stopped_at = fields.Datetime()
    breached_at = fields.Datetime(string="Broken At")
    cause = fields.Char()
    void = fields.Boolean()
    state = fields.Selection(
        [
            ("running", "Running"),
            ("late", "Late"),
            ("held", "Held"),
            ("met", "Met"),
            ("missed", "Missed"),
            ("void", "Void"),
        ],
        compute="_compute_state",
    )
    event_ids = fields.One2many("crm.service.sla.event", "clock_id", string="Ledger")

    _target_positive = models.Constraint(
        "CHECK (target_s > 0)", "A promised time must be longer than zero."
    )
    _live_unique = models.UniqueIndex(
        "(ticket_id, metric) WHERE stopped_at IS NULL",
        "The ticket already has a running clock for this promise.",
    )
    _due_idx = models.Index("(deadline) WHERE stopped_at IS NULL AND breached_at IS NULL")

    # -- compute ----------------------------------------------------------------------------

    @api.depends("target_s", "elapsed_s")
    def _compute_hours(self):
        for clock in self:
            clock.target_hours = clock.target_s / 3600
            clock.elapsed_hours = clock.elapsed_s / 3600

    @api.depends("void", "stopped_at", "breached_at", "running_since", "deadline")
    def _compute_state(self):
        now = fields.Datetime.now()
        for clock in self:
            late = clock.breached_at or (clock.deadline and clock.deadline < now)
            if clock.void:
                clock.state = "void"
            elif clock.stopped_at:
                clock.state = "missed" if clock.breached_at else "met"
            elif late:
                clock.state = "late"
            else:
                clock.state = "running" if clock.running_since else "held"

    @api.depends("ticket_id", "metric")
    def _compute_display_name(self):
        labels = dict(self._fields["metric"]._description_selection(self.env))
        for clock in self:
            clock.display_name = f"{clock.ticket_id.name} {labels.get(clock.metric, '')}"

    # -- business: moving clocks ----------------------------------------------------------------

    @api.model
    def _start(self, specs):
        """Create and start clocks.

        :param list specs: dicts with ``ticket, metric, policy, calendar, target_s, at`` and, when
            the promise is made after its start, ``now`` (naive UTC datetimes)
        :return: the clocks, in the order of ``specs``
        """
        if not specs:
            return self.browse()
        planners = self._get_planners(
            {(spec["calendar"], spec["ticket"].company_id) for spec in specs},
            min(spec["at"] for spec in specs),
        )
        steps = []
        for spec in specs:
            planner = planners[spec["calendar"].id, spec["ticket"].company_id.id]
            now = to_epoch(spec.get("now"))
            steps.append(sla.start(spec["target_s"], to_epoch(spec["at"]), planner, now=now))
        # sudo: clocks are made by the rules, never by hand
        clocks = self.sudo().create(
            [
                {
                    "ticket_id": spec["ticket"].id,
                    "company_id": spec["ticket"].company_id.id,
                    "metric": spec["metric"],
                    "policy_id": spec["policy"].id,
                    "calendar_id": spec["calendar"].id,
                    **self._state_values(clock),
                }
                for spec, (clock, _event) in zip(specs, steps, strict=True)
            ]
        )
        clocks._log([event for _clock, event in steps])
        clocks._wake_at_deadline()
        return clocks

    def _move(self, rule, at, reason=False):
        """Apply one rule of the state machine to every clock of ``self``.

        :param rule: ``rule(record, clock, planner) -> (clock, event)``
        :param at: naive UTC datetime of the change
        :param reason: why, in the user's words; kept in the ledger
        """
        if not self:
            return
        # sudo: clocks follow the rules, whoever moved the ticket
        clocks = self.sudo()
        planners = clocks._get_planners(
            {(clock.calendar_id, clock.company_id) for clock in clocks},
            min([at, *clocks.mapped("started_at"), *filter(None, clocks.mapped("running_since"))]),
        )
        steps = []
        for clock in clocks:
            planner = planners[clock.calendar_id.id, clock.company_id.id]
            steps.append(rule(clock, clock._as_state(), planner))
        clocks._store([state for state, _event in steps])
        clocks._log([event for _state, event in steps], reason)
        clocks._wake_at_deadline()

    def _pause(self, at, reason):
        """Hold the running clocks of ``self``."""
        self.filtered(lambda one: one.running_since)._move(
            lambda _record, clock, planner: sla.pause(clock, to_epoch(at), planner), at, reason
        )

    def _resume(self, at, reason=False):
        """Let the held clocks of ``self`` run on."""
        held = self.filtered(lambda one: not one.running_since and not one.stopped_at)
        held._move(
            lambda _record, clock, planner: sla.resume(clock, to_epoch(at), planner), at, reason
        )

    def _stop(self, at, reason=False):
        """Stop the live clocks of ``self``: the promise is fulfilled."""
        self._live()._move(
            lambda _record, clock, planner: sla.stop(clock, to_epoch(at), planner), at, reason
        )

    def _void(self, at, reason):
        """Void the live clocks of ``self``: the promise no longer stands."""
        self._live()._move(
            lambda _record, clock, planner: sla.void(clock, to_epoch(at), planner), at, reason
        )

    def _reopen(self, at, reason=False):
        """Let stopped clocks run on with what is left."""
        self.filtered(lambda one: one.stopped_at and not one.void)._move(
            lambda _record, clock, planner: sla.reopen(clock, to_epoch(at), planner), at, reason
        )

    def _retarget(self, targets, at, reason=False):
        """Give the clocks other targets.

        :param dict targets: ``{clock id: target in seconds}``
        """
        self._move(
            lambda record, clock, planner: sla.retarget(
                clock, targets[record.id], to_epoch(at), planner
            ),
            at,
            reason,
        )

    def _bank(self, at, reason):
        """Fix the time used so far, before the working time changes."""
        self._live()._move(
            lambda _record, clock, planner: sla.bank(clock, to_epoch(at), planner), at, reason
        )

    def _replan(self, at, reason):
        """Plan open deadlines again after the working time changed."""
        self._live()._move(
            lambda _record, clock, planner: sla.replan(clock, to_epoch(at), planner), at, reason
        )

    def _merge(self, other, at, reason):
        """Let this clock answer for ``other`` too, which becomes void."""
        self.ensure_one()
        planners = (self | other)._get_planners(
            {(one.calendar_id, one.company_id) for one in self | other}, other.started_at
        )
        theirs = planners[other.calendar_id.id, other.company_id.id]
        state = other._as_state()
        self._move(
            lambda _record, clock, planner: sla.merge(clock, state, to_epoch(at), planner, theirs),
            at,
            reason,
        )
        other._void(at, reason)

    def _live(self):
        return self.filtered(lambda one: not one.stopped_at)

    # -- storing ------------------------------------------------------------------------------

    @api.model
    def _get_planners(self, pairs, since):
        """Return one grid per (calendar, company).

        :param set pairs: ``(calendar, company)``; an empty calendar is the wall clock
        :param since: naive UTC datetime of the earliest moment that will be asked about
        """
        return {
            (calendar.id, company.id): calendar._get_work_grid(since, since, company=company)
            for calendar, company in pairs
        }

    def _as_state(self):
        """Return the clock as the state machine knows it."""
        self.ensure_one()
        return sla.Clock(
            target_s=self.target_s,
            started_at=to_epoch(self.started_at),
            elapsed_s=self.elapsed_s,
            running_since=to_epoch(self.running_since),
            deadline=to_epoch(self.deadline),
            stopped_at=to_epoch(self.stopped_at),
            breached_at=to_epoch(self.breached_at),
            cause=self.cause or "",
            void=self.void,
        )

    @api.model
    def _state_values(self, clock):
        return {
            "target_s": clock.target_s,
            "elapsed_s": clock.elapsed_s,
            "started_at": to_moment(clock.started_at),
            "running_since": to_moment(clock.running_since),
            "deadline": to_moment(clock.deadline),
            "stopped_at": to_moment(clock.stopped_at),
            "breached_at": to_moment(clock.breached_at),
            "cause": clock.cause or False,
            "void": clock.void,
        }

    def _store(self, states):
        """Write the states of the clocks of ``self`` with one statement."""
        self.flush_recordset(STATE_FIELDS)
        values = [self._state_values(state) for state in states]
        rows = SQL(", ").join(
            SQL(
                "(%s::int, %s::int, %s::int, %s::timestamp, %s::timestamp, %s::timestamp,"
                " %s::timestamp, %s::timestamp, %s::varchar, %s::boolean)",
                clock.id,
                *(
                    None if name != "void" and vals[name] is False else vals[name]
                    for name in STATE_FIELDS
                ),
            )
            for clock, vals in zip(self, values, strict=True)
        )
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_service_sla_clock clock SET
                    target_s = v.target_s, elapsed_s = v.elapsed_s, started_at = v.started_at,
                    running_since = v.running_since, deadline = v.deadline,
                    stopped_at = v.stopped_at, breached_at = v.breached_at, cause = v.cause,
                    void = v.void, write_uid = %s, write_date = %s
                  FROM (VALUES %s) AS v (id, target_s, elapsed_s, started_at, running_since,
                                         deadline, stopped_at, breached_at, cause, void)
                 WHERE clock.id = v.id
             RETURNING clock.id
                """,
                self.env.uid,
                fields.Datetime.now(),
                rows,
            )
        )
        self.invalidate_recordset(STATE_FIELDS)
        self.modified(STATE_FIELDS)

    def _log(self, events, reason=False):
        """Append one ledger line per clock of ``self``."""
        # sudo: the ledger is written by the rules, never by hand
        self.env["crm.service.sla.event"].sudo().create(
            [
                {
                    "clock_id": clock.id,
                    "ticket_id": clock.ticket_id.id,
                    "company_id": clock.company_id.id,
                    "kind": event.kind,
                    "date": to_moment(event.at),
                    "worked_s": event.worked_s,
                    "target_s": event.target_s,
                    "deadline": to_moment(event.deadline),
                    "breached_at": to_moment(event.breached_at),
                    "cause": event.cause or False,
                    "started_at": to_moment(event.started_at),
                    "reason": reason,
                    "user_id": self.env.uid,
                }
                for clock, event in zip(self, events, strict=True)
            ]
        )

    def _replayed(self):
        """Return the state that the ledger of this clock proves."""
        self.ensure_one()
        return sla.replay(
            [
                sla.Event(
                    kind=event.kind,
                    at=to_epoch(event.date),
                    worked_s=event.worked_s,
                    target_s=event.target_s,
                    deadline=to_epoch(event.deadline),
                    breached_at=to_epoch(event.breached_at),
                    cause=event.cause or "",
                    started_at=to_epoch(event.started_at),
                )
                for event in self.event_ids.sorted("id")
            ]
        )
