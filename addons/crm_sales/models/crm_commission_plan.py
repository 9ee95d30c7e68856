from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.date_utils import start_of

from ..tools import commission

# What a running plan has promised to its sellers.
PROMISED_FIELDS = frozenset(
    {"company_id", "basis", "with_tax", "mode", "period", "cap", "date_from", "tier_ids"}
)


class CrmCommissionPlan(models.Model):
    """What sellers earn on what they bring in: basis, tiers, cap, from when to when, for whom.

    Owns: the promise. Who: sales managers; a seller reads the plans he takes part in.
    Twice at once: a running plan's promise does not change; another one begins where it ends.
    Half of it: starting a plan marks the documents of its time in the same transaction.
    A million rows: there are dozens; documents are marked by one statement.
    """

    _name = "crm.commission.plan"
    _description = "Commission Plan"
    _inherit = ["mail.thread"]
    _order = "state desc, date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    basis = fields.Selection(
        [
            ("signed", "Signed"),
            ("invoiced", "Invoiced"),
            ("collected", "Collected"),
            ("margin", "Margin"),
        ],
        required=True,
        default="collected",
        help="Collected: money that really arrived, one line per reconciliation.",
    )
    with_tax = fields.Boolean(
        string="Count Taxes", help="Commission on amounts with tax instead of those before tax."
    )
    mode = fields.Selection(
        [
            (commission.SLICE, "Each Slice at Its Own Rate"),
            (commission.WHOLE, "Rate Reached on the Whole"),
        ],
        string="Tiers Apply",
        required=True,
        default=commission.SLICE,
    )
    period = fields.Selection(
        [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
        string="Tiers Start Again Each",
        required=True,
        default="month",
    )
    cap = fields.Monetary(
        string="Cap per Period", help="At most this much per seller and period; zero: no cap."
    )
    date_from = fields.Date(
        string="In Effect From",
        required=True,
        default=lambda self: start_of(fields.Date.context_today(self), "year"),
        tracking=True,
    )
    date_to = fields.Date(string="Until", tracking=True)
    tier_ids = fields.One2many(
        "crm.commission.tier", "plan_id", string="Tiers", copy=True, required=True
    )
    member_ids = fields.One2many("crm.commission.member", "plan_id", string="Sellers", copy=True)
    member_count = fields.Integer(compute="_compute_member_count")
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    former_id = fields.Many2one(
        "crm.commission.plan",
        string="Follows",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The plan that ends the day before this one starts.",
    )
    line_ids = fields.One2many("crm.commission.line", "plan_id", string="Commission")
    note = fields.Html(string="Terms")

    _cap_not_negative = models.Constraint("CHECK (cap >= 0)", "A cap cannot be negative.")
    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "A plan cannot end before it starts."
    )

    @api.depends("member_ids")
    def _compute_member_count(self):
        for plan in self:
            plan.member_count = len(plan.member_ids)

    @api.constrains("tier_ids")
    def _check_tiers(self):
        for plan in self:
            plan._check_own_tiers()

    def _check_own_tiers(self):
        try:
            self._get_tiers()
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "The tiers of “%(plan)s” need a first one from zero on, no two from the"
                    " same amount, and no rate below zero.",
                    plan=self.name,
                )
            ) from error

    # -- CRUD --------------------------------------------------------------------------------

    def write(self, vals):
        running = self.filtered(lambda plan: plan.state == "running")
        if running and PROMISED_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "“%(plan)s” is running; what it promises does not change. Make a new version"
                    " of it from a later day on.",
                    plan=running[0].name,
                )
            )
        result = super().write(vals)
        if "date_to" in vals:
            running._mark_documents()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.line_ids:
            raise UserError(
                self.env._("Commission was computed by this plan. End it instead of deleting it.")
            )

    # -- actions -----------------------------------------------------------------------------

    def action_start(self):
        """Put the plan into effect: the documents since its first day are counted."""
        for plan in self.filtered(lambda row: row.state == "draft"):
            if not plan.member_ids:
                raise UserError(
                    self.env._("Add the sellers who take part in “%(plan)s”.", plan=plan.name)
                )
            former = plan.former_id
            if former and (not former.date_to or former.date_to >= plan.date_from):
                former.date_to = fields.Date.subtract(plan.date_from, days=1)
        self.state = "running"
        self._mark_documents()
        return True

    def action_new_version(self):
        """Open a draft that takes the place of this plan from the first of next month on."""
        self.ensure_one()
        first = start_of(fields.Date.add(fields.Date.context_today(self), months=1), "month")
        plan = self.copy(
            {
                "former_id": self.id,
                "date_from": max(first, fields.Date.add(self.date_from, days=1)),
                "date_to": False,
                "name": self.name,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": plan.id,
            "view_mode": "form",
        }

    def action_view_lines(self):
        """Open the commission that this plan made."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_sales.crm_commission_line_action"
        )
        return action | {"domain": [("plan_id", "=", self.id)], "context": {}}

    # -- business ----------------------------------------------------------------------------

    def _get_tiers(self):
        """Return the tiers of ``tools/commission``; ValueError when they make no sense."""
        self.ensure_one()
        return commission.make_tiers([(tier.threshold, tier.rate) for tier in self.tier_ids])

    def _get_period_start(self, date):
        """Return the first day of the period of tiers that ``date`` lies in."""
        self.ensure_one()
        return start_of(date, self.period)

    def _mark_documents(self):
        """Have the documents counted that these plans may have something to say about."""
        credits = self.env["crm.sales.credit"]
        credits.flush_model()
        self.flush_recordset()
        if self:
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO crm_sales_queue (doc_key)
                    SELECT credit.doc_key
                      FROM crm_sales_credit credit
                      JOIN crm_commission_plan plan
                        ON plan.company_id = credit.company_id AND plan.basis = credit.basis
                       AND credit.date >= plan.date_from
                     WHERE plan.id = ANY(%(ids)s)
                     UNION
                    SELECT line.doc_key FROM crm_commission_line line
                     WHERE line.plan_id = ANY(%(ids)s)
                    """,
                    ids=self.ids,
                )
            )
