from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmApprovalAnswer(models.TransientModel):
    """Asks for approval, approves or rejects, each with a word to the others."""

    _name = "crm.approval.answer"
    _description = "Approval Answer"

    kind = fields.Selection(
        [("ask", "Ask"), ("approve", "Approve"), ("refuse", "Reject")], required=True
    )
    res_model = fields.Char()
    res_id = fields.Many2oneReference(model_field="res_model")
    request_ids = fields.Many2many("crm.approval.request", string="Requests")
    reasons = fields.Text(compute="_compute_reasons")
    comment = fields.Char()

    @api.depends("res_model", "res_id", "request_ids")
    def _compute_reasons(self):
        for wizard in self:
            if wizard.kind == "ask" and wizard._is_under_approval():
                wizard.reasons = wizard._get_document().crm_approval_reasons
            else:
                wizard.reasons = "\n".join(filter(None, wizard.request_ids.mapped("reasons")))

    def _is_under_approval(self):
        return self.res_model in dict(self.env["crm.approval.rule"]._list_models())

    def _get_document(self):
        return self.env[self.res_model].browse(self.res_id)

    @api.model
    def _open(self, kind, record=None, requests=None):
        """Return the action that opens the dialog for a document, or for requests."""
        titles = {
            "ask": self.env._("Ask for Approval"),
            "approve": self.env._("Approve"),
            "refuse": self.env._("Reject"),
        }
        context = {"default_kind": kind}
        if record:
            context |= {"default_res_model": record._name, "default_res_id": record.id}
        if requests:
            context["default_request_ids"] = requests.ids
        return {
            "type": "ir.actions.act_window",
            "name": titles[kind],
            "res_model": self._name,
            "views": [[False, "form"]],
            "target": "new",
            "context": context,
        }

    def action_apply(self):
        """Do what the dialog was opened for.

        :raises UserError: the document is of a kind that is not under approval
        """
        self.ensure_one()
        if self.kind == "ask":
            if not self._is_under_approval():
                raise UserError(self.env._("This document is not under approval."))
            self._get_document()._ask_approval(self.comment)
        else:
            outdated = self.request_ids._decide(self.kind == "approve", self.comment)
            if outdated:
                return self._tell_outdated(outdated)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _tell_outdated(self, requests):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "message": self.env._(
                    "Not decided, because the document has changed since it was asked for:"
                    " %(names)s.",
                    names=", ".join(requests.mapped("document_name")),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
