from odoo import api, fields, models

# The clocks every ticket starts with; the next-response clock starts when a customer asks again.
START_METRICS = ("response", "resolution")

WORKED_ON = ("open", "waiting")
DONE = ("resolved", "closed")


class CrmServiceSlaMixin(models.AbstractModel):
    """What a ticket does to its clocks.

    Every method takes a recordset and the moment it happened, and works on all clocks at once.
    The methods are called by the ticket explicitly; nothing happens behind a field.
    """

    _name = "crm.service.sla.mixin"
    _description = "Ticket with Service Clocks"

    sla_policy_id = fields.Many2one(
        "crm.service.sla.policy",
        string="Policy",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
    )
    clock_ids = fields.One2many(
        "crm.service.sla.clock", "ticket_id", string="Clocks", groups="base.group_user"
    )
    sla_event_ids = fields.One2many(
        "crm.service.sla.event", "ticket_id", string="Clock Ledger", groups="base.group_user"
    )
    response_deadline = fields.Datetime(
        string="Response Due", compute="_compute_deadlines", store=True, index="btree_not_null"
    )
    resolution_deadline = fields.Datetime(
        string="Resolution Due",
        compute="_compute_deadlines",
        store=True,
        index="btree_not_null",
        help="Empty while the clock is held.",
    )
    next_deadline = fields.Datetime(
        compute="_compute_deadlines",
        store=True,
        index="btree_not_null",
        help="The earliest promise that is still open.",
    )
    sla_state = fields.Selection(
        [
            ("none", "No Promise Open"),
            ("on_time", "On Time"),
            ("soon", "Due Soon"),
            ("late", "Late"),
            ("held", "Held"),
        ],
        string="Promise",
        compute="_compute_sla_state",
        compute_sudo=True,
    )
    sla_missed = fields.Boolean(
        string="Promise Broken",
        compute="_compute_sla_missed",
        compute_sudo=True,
        search="_search_sla_missed",
    )

    # -- compute ----------------------------------------------------------------------------

    @api.depends("clock_ids.metric", "clock_ids.deadline", "clock_ids.stopped_at", "clock_ids.void")
    def _compute_deadlines(self):
        for ticket in self:
            clocks = ticket.clock_ids.filtered(lambda one: not one.void)
            latest = {clock.metric: clock.deadline for clock in clocks.sorted("id")}
            ticket.response_deadline = latest.get("response")
            ticket.resolution_deadline = latest.get("resolution")
            ticket.next_deadline = min(
                clocks.filtered(lambda one: not one.stopped_at and one.deadline).mapped("deadline"),
                default=False,
            )

    @api.depends("next_deadline", "kind", "resolution_deadline", "sla_policy_id")
    def _compute_sla_state(self):
        now = fields.Datetime.now()
        for ticket in self:
            due = ticket.next_deadline
            if due:
                # An hour is what an agent needs to still do something about it.
                left = (due - now).total_seconds()
                ticket.sla_state = "late" if left < 0 else "soon" if left < 3600 else "on_time"
            elif ticket.sla_policy_id and ticket.kind == "waiting":
                ticket.sla_state = "held"
            else:
                ticket.sla_state = "none"

    @api.depends("clock_ids.breached_at", "clock_ids.void")
    def _compute_sla_missed(self):
        missed = {
            ticket.id
            for (ticket,) in self.env["crm.service.sla.clock"]._read_group(
                [
                    ("ticket_id", "in", self.ids),
                    ("breached_at", "!=", False),
                    ("void", "=", False),
                ],
                ["ticket_id"],
            )
        }
        for ticket in self:
            ticket.sla_missed = ticket.id in missed

    def _search_sla_missed(self, operator, value):
        if operator != "in":
            return NotImplemented
        missed = [
            ("clock_ids", "any", [("breached_at", "!=", False), ("void", "=", False)]),
        ]
        return missed if True in value else ["!", *missed]

    # -- business -----------------------------------------------------------------------------

    def _sla_start(self, now):
        """Start the clocks of new tickets at the moment they were received.

        The number of queries does not depend on the number of tickets.
        """
        policies = self.env["crm.service.sla.policy"]._match(self)
        specs = [
            spec
            for ticket in self
            for metric in START_METRICS
            if (spec := ticket._sla_get_spec(metric, policies[ticket], ticket.received_at))
        ]
        clocks = self.env["crm.service.sla.clock"]._start(specs)
        self._sla_set_policy(policies)
        self._sla_hold_suspended(clocks, now)

    def _sla_get_promise(self, metric, policy):
        """Hook: return ``(working seconds, calendar)`` promised for a metric; 0 for no promise."""
        self.ensure_one()
        return (
            policy._get_target_seconds(self.priority, metric) if policy else 0,
            policy._get_calendar(self) if policy else self.env["resource.calendar"],
        )

    def _sla_get_spec(self, metric, policy, at, now=None):
        seconds, calendar = self._sla_get_promise(metric, policy)
        if not seconds:
            return None
        return {
            "ticket": self,
            "metric": metric,
            "policy": policy,
            "calendar": calendar,
            "target_s": seconds,
            "at": at,
            "now": now,
        }

    def _sla_set_policy(self, policies):
        for policy, tickets in self.grouped(lambda one: policies[one]).items():
            if tickets.sla_policy_id != policy:
                tickets.sla_policy_id = policy

    def _sla_hold_suspended(self, clocks, now):
        """Hold clocks of suspended contracts from their first moment on."""
        held = clocks.filtered(lambda one: one.ticket_id.contract_id.state == "suspended")
        held._pause(now, self.env._("The contract is suspended"))

    def _sla_follow_kind(self, before, now, reason=False):
        """Move the clocks after the tickets changed stage.

        :param dict before: ``{ticket id: kind of its former stage}``
        :param now: naive UTC datetime of the change
        :param reason: why, kept in the ledger
        """
        changed = self.filtered(lambda one: before[one.id] != one.kind)
        for (old, new), tickets in changed.grouped(lambda one: (before[one.id], one.kind)).items():
            clocks = tickets.clock_ids
            if new == "cancelled":
                clocks._void(now, reason or self.env._("The ticket was cancelled"))
            elif old == "cancelled":
                if new in WORKED_ON:
                    tickets._sla_restart(now)
            elif new in DONE:
                if old not in DONE:
                    clocks._stop(now, reason)
            elif old in DONE:
                tickets._sla_reopen(now, reason)
            elif new == "waiting":
                clocks.filtered(lambda one: one.metric == "resolution")._pause(now, reason)
            else:
                tickets._sla_release(now, reason)

    def _sla_restart(self, now):
        """Promise anew after a cancellation was taken back; void clocks stay void."""
        policies = self.env["crm.service.sla.policy"]._match(self)
        specs = [
            spec
            for ticket in self
            for metric in START_METRICS
            if not (metric == "response" and ticket.first_response_at)
            and (spec := ticket._sla_get_spec(metric, policies[ticket], now))
        ]
        clocks = self.env["crm.service.sla.clock"]._start(specs)
        self._sla_set_policy(policies)
        self._sla_hold_suspended(clocks, now)
        waiting = clocks.filtered(lambda one: one.ticket_id.kind == "waiting")
        waiting.filtered(lambda one: one.metric == "resolution")._pause(now, False)

    def _sla_reopen(self, now, reason=False):
        """Let the resolution clocks run on; the time since the resolution does not count."""
        clocks = self.clock_ids.filtered(
            lambda one: one.metric == "resolution" and not one.void and one.stopped_at
        )
        clocks._reopen(now, reason)
        self._sla_hold_suspended(clocks, now)
        clocks.filtered(lambda one: one.ticket_id.kind == "waiting")._pause(now, reason)

    def _sla_release(self, now, reason=False):
        """Let held clocks run on, unless their contract is suspended."""
        free = self.filtered(lambda one: one.contract_id.state != "suspended")
        free.clock_ids._resume(now, reason)

    def _sla_hold(self, now, reason):
        """Hold every running clock, the first response included: the contract stands still."""
        self.clock_ids._live()._pause(now, reason)

    def _sla_unhold(self, now, reason):
        """Take a hold back; the resolution clock of a waiting ticket stays held."""
        self.clock_ids._live().filtered(
            lambda one: one.metric != "resolution" or one.ticket_id.kind != "waiting"
        )._resume(now, reason)

    def _sla_answered(self, now):
        """A person of ours answered in public: the response promises are fulfilled."""
        self.clock_ids.filtered(lambda one: one.metric in ("response", "next_response"))._stop(now)

    def _sla_asked(self, now):
        """The customer asked again: promise the next response, unless one is owed already."""
        asked = self.filtered(
            lambda one: (
                one.first_response_at
                and one.kind in WORKED_ON
                and not one.clock_ids._live().filtered(
                    lambda clock: clock.metric == "next_response"
                )
            )
        )
        specs = [
            spec
            for ticket in asked
            if (spec := ticket._sla_get_spec("next_response", ticket.sla_policy_id, now))
        ]
        clocks = self.env["crm.service.sla.clock"]._start(specs)
        self._sla_hold_suspended(clocks, now)

    def _sla_apply_policy(self, now=None):
        """Bring open clocks to the policy that applies now; the time used stays used.

        Called when priority, category, team, customer or contract changed, and by a policy's
        re-apply. A promise that is withdrawn becomes void, one that is new starts at reception.
        """
        now = now or fields.Datetime.now()
        tickets = self.filtered(lambda one: one.kind in WORKED_ON)
        policies = self.env["crm.service.sla.policy"]._match(tickets)
        clock_model = self.env["crm.service.sla.clock"]
        gone, moved, targets, specs = clock_model, {}, {}, []
        for ticket in tickets:
            live = {clock.metric: clock for clock in ticket.clock_ids._live()}
            for metric in ("response", "next_response", "resolution"):
                seconds, calendar = ticket._sla_get_promise(metric, policies[ticket])
                clock = live.get(metric)
                if clock and not seconds:
                    gone |= clock
                elif clock:
                    if clock.calendar_id != calendar:
                        moved[clock] = calendar
                    if clock.target_s != seconds:
                        targets[clock.id] = seconds
                elif seconds and ticket._sla_owes(metric):
                    specs.append(
                        ticket._sla_get_spec(metric, policies[ticket], ticket.received_at, now)
                    )
        gone._void(now, self.env._("No promise applies any more"))
        self._sla_change_calendars(moved, now)
        clock_model.browse(targets)._retarget(targets, now, self.env._("The promise changed"))
        started = clock_model._start(specs)
        tickets._sla_set_policy(policies)
        self._sla_hold_suspended(started, now)
        started.filtered(
            lambda one: one.metric == "resolution" and one.ticket_id.kind == "waiting"
        )._pause(now, False)

    def _sla_owes(self, metric):
        """Whether a promise for a metric can still be made: it was not fulfilled before."""
        self.ensure_one()
        if metric == "response":
            return not self.first_response_at
        return metric == "resolution" and self.kind in WORKED_ON

    def _sla_change_calendars(self, moved, now):
        """Count on in other working hours; the time used in the former ones stays used."""
        if not moved:
            return
        clocks = self.env["crm.service.sla.clock"].union(*moved)
        reason = self.env._("Other working hours apply")
        clocks._bank(now, reason)
        for calendar, group in clocks.grouped(lambda one: moved[one]).items():
            # sudo: clocks follow the rules, whoever changed the ticket
            group.sudo().calendar_id = calendar
        clocks._replan(now, reason)

    def _sla_merge_into(self, survivor, now):
        """Let the clocks of ``survivor`` answer for those of ``self``."""
        self.ensure_one()
        reason = self.env._("Merged into %(ticket)s", ticket=survivor.name)
        mine = {clock.metric: clock for clock in self.clock_ids._live()}
        for clock in survivor.clock_ids._live():
            if clock.metric in mine:
                clock._merge(mine.pop(clock.metric), now, reason)
        self.env["crm.service.sla.clock"].union(*mine.values())._void(now, reason)
