from datetime import datetime, time, timezone

import pytz

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError


class CrmServiceNotice(models.Model):
    """Telling exactly the affected customers before an upgrade or maintenance.

    The window cannot begin before the notice period is over, counted in working days from the
    day of sending. Each recipient gets a mail and a page of its own, so that customers never see
    one another, and acknowledges it in the portal.
    """

    _name = "crm.service.notice"
    _description = "Upgrade or Maintenance Notice"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "window_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Subject", required=True, tracking=True)
    kind = fields.Selection(
        [("upgrade", "Upgrade"), ("maintenance", "Maintenance")], required=True, default="upgrade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    body = fields.Html(string="Message", help="What changes, and what the customer has to do.")
    window_start = fields.Datetime(string="From", required=True, tracking=True)
    window_end = fields.Datetime(string="Until", required=True, tracking=True)
    contract_ids = fields.Many2many(
        "crm.contract",
        string="Affected Contracts",
        check_company=True,
        domain="[('state', '=', 'signed'), ('company_id', '=', company_id)]",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Documents", help="Guides and change log, sent along."
    )
    recipient_ids = fields.One2many(
        "crm.service.notice.recipient", "notice_id", string="Recipients"
    )
    recipient_count = fields.Integer(compute="_compute_recipient_counts")
    acknowledged_count = fields.Integer(compute="_compute_recipient_counts")
    blocked_count = fields.Integer(compute="_compute_recipient_counts")
    sent_at = fields.Datetime(readonly=True, copy=False)
    earliest_start = fields.Datetime(
        readonly=True, copy=False, help="The notice period ends; the work may begin from then on."
    )
    started_at = fields.Datetime(readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("sent", "Sent"),
            ("started", "In Progress"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )

    _window_in_order = models.Constraint(
        "CHECK (window_end > window_start)", "The window must end after it begins."
    )

    @api.depends("recipient_ids.state")
    def _compute_recipient_counts(self):
        counts = {
            (notice.id, state): count
            for notice, state, count in self.env["crm.service.notice.recipient"]._read_group(
                [("notice_id", "in", self.ids)], ["notice_id", "state"], ["__count"]
            )
        }
        for notice in self:
            by_state = {
                state: counts.get((notice.id, state), 0)
                for state in ("pending", "sent", "blocked", "acknowledged")
            }
            notice.recipient_count = sum(by_state.values())
            notice.acknowledged_count = by_state["acknowledged"]
            notice.blocked_count = by_state["blocked"]

    def write(self, vals):
        fixed = {"name", "kind", "body", "window_start", "window_end", "contract_ids"}
        if fixed & vals.keys() and any(notice.state != "draft" for notice in self):
            raise UserError(
                self.env._(
                    "Customers have been told. Cancel this notice and send a new one instead."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(notice.state != "draft" for notice in self):
            raise UserError(self.env._("A notice that was sent cannot be deleted; cancel it."))

    # -- actions ------------------------------------------------------------------------------

    def action_send(self):
        """Fix the recipients and have the notice mailed; the notice period starts today."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("This notice was sent before."))
        if not self.contract_ids:
            raise UserError(self.env._("Choose the contracts that are affected."))
        earliest = self._get_earliest_start()
        if self.window_start < earliest:
            raise UserError(
                self.env._(
                    "The window may begin on %(date)s at the earliest: customers must be told"
                    " %(days)s working days before.",
                    date=fields.Date.to_string(self._to_local(earliest).date()),
                    days=self.company_id.crm_service_notice_days,
                )
            )
        self.recipient_ids = [
            Command.create({"contract_id": contract.id, "partner_id": partner.id})
            for contract, partner in self._get_recipients()
        ]
        self.write({"state": "sent", "sent_at": fields.Datetime.now(), "earliest_start": earliest})
        # The documents are read with a token: customers have no rights on the notice itself.
        self.attachment_ids.generate_access_token()
        # sudo: the scheduler belongs to the system
        self.env.ref("crm_service.ir_cron_send_notices").sudo()._trigger()
        return True

    def action_start(self):
        """Begin the announced work: not before the notice period and the window allow it."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "sent":
            raise UserError(self.env._("Send the notice before starting the work."))
        now = fields.Datetime.now()
        if self.recipient_ids.filtered(lambda one: one.state == "pending"):
            raise UserError(self.env._("The notice is still being sent. Try again in a minute."))
        if now < self.earliest_start:
            raise UserError(self.env._("The notice period is not over yet."))
        if now < self.window_start:
            raise UserError(self.env._("The announced window has not begun yet."))
        self.write({"state": "started", "started_at": now})
        return True

    def action_done(self):
        """Say that the announced work is finished."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "started":
            raise UserError(self.env._("Start the work first."))
        self.write({"state": "done", "finished_at": fields.Datetime.now()})
        return True

    def action_cancel(self):
        """Call the work off. Customers who were told are told so."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in ("draft", "sent"):
            raise UserError(self.env._("Work that has begun cannot be called off."))
        told = self.recipient_ids.filtered("sent_at")
        self.state = "cancelled"
        told._tell(self.env.ref("crm_service.mail_template_notice_cancelled"))
        return True

    def action_view_recipients(self):
        """Open who was told, who acknowledged and who could not be reached."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service.crm_service_notice_recipient_action"
        )
        return action | {"domain": [("notice_id", "=", self.id)]}

    # -- business -----------------------------------------------------------------------------

    def _get_recipients(self):
        """Hook: return ``[(contract, partner)]`` to be told; each person once per contract."""
        self.ensure_one()
        return [
            (contract, contract.partner_signatory_id or contract.partner_id)
            for contract in self.contract_ids
        ]

    def _get_calendar(self):
        self.ensure_one()
        return self.company_id._get_contract_calendar()

    def _get_earliest_start(self):
        """Return when the window may begin if the notice is sent now (naive UTC)."""
        self.ensure_one()
        calendar = self._get_calendar()
        tz = self._get_timezone()
        today = self._to_local(fields.Datetime.now()).date()
        day = calendar._plan_working_days(
            today, self.company_id.crm_service_notice_days, company=self.company_id
        )
        morning = tz.localize(datetime.combine(day, time()))
        return morning.astimezone(timezone.utc).replace(tzinfo=None)

    def _get_timezone(self):
        # sudo: a calendar's time zone is the same for everybody
        return pytz.timezone(self._get_calendar().sudo().tz or self.env.user.tz or "UTC")

    def _to_local(self, moment):
        return moment.replace(tzinfo=timezone.utc).astimezone(self._get_timezone())

    @api.model
    def _cron_send(self):
        """Mail the notices to recipients that are waiting, each exactly once.

        One recipient a transaction: a run that is killed goes on with the next, and a server that
        finds a row taken leaves it.
        """
        waiting = self.env["crm.service.notice.recipient"].search(
            [("state", "=", "pending"), ("notice_id.state", "=", "sent")]
        )
        for recipient in waiting:
            recipient._send_once()
            self.env["ir.cron"]._commit_progress(1)

    @api.constrains("window_start", "contract_ids")
    def _check_contracts_in_force(self):
        for notice in self.filtered(lambda one: one.state == "draft"):
            if idle := notice.contract_ids.filtered(lambda one: one.state != "signed"):
                raise ValidationError(
                    self.env._(
                        "%(contract)s is not in force, so nobody is affected by it.",
                        contract=idle[0].display_name,
                    )
                )
