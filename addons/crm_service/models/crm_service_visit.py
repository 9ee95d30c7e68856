from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmServiceVisit(models.Model):
    """One inspection: its checklist, what was found, and the written report for the customer."""

    _name = "crm.service.visit"
    _description = "Inspection Visit"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(string="Number", readonly=True, copy=False, default="/")
    plan_id = fields.Many2one(
        "crm.service.plan", index="btree_not_null", check_company=True, ondelete="cascade"
    )
    contract_id = fields.Many2one(
        "crm.contract", required=True, index=True, check_company=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="contract_id.partner_id", string="Customer", store=True, index=True
    )
    planned_date = fields.Date(
        readonly=True, copy=False, help="The date of the plan's rhythm, holidays or not."
    )
    date = fields.Date(required=True, index=True, tracking=True)
    done_on = fields.Date(readonly=True, copy=False)
    user_id = fields.Many2one(
        "res.users",
        string="Inspector",
        domain="[('share', '=', False)]",
        index=True,
        tracking=True,
    )
    line_ids = fields.One2many("crm.service.visit.line", "visit_id", string="Checklist", copy=True)
    advice_ids = fields.One2many("crm.service.advice", "visit_id")
    ticket_ids = fields.Many2many("crm.service.ticket", compute="_compute_ticket_ids")
    ticket_count = fields.Integer(compute="_compute_ticket_ids")
    summary = fields.Html(help="Stands at the top of the report.")
    report_sent_on = fields.Datetime(readonly=True, copy=False)
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("in_progress", "In Progress"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        default="planned",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )

    _plan_date_uniq = models.UniqueIndex(
        "(plan_id, planned_date)", "The plan already has a visit for this date."
    )

    @api.depends("line_ids.ticket_ids")
    def _compute_ticket_ids(self):
        for visit in self:
            visit.ticket_ids = visit.line_ids.ticket_ids
            visit.ticket_count = len(visit.ticket_ids)

    def _compute_access_url(self):
        super()._compute_access_url()
        for visit in self:
            visit.access_url = f"/my/inspections/{visit.id}"

    @api.depends("name", "contract_id")
    def _compute_display_name(self):
        for visit in self:
            visit.display_name = " ".join(filter(None, [visit.name, visit.contract_id.subject]))

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        self.env["res.company"]._assign_crm_numbers(visits, "XJ%(range_year)s")
        return visits

    # -- actions ------------------------------------------------------------------------------

    def action_start(self):
        """Begin the inspection."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "planned":
            raise UserError(self.env._("Only a planned visit can be started."))
        if self.contract_id.state == "suspended":
            raise UserError(self.env._("The contract is suspended. Resume it first."))
        self.write({"state": "in_progress", "user_id": self.user_id.id or self.env.uid})
        return True

    def action_done(self):
        """Finish the inspection; every check needs a result, a fault needs words."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "in_progress":
            raise UserError(self.env._("Start the visit first."))
        if open_lines := self.line_ids.filtered(lambda one: not one.result):
            raise UserError(
                self.env._(
                    "Enter a result for: %(checks)s.", checks=", ".join(open_lines.mapped("name"))
                )
            )
        self.write({"state": "done", "done_on": fields.Date.context_today(self)})
        return True

    def action_cancel(self):
        """Call the visit off."""
        self.check_access("write")
        if any(visit.state == "done" for visit in self):
            raise UserError(self.env._("A finished visit cannot be called off."))
        self.state = "cancelled"
        return True

    def action_send_report(self):
        """Mail the written report to the customer, through the consent gate."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "done":
            raise UserError(self.env._("Finish the visit before sending its report."))
        recipient = self.contract_id.partner_signatory_id or self.partner_id
        if refusal := recipient._explain_contactable("email", "service"):
            raise UserError(
                self.env._(
                    "The report cannot be mailed to %(name)s: %(reason)s",
                    name=recipient.display_name,
                    reason=refusal[recipient.id],
                )
            )
        self.message_subscribe(partner_ids=recipient.ids)
        self.message_post_with_source(
            self.env.ref("crm_service.mail_template_visit_report"),
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature",
        )
        self.report_sent_on = fields.Datetime.now()
        return True

    def action_print_report(self):
        """Print the inspection report."""
        self.ensure_one()
        return self.env.ref("crm_service.crm_service_visit_action_report").report_action(self)

    def action_view_tickets(self):
        """Open the tickets that came out of this inspection."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service.crm_service_ticket_action"
        )
        return action | {"domain": [("id", "in", self.ticket_ids.ids)], "context": {}}

    def _get_working_day(self, date):
        """Return ``date``, or the next working day in the contract's calendar."""
        self.ensure_one()
        return self.contract_id.calendar_id._plan_working_days(date, 0, company=self.company_id)

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.name
