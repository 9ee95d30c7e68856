from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools import approval

APPROVAL_STATES = [
    ("none", "Not Needed"),
    ("needed", "Needed"),
    ("waiting", "Waiting"),
    ("approved", "Approved"),
    ("refused", "Rejected"),
]


class Judgement(NamedTuple):
    """What the matrix says about a document now."""

    state: str
    rules: models.BaseModel
    request: models.BaseModel
    facts: dict
    digest: str


class CrmApprovalMixin(models.AbstractModel):
    """Documents that the approval matrix judges.

    A document implements ``_get_approval_facts`` (what is compared with the thresholds),
    ``_get_approval_content`` (what an approval is bound to) and, where they differ from the host's
    ``user_id`` and ``team_id``, ``_get_approval_owner`` and ``_get_approval_team``. It asks
    ``_get_approval_refusal()`` before the step that needs approval. All of these work set-based.
    """

    _name = "crm.approval.mixin"
    _description = "Document under Approval"

    crm_approval_request_ids = fields.One2many(
        "crm.approval.request",
        "res_id",
        string="Approval Requests",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
        copy=False,
    )
    crm_approval_state = fields.Selection(
        APPROVAL_STATES, string="Approval", compute="_compute_crm_approval"
    )
    crm_approval_reasons = fields.Text(
        string="Grounds of Approval", compute="_compute_crm_approval"
    )
    crm_may_approve = fields.Boolean(compute="_compute_crm_approval")

    @api.depends(lambda self: self._get_approval_depends())
    @api.depends_context("uid", "lang")
    def _compute_crm_approval(self):
        judged = self._judge_approval()
        requests = self.env["crm.approval.request"].union(*(row.request for row in judged.values()))
        deciders = requests._read_deciders()
        for record in self:
            judgement = judged.get(record._origin.id)
            record.crm_approval_state = judgement.state if judgement else "none"
            record.crm_approval_reasons = judgement and judgement.rules._explain(judgement.facts)
            record.crm_may_approve = bool(
                judgement
                and judgement.state == "waiting"
                and self.env.user in deciders.get(judgement.request.id, ())
            )

    # -- what a document says ------------------------------------------------------------------

    @api.model
    def _get_approval_depends(self):
        """Return the fields whose change may change the judgement; a hook."""
        return ["crm_approval_request_ids.state"]

    def _get_approval_facts(self, grounds):
        """Return ``{record_id: {ground: value}}`` of what thresholds are compared with; a hook.

        :param set grounds: only these are asked for. ``amount`` is in the currency of the
            document's company, ``discount`` and ``margin`` in percent, ``payment_days`` in days,
            ``payment_terms`` the id of the payment terms
        """
        return {record.id: {} for record in self}

    def _get_approval_content(self):
        """Return ``{record_id: content}``, what an approval is bound to; a hook.

        :return: values that JSON can say; any difference asks for approval again
        """
        return {record.id: {} for record in self}

    def _filter_judged(self):
        """Return the records that are still before the step that needs approval; a hook."""
        return self

    def _get_approval_owner(self):
        """Return the user whose document it is; he does not approve it himself; a hook."""
        self.ensure_one()
        return self.user_id

    def _get_approval_team(self):
        """Return the sales team whose leader, or those above him, approve; a hook."""
        self.ensure_one()
        return self.team_id

    def _on_approval_decided(self, request):
        """Called on the document when its request is approved or rejected; a hook."""

    # -- judging -------------------------------------------------------------------------------

    def _judge_approval(self):
        """Return ``{record_id: Judgement}`` for records that the matrix may judge.

        The cost is a fixed number of queries; with no rule for the model it is none at all.
        """
        # sudo: who sells need not see what others approve, or at which thresholds
        records = self.sudo()._origin._filter_judged()
        rules = self.env["crm.approval.rule"]._get_rules(self._name)
        rules = rules.filtered(
            lambda rule: not rule.company_id or rule.company_id in records.company_id
        )
        if not records or not rules:
            return {}
        facts = records._get_approval_facts(set(rules.mapped("ground")))
        contents = records._get_approval_content()
        latest = self.env["crm.approval.request"]._find_latest(records)
        result = {}
        for record in records:
            reached = rules._filter_reached(record, facts[record.id])
            request = latest.get(record.id, self.env["crm.approval.request"])
            digest = approval.fingerprint(contents[record.id])
            if not reached:
                state = "none"
            elif not request or request.fingerprint != digest:
                state = "needed"
            else:
                state = request.state
            result[record.id] = Judgement(state, reached, request, facts[record.id], digest)
        return result

    def _get_approval_refusal(self):
        """Return why the document cannot go on without approval, in words, or False."""
        self.ensure_one()
        judgement = self._judge_approval().get(self.id)
        if not judgement or judgement.state in ("none", "approved"):
            return False
        reasons = judgement.rules._explain(judgement.facts)
        name = self.display_name
        if judgement.state == "waiting":
            return self.env._(
                "%(name)s waits for approval:\n%(reasons)s", name=name, reasons=reasons
            )
        if judgement.state == "refused":
            return self.env._(
                "The approval of %(name)s was rejected:\n%(reasons)s\nChange it or ask again.",
                name=name,
                reasons=reasons,
            )
        return self.env._(
            "%(name)s needs approval; ask for it first:\n%(reasons)s", name=name, reasons=reasons
        )

    def _check_approved(self):
        """Refuse documents that need an approval they do not have.

        :raises UserError: with the sentences of :meth:`_get_approval_refusal`
        """
        pending = self.browse(
            [
                record_id
                for record_id, judgement in self._judge_approval().items()
                if judgement.state not in ("none", "approved")
            ]
        )
        if pending:
            raise UserError("\n\n".join(record._get_approval_refusal() for record in pending))

    # -- asking and deciding -------------------------------------------------------------------

    def action_crm_ask_approval(self):
        """Open the question to the approvers."""
        self.ensure_one()
        return self.env["crm.approval.answer"]._open("ask", record=self)

    def action_crm_approve(self):
        """Open the approval of this document's request."""
        return self._open_approval_answer("approve")

    def action_crm_refuse(self):
        """Open the rejection of this document's request."""
        return self._open_approval_answer("refuse")

    def action_crm_withdraw_approval(self):
        """Take the request back."""
        self._get_waiting_request()._withdraw()
        return True

    def _open_approval_answer(self, kind):
        request = self._get_waiting_request()
        return self.env["crm.approval.answer"]._open(kind, requests=request)

    def _get_waiting_request(self):
        self.ensure_one()
        judgement = self._judge_approval().get(self.id)
        if not judgement or judgement.state != "waiting":
            raise UserError(self.env._("No approval is waiting here. Reload the page."))
        # gives back the rights the caller came with
        return judgement.request.sudo(self.env.su)

    def _ask_approval(self, note=False):
        """Ask for the approval of this document; the approvers of the first level are called.

        Twice at the same moment: the row of the document is locked and only one request of a
        document waits, by a unique index.

        :return: ``crm.approval.request``
        :raises UserError: nothing has to be approved, or it waits or is approved already, or
            nobody is there to approve it
        """
        self.ensure_one()
        self.check_access("write")
        self.env.execute_query(
            SQL(
                "SELECT id FROM %s WHERE id = %s FOR NO KEY UPDATE",
                SQL.identifier(self._table),
                self.id,
            )
        )
        judgement = self._judge_approval().get(self.id)
        if not judgement or judgement.state == "none":
            raise UserError(self.env._("%(name)s needs no approval.", name=self.display_name))
        if judgement.state in ("waiting", "approved"):
            raise UserError(
                self.env._(
                    "Approval of %(name)s was asked for already. Reload the page.",
                    name=self.display_name,
                )
            )
        return self.env["crm.approval.request"]._ask(self, judgement, note)
