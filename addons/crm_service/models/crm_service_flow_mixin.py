from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_service_sla_mixin import DONE, WORKED_ON


class CrmServiceFlowMixin(models.AbstractModel):
    """The way of a ticket through its stages, and what that does to it and its clocks."""

    _name = "crm.service.flow.mixin"
    _description = "Ticket with Stages"
    _inherit = ["crm.service.sla.mixin"]

    mail_log_ids = fields.One2many(
        "crm.service.mail.log", "ticket_id", string="Incoming Mail", groups="base.group_user"
    )
    clock_count = fields.Integer(compute="_compute_service_counts", groups="base.group_user")
    kept_mail_count = fields.Integer(compute="_compute_service_counts", groups="base.group_user")
    awaits_answer = fields.Boolean(compute="_compute_service_counts", groups="base.group_user")

    @api.depends("clock_ids.stopped_at", "mail_log_ids.outcome")
    def _compute_service_counts(self):
        for ticket in self:
            ticket.clock_count = len(ticket.clock_ids)
            ticket.kept_mail_count = len(
                ticket.mail_log_ids.filtered(lambda one: one.outcome not in ("ticket", "reply"))
            )
            ticket.awaits_answer = any(
                clock.metric == "next_response" for clock in ticket.clock_ids._live()
            )

    # -- actions -----------------------------------------------------------------------------

    def action_assign_to_me(self):
        """Take the tickets."""
        self.user_id = self.env.user
        return True

    def action_resolve(self):
        """Say that the work is done; the customer can still reopen."""
        self._set_kind("resolved")
        return True

    def action_close(self):
        """Close the tickets for good."""
        self._set_kind("closed")
        return True

    def action_cancel(self):
        """Withdraw the tickets: nothing was promised, nothing is counted."""
        self._set_kind("cancelled")
        return True

    def action_resume(self):
        """Work on: what was waited for has come, or the ticket is reopened."""
        self._set_kind("open")
        return True

    def action_no_answer_needed(self):
        """Say that the customer's last message ("thanks") asks for nothing."""
        self.check_access("write")
        self.clock_ids._live().filtered(lambda one: one.metric == "next_response")._void(
            fields.Datetime.now(), self.env._("No answer needed")
        )
        return True

    def action_view_clocks(self):
        """Open the clocks of this ticket, with their ledgers."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service.crm_service_sla_clock_action"
        )
        return action | {"domain": [("ticket_id", "=", self.id)], "context": {}}

    def action_view_mail_logs(self):
        """Open the automatic mail that was kept away from this ticket."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service.crm_service_mail_log_action"
        )
        return action | {
            "domain": [("ticket_id", "=", self.id), ("outcome", "not in", ("ticket", "reply"))],
            "context": {},
        }

    def action_view_follow_ups(self):
        """Open the tickets in which the customer came back to this one."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service.crm_service_ticket_action"
        )
        return action | {"domain": [("origin_id", "=", self.id)], "context": {}}

    # -- business ----------------------------------------------------------------------------

    @api.model
    def _find_stage(self, kind, team=None, last=False):
        """Return the first stage of a kind, or the last one: where work goes on.

        :param team: ``crm.service.team``; its own stages count as well as those of every team
        """
        order = "sequence desc, id desc" if last else "sequence, id"
        domain = [("kind", "=", kind), ("team_ids", "in", [False, *(team.ids if team else ())])]
        return self.env["crm.service.stage"].search(domain, order=order, limit=1)

    def _set_kind(self, kind, reason=False):
        """Move the tickets to the stage of a kind, when they are not in one already.

        :param reason: what is waited for, required for ``waiting``
        :raises UserError: no stage of that kind is set up
        """
        for team, tickets in self.filtered(lambda one: one.kind != kind).grouped("team_id").items():
            stage = self._find_stage(kind, team, last=kind == "open")
            if not stage:
                labels = dict(self._fields["kind"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "There is no stage of the kind “%(kind)s”. A service manager can add one.",
                        kind=labels[kind],
                    )
                )
            tickets._enter_stage(stage, reason)

    def _enter_stage(self, stage, reason=False):
        values = {"stage_id": stage.id}
        if stage.kind == "waiting":
            values["hold_reason"] = reason
        self.write(values)

    def _after_kind_change(self, before, now):
        """Note the times of the new stage and move the clocks.

        :param dict before: ``{ticket id: kind of its former stage}``
        """
        changed = self.filtered(lambda one: before[one.id] != one.kind)
        if not changed:
            return
        finished = changed.filtered(lambda one: one.kind in DONE and before[one.id] not in DONE)
        finished.resolved_at = now
        changed.filtered(lambda one: one.kind == "closed").closed_at = now
        reopened = changed.filtered(lambda one: one.kind in WORKED_ON and before[one.id] in DONE)
        reopened.write({"resolved_at": False, "closed_at": False})
        for count, tickets in reopened.grouped("reopen_count").items():
            tickets.reopen_count = count + 1
        for reason, tickets in changed.grouped("hold_reason").items():
            tickets._sla_follow_kind(before, now, reason)
        leaving = changed.filtered(lambda one: one.kind != "waiting" and one.hold_reason)
        if leaving:
            leaving.hold_reason = False

    def _can_reopen(self, now):
        """Whether the customer can still take the ticket up again at ``now``."""
        self.ensure_one()
        if self.merged_into_id or self.kind not in DONE:
            return False
        window = timedelta(days=self.company_id.crm_service_reopen_days)
        return now <= (self.resolved_at or now) + window

    def _notify_breach(self, clocks):
        """Tell who is responsible about broken promises, once per clock.

        :param clocks: the clocks that were just marked
        """
        labels = dict(clocks._fields["metric"]._description_selection(self.env))
        broken = {
            ticket: ", ".join(labels[clock.metric] for clock in group)
            for ticket, group in clocks.grouped("ticket_id").items()
        }
        texts = {
            ticket: self.env._("Promised time missed: %(promises)s", promises=promises)
            for ticket, promises in broken.items()
        }
        self._message_log_batch(bodies={ticket.id: text for ticket, text in texts.items()})
        warning = self.env.ref("mail.mail_activity_data_warning")
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": ticket.id,
                    "activity_type_id": warning.id,
                    "user_id": (ticket.user_id or ticket.team_id.leader_id).id,
                    "summary": text,
                    "date_deadline": fields.Date.context_today(ticket),
                }
                for ticket, text in texts.items()
                if ticket.user_id or ticket.team_id.leader_id
            ]
        )

    def _prepare_follow_up_values(self):
        """Hook: values of the new ticket when a customer comes back to a finished one too late."""
        self.ensure_one()
        return {
            "origin_id": self.id,
            "team_id": self.team_id.id,
            "category_id": self.category_id.id,
        }

    def _merge_into(self, survivor):
        """Fold this ticket into another one of the same customer; later mail goes there too.

        :raises UserError: the tickets belong to different customers, or one is finished
        """
        self.ensure_one()
        if survivor == self or survivor.commercial_partner_id != self.commercial_partner_id:
            raise UserError(self.env._("Only two tickets of one customer can be merged."))
        if survivor.kind not in WORKED_ON or self.kind not in WORKED_ON:
            raise UserError(self.env._("Only tickets that are worked on can be merged."))
        now = fields.Datetime.now()
        self._sla_merge_into(survivor, now)
        survivor.received_at = min(survivor.received_at, self.received_at)
        self.merged_into_id = survivor
        self.action_cancel()
        link = self.env._("Merged into %(ticket)s", ticket=survivor.display_name)
        self.message_post(body=link)
        survivor.message_post(
            body=self.env._("%(ticket)s was merged into this one.", ticket=self.display_name)
        )

    def _get_portal_promises(self):
        """Return what the customer is told about the promised times, pauses included.

        :return: a list of dicts: ``label, deadline, state, done_at`` per promise, in order
        """
        self.ensure_one()
        labels = dict(self.clock_ids._fields["metric"]._description_selection(self.env))
        newest = {clock.metric: clock for clock in self.clock_ids.sorted("id") if not clock.void}
        return [
            {
                "label": labels[metric],
                "deadline": newest[metric].deadline,
                "state": newest[metric].state,
                "done_at": newest[metric].stopped_at,
            }
            for metric in ("response", "next_response", "resolution")
            if metric in newest
        ]
