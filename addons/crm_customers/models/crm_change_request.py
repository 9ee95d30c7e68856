import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

APPROVER_GROUP = "account.group_account_invoice"
CHANGED_FIELDS = [
    ("name", "Name"),
    ("vat", "Tax Number"),
    ("bank", "Bank Account"),
    ("title", "Invoice Title"),
]
# All digits of an account number but the last four.
HIDDEN = re.compile(r"\d(?=(?:[\s-]?\w){4})")
KINDS = [("write", "Change"), ("create", "New"), ("remove", "Removal")]


class CrmChangeRequest(models.Model):
    """A change of a customer's name, tax number or bank account that waits for approval.

    Owns: what was asked, by whom, and what became of it; kept for good. Who: salespeople cause it
    by saving, invoicing approves or refuses. Two at once: one waiting request per field and bank
    account, by a unique index; deciding locks the row. Half failed: value and decision are one
    transaction. A million rows: the waiting ones are found by a partial index.
    """

    _name = "crm.change.request"
    _description = "Change to Approve"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, ondelete="cascade"
    )
    bank_id = fields.Many2one(
        "res.partner.bank", string="Bank Account", readonly=True, ondelete="cascade"
    )
    title_id = fields.Many2one(
        "crm.invoice.title", string="Invoice Title", readonly=True, ondelete="cascade"
    )
    field = fields.Selection(CHANGED_FIELDS, string="What", required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True, default="write")
    old_text = fields.Char(string="Before", readonly=True)
    new_text = fields.Char(string="Wanted", readonly=True)
    old_values = fields.Json(readonly=True)
    new_values = fields.Json(readonly=True)
    reason = fields.Char(help="Why the change is right: who said so, what proves it.")
    user_id = fields.Many2one("res.users", string="Asked by", required=True, readonly=True)
    date = fields.Datetime(string="Asked on", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("approved", "Approved"),
            ("refused", "Rejected"),
            ("replaced", "Replaced"),
            ("outdated", "Outdated"),
        ],
        required=True,
        readonly=True,
        default="waiting",
        tracking=True,
    )
    decided_uid = fields.Many2one("res.users", string="Decided by", readonly=True)
    decided_date = fields.Datetime(string="Decided on", readonly=True)
    decision_note = fields.Char(string="Reason of the Rejection", readonly=True)
    may_decide = fields.Boolean(compute="_compute_may_decide")

    _waiting_uniq = models.UniqueIndex(
        "(partner_id, field, COALESCE(bank_id, 0), COALESCE(title_id, 0)) WHERE state = 'waiting'",
        "Somebody asked for the same change at this moment. Save again.",
    )
    _partner_idx = models.Index("(partner_id, date DESC)")

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        approver = self._is_approver()
        for request in self:
            request.may_decide = approver and request.state == "waiting"

    @api.model
    def _is_approver(self):
        """Whether the current user's own changes count at once, and those of others on his word."""
        return self.env.su or self.env.user.has_group(APPROVER_GROUP)

    def write(self, vals):
        if not self.env.su and (
            vals.keys() - {"reason"}
            or any(
                request.user_id != self.env.user or request.state != "waiting" for request in self
            )
        ):
            raise AccessError(
                self.env._("A request is decided with its buttons; only its reason can be edited.")
            )
        return super().write(vals)

    # Asking

    @api.model
    def _ask(self, wishes):
        """Note changes that wait for approval; an earlier one of the same field is replaced.

        :param wishes: dicts of ``partner_id``, ``field`` and, as they apply, ``bank_id``, ``kind``,
            ``title_id``, ``old_text``, ``new_text``, ``old_values``, ``new_values``
        """
        # sudo: requests are made by saving, never by hand
        requests = self.sudo()
        same = Domain.OR(
            Domain("partner_id", "=", wish["partner_id"])
            & Domain("field", "=", wish["field"])
            & Domain("bank_id", "=", wish.get("bank_id", False))
            & Domain("title_id", "=", wish.get("title_id", False))
            for wish in wishes
        )
        earlier = requests.search(same & Domain("state", "=", "waiting"))
        earlier._close("replaced")
        self.flush_model(["state"])
        made = requests.create(
            [
                {
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    "company_id": self.env.company.id,
                    **wish,
                }
                for wish in wishes
            ]
        )
        made._call_approver()
        if not self.env.context.get("import_file"):
            # an import may ask for thousands: they are in the list of requests
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "title": self.env._("Waiting for approval"),
                    "message": made._list_wishes(),
                    "sticky": True,
                },
            )
        return made

    def _list_wishes(self):
        """Return the requests in words, one after the other; numbers of accounts are masked."""
        return self.env._("; ").join(
            f"{request._label()}: {request._mask('old_text')} → {request._mask('new_text')}"
            for request in self
        )

    def _mask(self, name):
        """Return a value as mail and chatter tell it: of an account number the last four digits."""
        self.ensure_one()
        text = self[name] or "–"
        return HIDDEN.sub("•", text) if self.field in ("bank", "title") else text

    def _label(self):
        """Return what changes, in the user's language."""
        self.ensure_one()
        names = dict(self._fields["field"]._description_selection(self.env))
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        if self.kind == "write":
            return names[self.field]
        return f"{names[self.field]} ({kinds[self.kind]})"

    def _call_approver(self):
        """Put the requests among the activities of the company's approver, if it named one."""
        for approver, requests in self.grouped(
            lambda row: row.company_id.crm_change_approver_id
        ).items():
            if approver and approver.has_group(APPROVER_GROUP):
                requests.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Change to approve"),
                    user_id=approver.id,
                )

    # Deciding

    def action_approve(self):
        """Write what was asked for; what has changed in the meantime is outdated instead.

        :raises AccessError: the user is no approver
        :raises UserError: a request was decided already
        """
        self._take()
        outdated = self.filtered(lambda request: not request._is_current())
        outdated._close("outdated")
        approved = self - outdated
        for request in approved:
            request._apply()
        approved._close("approved")
        self._tell_requesters()
        if outdated:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "sticky": True,
                    "message": self.env._(
                        "Not written, because the value has changed since the request: %(wishes)s."
                        " Have it asked for again.",
                        wishes=outdated._list_wishes(),
                    ),
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_refuse(self):
        """Ask for the reason of a refusal."""
        self._check_approver()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reject the Change"),
            "res_model": "crm.change.refuse",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_request_ids": self.ids},
        }

    def _refuse(self, reason):
        """Refuse the requests; the values stay as they are.

        :raises AccessError: the user is no approver
        :raises UserError: a request was decided already
        """
        self._take()
        self._close("refused", reason)
        self._tell_requesters()

    def _check_approver(self):
        if not self._is_approver():
            raise AccessError(
                self.env._("Only who may make invoices decides about changes. Ask one of them.")
            )

    def _take(self):
        """Lock the requests for a decision."""
        self._check_approver()
        self.check_access("read")
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                "SELECT state FROM crm_change_request WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset(["state"])
        if any(state != "waiting" for (state,) in rows):
            raise UserError(self.env._("This change was decided already. Reload the page."))

    def _close(self, state, note=False):
        # sudo: decisions are made through the methods of the model only
        self.sudo().write(
            {
                "state": state,
                "decided_uid": self.env.uid,
                "decided_date": fields.Datetime.now(),
                "decision_note": note,
            }
        )
        if self:
            # sudo: the activity belongs to the approver
            self.sudo().activity_unlink(["mail.mail_activity_data_todo"])

    def _target(self):
        """Return the record that changes, with all rights: approving is the right to write it."""
        self.ensure_one()
        # sudo: who approves changes need not be allowed to edit customers
        request = self.sudo().with_context(active_test=False)
        return request.title_id or request.bank_id or request.partner_id

    def _is_current(self):
        target = self._target()
        return target.exists() and self.old_values == target._get_change_values(self.old_values)

    def _apply(self):
        target = self._target()
        target.write(target._get_approved_values(self.new_values))
        self.sudo().partner_id.message_post(  # sudo: as above
            body=self.env._(
                "%(field)s: %(old)s → %(new)s. Asked for by %(user)s, approved by %(approver)s.",
                field=self._label(),
                old=self._mask("old_text"),
                new=self._mask("new_text"),
                user=self.user_id.name,
                approver=self.env.user.name,
            )
        )

    def _tell_requesters(self):
        """Put the decision into the inbox of who asked."""
        states = dict(self._fields["state"]._description_selection(self.env))
        for request in self:
            # sudo: the message goes to a colleague about a record he can read
            request.sudo().partner_id.message_notify(
                partner_ids=request.user_id.partner_id.ids,
                subject=self.env._(
                    "%(state)s: %(customer)s",
                    state=states[request.state],
                    customer=request.partner_id.name,
                ),
                body=" ".join(filter(None, [request._list_wishes(), request.decision_note])),
            )
