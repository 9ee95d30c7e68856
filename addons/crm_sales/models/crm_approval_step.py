from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmApprovalStep(models.Model):
    """One decision of a request: who is asked at which level, and what he said.

    Written by the program alone. Whoever else approves at the same level is asked at the same time.
    """

    _name = "crm.approval.step"
    _description = "Approval Step"
    _order = "request_id, level, id"
    _rec_name = "level"

    request_id = fields.Many2one(
        "crm.approval.request", required=True, index=True, ondelete="cascade"
    )
    level = fields.Integer(required=True)
    rule_ids = fields.Many2many("crm.approval.rule", string="Rules")
    approver_ids = fields.Many2many("res.users", string="Approvers")
    state = fields.Selection(
        [
            ("later", "Later"),
            ("waiting", "Waiting"),
            ("approved", "Approved"),
            ("refused", "Rejected"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="later",
        index=True,
    )
    deadline = fields.Date(help="The approver is reminded after this working day.")
    decided_uid = fields.Many2one("res.users", string="Decided by")
    on_behalf_uid = fields.Many2one("res.users", string="On Behalf of")
    decided_date = fields.Datetime(string="Decided on")
    comment = fields.Char()

    @api.model
    def _prepare_steps(self, rules):
        """Return the values of the steps that ``rules`` ask for: one per level and approver."""
        groups = rules.grouped(
            lambda rule: (rule.level, rule.approver, rule.user_id.id, rule.group_id.id)
        )
        return [
            {"level": key[0], "rule_ids": [(6, 0, group.ids)]}
            for key, group in sorted(groups.items(), key=lambda item: item[0][0])
        ]

    def _resolve_approvers(self):
        """Return ``{step: users}`` who may decide today, deputies left out.

        :raises UserError: a step has nobody, or only those who asked
        """
        result = {}
        for step in self:
            users = step._list_candidates()
            if not users:
                raise UserError(
                    self.env._(
                        "Nobody can approve by the rule “%(rule)s”: the approver is missing, or is"
                        " the one who asks. Name another approver, or a leader of the team or of"
                        " a team above it.",
                        rule=step.rule_ids[:1].name,
                    )
                )
            result[step] = users
        return result

    def _list_candidates(self):
        self.ensure_one()
        request = self.request_id
        rule = self.rule_ids[:1]
        barred = self.env["res.users"]
        if not all(self.rule_ids.mapped("allow_self")):
            barred = request.user_id | request.owner_id
        if rule.approver == "user":
            users = rule.user_id
        elif rule.approver == "group":
            users = rule.group_id.all_user_ids
        else:
            chain = request._get_leaders()
            users = chain[1:] if rule.approver == "above" else chain
            users = next((user for user in users if user not in barred), barred[:0])
        return (users - barred).filtered(
            lambda user: user.active and not user.share and request.company_id in user.company_ids
        )

    def _open_steps(self):
        """Ask these steps now: find their approvers, set the deadline, call them."""
        today = fields.Date.context_today(self)
        self.state = "waiting"
        for step, users in self._resolve_approvers().items():
            step.approver_ids = users
            step._plan_deadline(today)
        self._call_deciders()

    def _plan_deadline(self, today):
        """Give the approver the working days of the strictest rule, from ``today`` on."""
        self.ensure_one()
        company = self.request_id.company_id
        self.deadline = company.resource_calendar_id._plan_working_days(
            today, min(self.rule_ids.mapped("days") or [1]), company
        )

    def _get_deciders(self):
        """Return ``{step: {user: on whose behalf}}``; an approver decides on nobody's behalf."""
        nobody = self.env["res.users"]
        deputies = self.env["crm.approval.delegation"]._get_deputies(self.approver_ids)
        result = {}
        for step in self:
            own = dict.fromkeys(step.approver_ids, nobody)
            barred = nobody
            if not all(step.rule_ids.mapped("allow_self")):
                barred = step.request_id.user_id | step.request_id.owner_id
            for absent in step.approver_ids:
                for deputy in deputies.get(absent.id, nobody) - barred:
                    own.setdefault(deputy, absent)
            result[step] = own
        return result

    def _call_deciders(self):
        """Put the request among the activities of everybody who may decide and has none yet."""
        # sudo: activities of colleagues
        requests = self.request_id.sudo()
        called = {
            (activity.res_id, activity.user_id.id)
            for activity in requests.activity_ids
            if activity.active
        }
        wanted, nothing = {}, requests.browse()
        for step, deciders in self._get_deciders().items():
            for user in deciders:
                if (step.request_id.id, user.id) not in called:
                    key = (user, step.deadline)
                    # sudo: as above
                    wanted[key] = wanted.get(key, nothing) | step.request_id.sudo()
        for (user, deadline), asked in wanted.items():
            asked.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=deadline,
                summary=self.env._("Approval"),
                user_id=user.id,
            )

    @api.model
    def _cron_remind(self):
        """Remind approvers whose working days are over, and call deputies of who is away today."""
        today = fields.Date.context_today(self)
        waiting = self.search([("state", "=", "waiting")])
        waiting._call_deciders()
        late = waiting.filtered(lambda step: step.deadline < today)
        for step, deciders in late._get_deciders().items():
            step._plan_deadline(today)
            step.request_id._remind(self.env["res.users"].union(*deciders), step.level)
