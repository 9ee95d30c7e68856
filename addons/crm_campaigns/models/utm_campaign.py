from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

STATES = [
    ("draft", "Draft"),
    ("approved", "Approved"),
    ("running", "Running"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]
# Permitted changes of state; True: only marketing managers.
TRANSITIONS = {
    ("draft", "approved"): True,
    ("draft", "cancelled"): False,
    ("approved", "running"): False,
    ("approved", "draft"): True,
    ("approved", "cancelled"): True,
    ("running", "closed"): False,
    ("running", "draft"): True,
    ("running", "cancelled"): True,
    ("closed", "running"): True,
    ("cancelled", "draft"): False,
}
# The plan that an approval covers. Budget lines guard themselves.
PLAN_FIELDS = {
    "crm_date_start",
    "crm_date_end",
    "crm_goal",
    "crm_parent_id",
    "crm_expected_leads",
    "crm_expected_responses",
    "crm_expected_revenue",
    "crm_approver_id",
    "crm_approved_on",
    "company_id",
}
APPROVAL_ACTIVITY = "crm_campaigns.mail_activity_type_approval"


class UtmCampaign(models.Model):
    """The plan of a campaign: dates, goal, budget, expectation, and its approval."""

    _name = "utm.campaign"
    _inherit = ["utm.campaign", "mail.thread", "mail.activity.mixin"]
    _parent_name = "crm_parent_id"
    _parent_store = True

    user_id = fields.Many2one(tracking=True)
    crm_state = fields.Selection(
        STATES,
        string="Status",
        default="draft",
        required=True,
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    crm_date_start = fields.Date(string="Start Date", tracking=True)
    crm_date_end = fields.Date(string="End Date", tracking=True)
    crm_goal = fields.Text(string="Goal")
    crm_parent_id = fields.Many2one(
        "utm.campaign",
        string="Parent Campaign",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('is_auto_campaign', '=', False), ('company_id', 'in', (company_id, False))]",
    )
    crm_child_ids = fields.One2many("utm.campaign", "crm_parent_id", string="Sub-campaigns")
    parent_path = fields.Char(index=True)
    crm_approver_id = fields.Many2one(
        "res.users",
        string="Approver",
        copy=False,
        tracking=True,
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("crm_campaigns.group_marketing_manager").ids)
        ],
        help="Who is asked for approval; afterwards, who gave it.",
    )
    crm_approved_on = fields.Datetime(string="Approved on", readonly=True, copy=False)
    crm_may_change = fields.Boolean(string="May Change", compute="_compute_crm_may_change")
    crm_currency_id = fields.Many2one(
        "res.currency", string="Company Currency", compute="_compute_crm_currency_id"
    )
    crm_expected_leads = fields.Integer(string="Expected Leads")
    crm_expected_responses = fields.Integer(string="Expected Responses")
    crm_expected_revenue = fields.Monetary(string="Expected Revenue", currency_field="currency_id")
    crm_budget_line_ids = fields.One2many(
        "crm.campaign.budget.line", "campaign_id", string="Budget", copy=True
    )

    _crm_dates_in_order = models.Constraint(
        "CHECK (crm_date_end >= crm_date_start)",
        "The campaign ends before it starts. Correct its dates.",
    )
    _crm_expectations_positive = models.Constraint(
        "CHECK (crm_expected_leads >= 0 AND crm_expected_responses >= 0"
        " AND crm_expected_revenue >= 0)",
        "Expected leads, responses and revenue cannot be negative.",
    )

    @api.depends("company_id.currency_id")
    @api.depends_context("company")
    def _compute_crm_currency_id(self):
        for campaign in self:
            campaign.crm_currency_id = campaign._crm_company().currency_id

    @api.depends("user_id", "crm_state", "crm_date_start")
    @api.depends_context("uid")
    def _compute_crm_may_change(self):
        """Whether the user may change the campaign; buttons he cannot use are not shown."""
        allowed = self._origin._filtered_access("write")
        for campaign in self:
            campaign.crm_may_change = not campaign._origin or campaign._origin in allowed

    @api.constrains("crm_parent_id", "company_id")
    def _check_crm_parent(self):
        # sudo: the rule holds between companies, also those the user cannot see
        for campaign in self.sudo():
            family = campaign.crm_parent_id | campaign.crm_child_ids
            if any(other.company_id != campaign.company_id for other in family):
                raise ValidationError(
                    self.env._(
                        "“%(campaign)s”, its parent and its sub-campaigns have to belong to the"
                        " same company, since their figures are added up.",
                        campaign=campaign.title,
                    )
                )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("crm_state", "draft") != "draft" for vals in vals_list):
            raise UserError(
                self.env._("A campaign starts as a draft. Create it first, then approve it.")
            )
        return super().create(vals_list)

    def write(self, vals):
        self._check_plan_open(vals)
        if "crm_state" in vals:
            vals = {**vals, **self._prepare_transition_values(vals["crm_state"])}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if any(campaign.crm_state not in ("draft", "cancelled") for campaign in self):
            raise UserError(
                self.env._("An approved campaign is not deleted. Cancel it first, or archive it.")
            )
        # sudo: bills and answers count, whether the user sees them or not
        booked = self.env["account.move.line"].sudo()
        # sudo: as above
        touches = self.env["crm.campaign.touch"].sudo()
        domain = [("crm_campaign_id", "in", self.ids)]
        if booked.search_count(domain, limit=1) or touches.search_count(
            [("campaign_id", "in", self.ids)], limit=1
        ):
            raise UserError(
                self.env._("Bills or answers belong to this campaign. Archive it instead.")
            )

    # Actions

    def action_crm_request_approval(self):
        """Ask the approver by an activity; asking again replaces the earlier request."""
        self.ensure_one()
        self.check_access("write")
        if not self.crm_approver_id:
            raise UserError(self.env._("Choose an approver first."))
        self._check_plan_complete()
        self.activity_unlink([APPROVAL_ACTIVITY])
        self.activity_schedule(
            APPROVAL_ACTIVITY,
            user_id=self.crm_approver_id.id,
            note=self.env._("Please approve “%(campaign)s”.", campaign=self.title),
        )

    def action_crm_approve(self):
        """Approve the plan; its figures are locked from here on. For marketing managers."""
        self.write({"crm_state": "approved"})

    def action_crm_start(self):
        """Begin (or resume) the campaign."""
        self.write({"crm_state": "running"})

    def action_crm_close(self):
        """End the campaign; late costs and revenue still count."""
        self.write({"crm_state": "closed"})

    def action_crm_cancel(self):
        """Give the campaign up."""
        self.write({"crm_state": "cancelled"})

    def action_crm_draft(self):
        """Open the plan again; it needs a new approval."""
        self.write({"crm_state": "draft"})

    # Business

    def _creation_message(self):
        """Say what was created in the user's words."""
        return self.env._("Campaign created")

    def _crm_company(self):
        """Return the company whose books the figures come from: its own, or the current one."""
        self.ensure_one()
        return self.company_id or self.env.company

    def _is_marketing_manager(self):
        return self.env.su or self.env.user.has_group("crm_campaigns.group_marketing_manager")

    def _check_plan_open(self, vals):
        """Refuse to change the plan of a campaign that has been approved."""
        names = PLAN_FIELDS & set(vals)
        for campaign in self.filtered(lambda c: c.crm_state != "draft"):
            changed = [name for name in names if campaign._crm_changes(name, vals[name])]
            if changed:
                labels = campaign.fields_get(changed, ["string"])
                raise UserError(
                    self.env._(
                        "The plan of “%(campaign)s” has been decided, so these cannot change:"
                        " %(fields)s. A marketing manager can set it back to draft.",
                        campaign=campaign.title,
                        fields=", ".join(sorted(label["string"] for label in labels.values())),
                    )
                )

    def _crm_changes(self, name, value):
        """Return whether writing ``value`` to field ``name`` would change it."""
        field = self._fields[name]
        return field.convert_to_cache(value, self) != field.convert_to_cache(self[name], self)

    def _prepare_transition_values(self, target):
        """Check that every campaign of ``self`` may go to state ``target``.

        :return: what else to write with the state
        """
        labels = dict(self._fields["crm_state"]._description_selection(self.env))
        for campaign in self.filtered(lambda c: c.crm_state != target):
            only_managers = TRANSITIONS.get((campaign.crm_state, target))
            if only_managers is None:
                raise UserError(
                    self.env._(
                        "“%(campaign)s” is %(state)s and cannot become %(target)s.",
                        campaign=campaign.title,
                        state=labels[campaign.crm_state],
                        target=labels.get(target, target),
                    )
                )
            if only_managers and not self._is_marketing_manager():
                raise AccessError(
                    self.env._(
                        "Only a marketing manager can make “%(campaign)s” %(target)s.",
                        campaign=campaign.title,
                        target=labels[target],
                    )
                )
        if target == "approved":
            self._check_plan_complete()
            self.activity_feedback([APPROVAL_ACTIVITY])
            return {"crm_approver_id": self.env.uid, "crm_approved_on": fields.Datetime.now()}
        return {"crm_approved_on": False} if target == "draft" else {}

    def _check_plan_complete(self):
        """Raise unless the plan says when the campaign runs."""
        for campaign in self:
            if not (campaign.crm_date_start and campaign.crm_date_end):
                raise UserError(
                    self.env._(
                        "“%(campaign)s” has no start or no end date. Enter them before approval.",
                        campaign=campaign.title,
                    )
                )
