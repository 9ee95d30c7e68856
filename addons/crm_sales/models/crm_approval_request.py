from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools.approval import fingerprint


class CrmApprovalRequest(models.Model):
    """A document that somebody asked to be approved.

    Owns: the question, its steps and its history. Who: written through the methods of the model
    alone; read by who asked, who decides and managers. Twice at once: the row is locked for each
    decision, one request of a document waits. Half of it: all in one transaction. A million rows:
    read by document, by approver and by state, all indexed.
    """

    _name = "crm.approval.request"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Approval Request"
    _order = "id desc"
    _rec_name = "document_name"

    res_model = fields.Selection(
        selection=lambda self: self.env["crm.approval.rule"]._list_models(),
        string="Document Type",
        required=True,
    )
    res_id = fields.Many2oneReference(
        string="Document Number", model_field="res_model", required=True
    )
    document_name = fields.Char(string="Document", required=True)
    partner_id = fields.Many2one("res.partner", string="Customer")
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(help="In the currency of the company, taxes included.")
    user_id = fields.Many2one("res.users", string="Asked by", required=True, index=True)
    owner_id = fields.Many2one("res.users", string="Document of", index="btree_not_null")
    team_id = fields.Many2one("crm.team", string="Sales Team")
    date = fields.Datetime(string="Asked on", required=True)
    note = fields.Char(string="Reason")
    reasons = fields.Text(string="Grounds", compute="_compute_reasons")
    facts = fields.Json()
    fingerprint = fields.Char(required=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("approved", "Approved"),
            ("refused", "Rejected"),
            ("withdrawn", "Withdrawn"),
            ("outdated", "Changed Meanwhile"),
        ],
        required=True,
        default="waiting",
        index=True,
        tracking=True,
    )
    step_ids = fields.One2many("crm.approval.step", "request_id", string="Steps")
    event_ids = fields.One2many("crm.approval.event", "request_id", string="History")
    may_decide = fields.Boolean(compute="_compute_may_decide")

    _document_idx = models.Index("(res_model, res_id, id DESC)")
    _waiting_uniq = models.UniqueIndex(
        "(res_model, res_id) WHERE state = 'waiting'",
        "Approval of this document was asked for already. Reload the page.",
    )

    @api.depends("facts", "step_ids.rule_ids")
    @api.depends_context("lang")
    def _compute_reasons(self):
        for request in self:
            # sudo: thresholds are told to whom the request is shown
            rules = request.step_ids.rule_ids.sudo()
            request.reasons = rules._explain(request.facts or {})

    @api.depends("state", "step_ids.state", "step_ids.approver_ids")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        deciders = self._read_deciders()
        for request in self:
            request.may_decide = self.env.user in deciders.get(request.id, ())

    # -- reading -------------------------------------------------------------------------------

    @api.model
    def _find_latest(self, records):
        """Return ``{res_id: request}``, the latest of each document that still says something."""
        # sudo: what was decided holds for everybody
        requests = self.sudo().search(
            [
                ("res_model", "=", records._name),
                ("res_id", "in", records.ids),
                ("state", "not in", ["withdrawn", "outdated"]),
            ],
            order="id",
        )
        return {request.res_id: request for request in requests}

    def _read_deciders(self):
        """Return ``{request_id: {users}}`` who may decide now, deputies of who is away included."""
        # sudo: steps and absences of colleagues are read to find who decides
        steps = self.sudo().step_ids.filtered(lambda step: step.state == "waiting")
        result = {}
        for step, deciders in steps._get_deciders().items():
            result.setdefault(step.request_id.id, set()).update(deciders)
        return result

    def _is_digest(self, content):
        """Whether ``content`` is what this request was about."""
        self.ensure_one()
        return self.fingerprint == fingerprint(content)

    def _get_leaders(self):
        """Return the leaders of the document's team and of the teams above it, nearest first."""
        self.ensure_one()
        # sudo: teams above may be hidden from who asks
        path = (self.team_id.sudo().parent_path or "").split("/")
        # sudo: as above
        teams = self.env["crm.team"].sudo().browse([int(part) for part in reversed(path) if part])
        return teams.user_id

    def _get_document(self):
        """Return the document, with superuser rights: approvers judge what they are shown."""
        self.ensure_one()
        # sudo: an approver of finance need not read quotations
        return self.env[self.res_model].sudo().browse(self.res_id).exists()

    # -- asking --------------------------------------------------------------------------------

    @api.model
    def _ask(self, record, judgement, note):
        """Note the question, call the approvers of the first level and return the request."""
        # sudo: requests are written by the program alone
        requests = self.sudo()
        judgement.request.filtered(lambda row: row.state == "waiting")._close("outdated")
        facts = {key: value for key, value in judgement.facts.items() if key != "payment_terms"}
        request = requests.create(
            {
                "res_model": record._name,
                "res_id": record.id,
                "document_name": record.display_name,
                "partner_id": record.partner_id.id,
                "company_id": record.company_id.id,
                "amount": record._get_approval_facts({"amount"})[record.id].get("amount"),
                "user_id": self.env.uid,
                "owner_id": record._get_approval_owner().id,
                "team_id": record._get_approval_team().id,
                "date": fields.Datetime.now(),
                "note": note,
                "facts": facts,
                "fingerprint": judgement.digest,
                "step_ids": [
                    fields.Command.create(values)
                    for values in self.env["crm.approval.step"]._prepare_steps(judgement.rules)
                ],
            }
        )
        request._note("asked", note=note, facts=facts)
        request.step_ids._resolve_approvers()
        request._open_next_level()
        # sudo: gives the caller back the rights he came with
        return request.sudo(self.env.su)

    def _open_next_level(self):
        """Ask the lowest level not asked yet; return False when there is none."""
        self.ensure_one()
        later = self.step_ids.filtered(lambda step: step.state == "later")
        if not later:
            return False
        level = min(later.mapped("level"))
        later.filtered(lambda step: step.level == level)._open_steps()
        self._note("called", level=level)
        return True

    # -- deciding ------------------------------------------------------------------------------

    def action_approve(self):
        """Ask for a comment, then approve."""
        return self.env["crm.approval.answer"]._open("approve", requests=self)

    def action_refuse(self):
        """Ask for the reason, then reject."""
        return self.env["crm.approval.answer"]._open("refuse", requests=self)

    def action_withdraw(self):
        """Take the requests back."""
        self._withdraw()
        return True

    def action_open_document(self):
        """Open the document that is judged."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def _decide(self, approve, comment=False):
        """Note the current user's decision on these requests.

        A request whose document has changed since is outdated instead of decided.

        :param bool approve: False rejects the request, whatever others have said
        :return: the requests that were outdated
        :raises AccessError: the user is none of those who decide now
        :raises UserError: a request is decided already, or a rejection has no reason
        """
        if not approve and not (comment or "").strip():
            raise UserError(self.env._("Give the reason of the rejection."))
        self._lock_waiting()
        # sudo: requests are written by the program alone
        requests = self.sudo()
        outdated = requests.filtered(lambda request: not request._is_current())
        outdated._close("outdated")
        outdated._tell_requester()
        for request in requests - outdated:
            request._decide_one(approve, comment)
        return outdated

    def _decide_one(self, approve, comment):
        user = self.env.user
        waiting = self.step_ids.filtered(lambda step: step.state == "waiting")
        mine = {
            step: deciders[user]
            for step, deciders in waiting._get_deciders().items()
            if user in deciders
        }
        if not mine:
            raise AccessError(
                self.env._(
                    "You are not among those who decide about %(name)s.", name=self.document_name
                )
            )
        verdict = "approved" if approve else "refused"
        self.env["crm.approval.step"].union(*mine).write(
            {
                "state": verdict,
                "decided_uid": user.id,
                "decided_date": fields.Datetime.now(),
                "comment": comment,
            }
        )
        for step, absent in mine.items():
            step.on_behalf_uid = absent
            self._note(verdict, note=comment, level=step.level, behalf=absent)
        self.activity_ids.filtered(
            lambda activity: activity.user_id == user or not approve
        ).unlink()
        if not approve:
            self._close("refused", note_it=False)
        elif waiting - self.env["crm.approval.step"].union(*mine):
            return
        elif not self._open_next_level():
            self._close("approved", note_it=False)
        else:
            return
        self._get_document()._on_approval_decided(self)
        self._tell_requester(comment)

    def _lock_waiting(self):
        """Lock the requests for a decision; two at once are taken one after the other."""
        self.check_access("read")
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT state FROM crm_approval_request WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset()
        self.step_ids.invalidate_recordset()
        if any(state != "waiting" for (state,) in rows):
            raise UserError(self.env._("This request was decided already. Reload the page."))

    def _is_current(self):
        document = self._get_document()
        judgement = document and document._judge_approval().get(document.id)
        return bool(judgement) and judgement.digest == self.fingerprint

    def _withdraw(self):
        """Take back requests of one's own; managers may take back all.

        :raises AccessError: it is somebody else's
        """
        manager = self.env.user.has_group("sales_team.group_sale_manager")
        if any(self.env.user not in (row.user_id, row.owner_id) for row in self) and not manager:
            raise AccessError(self.env._("Only who asked takes the request back."))
        self._lock_waiting()
        self.sudo()._close("withdrawn")  # sudo: requests are written by the program alone

    def _close(self, state, note_it=True):
        self.write({"state": state})
        self.step_ids.filtered(lambda step: step.state in ("later", "waiting")).write(
            {"state": "cancelled"}
        )
        self.activity_ids.unlink()
        if note_it:
            self._note(state)

    # -- history and messages ------------------------------------------------------------------

    def _note(self, event, note=False, level=0, behalf=None, facts=None):
        """Append what happened to the history."""
        # sudo: the history is written by the program alone
        self.env["crm.approval.event"].sudo().create(
            [
                {
                    "request_id": request.id,
                    "event": event,
                    "date": fields.Datetime.now(),
                    "user_id": self.env.uid,
                    "on_behalf_uid": behalf.id if behalf else False,
                    "level": level,
                    "note": note,
                    "facts": facts,
                }
                for request in self
            ]
        )

    def _tell_requester(self, comment=False):
        """Put the outcome into the inbox of who asked."""
        states = dict(self._fields["state"]._description_selection(self.env))
        for request in self:
            request.message_notify(
                partner_ids=(request.user_id | request.owner_id).partner_id.ids,
                subject=f"{states[request.state]}: {request.document_name}",
                body=comment or states[request.state],
            )

    def _remind(self, users, level):
        """Remind those who have not decided in time."""
        self.ensure_one()
        self.message_notify(
            partner_ids=users.partner_id.ids,
            subject=self.env._("Waiting for your approval: %(name)s", name=self.document_name),
            body=self.env._(
                "%(user)s asked on %(date)s. Please decide.",
                user=self.user_id.name,
                date=fields.Date.to_string(self.date),
            ),
        )
        self._note("reminded", level=level)
