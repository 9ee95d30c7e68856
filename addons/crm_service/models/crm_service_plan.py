from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

HORIZON_DAYS = 60


class CrmServicePlan(models.Model):
    """How often the running system of a contract is inspected, and what is looked at.

    Visits are generated ahead; a date that is no working day moves to the next one, and the plan
    keeps its rhythm from the planned dates. A planned date exists once per plan in the database,
    so that the generator can run any number of times on any number of servers.
    """

    _name = "crm.service.plan"
    _description = "Inspection Plan"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    contract_id = fields.Many2one(
        "crm.contract", required=True, index=True, check_company=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="contract_id.partner_id", string="Customer", store=True, index=True
    )
    team_id = fields.Many2one("crm.service.team", check_company=True)
    user_id = fields.Many2one(
        "res.users", string="Inspector", domain="[('share', '=', False)]", tracking=True
    )
    interval = fields.Integer(string="Every", required=True, default=3)
    interval_unit = fields.Selection(
        [("week", "Weeks"), ("month", "Months"), ("year", "Years")],
        required=True,
        default="month",
    )
    date_start = fields.Date(string="From", copy=False, tracking=True)
    date_end = fields.Date(string="Until", copy=False, tracking=True)
    line_ids = fields.One2many("crm.service.plan.line", "plan_id", string="Checklist", copy=True)
    visit_ids = fields.One2many("crm.service.visit", "plan_id", string="Visits")
    visit_count = fields.Integer(compute="_compute_visit_count")
    next_visit_date = fields.Date(compute="_compute_visit_count")
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("ended", "Ended")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )

    _interval_positive = models.Constraint(
        "CHECK (interval > 0)", "The interval must be at least one."
    )

    @api.depends("visit_ids.date", "visit_ids.state")
    def _compute_visit_count(self):
        upcoming = dict(
            self.env["crm.service.visit"]._read_group(
                [("plan_id", "in", self.ids), ("state", "=", "planned")],
                ["plan_id"],
                ["date:min"],
            )
        )
        for plan in self:
            plan.visit_count = len(plan.visit_ids)
            plan.next_visit_date = upcoming.get(plan, False)

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        for plan in plans.filtered(lambda one: not one.line_ids):
            plan.line_ids = [Command.create(line) for line in plan._get_default_lines()]
        return plans

    def _get_default_lines(self):
        """Hook: the checklist of a plan that names none: the usual checks of a running system."""
        names = (
            self.env._("Availability and error logs"),
            self.env._("Backups complete and restorable"),
            self.env._("Data integrity"),
            self.env._("Security updates and access rights"),
            self.env._("Performance and free storage"),
        )
        return [{"name": name, "sequence": 10 * number} for number, name in enumerate(names, 1)]

    # -- actions ------------------------------------------------------------------------------

    def action_activate(self):
        """Start the plan on its first date (today when none is entered)."""
        self.ensure_one()
        self.check_access("write")
        contract = self.contract_id
        start = self.date_start or fields.Date.context_today(self)
        self._activate(start, self.date_end or contract.crm_service_end or contract.date_end)
        return True

    def action_end(self):
        """End the plan today; visits that lie ahead are cancelled."""
        self.check_access("write")
        self._end(fields.Date.context_today(self))
        return True

    def action_view_visits(self):
        """Open the visits of this plan."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service.crm_service_visit_action"
        )
        return action | {"domain": [("plan_id", "=", self.id)], "context": {}}

    # -- business -----------------------------------------------------------------------------

    def _activate(self, start, end):
        """Bring draft plans to life.

        :param start: first day of the service period (``datetime.date``)
        :param end: its last day, or False
        """
        for plan in self.filtered(lambda one: one.state == "draft"):
            plan.update(
                {
                    "date_start": plan.date_start or start,
                    "date_end": plan.date_end or end,
                    "state": "active",
                }
            )
        self._generate_visits(fields.Date.context_today(self))

    def _end(self, date):
        """End the plans on ``date``: nothing is inspected after it."""
        running = self.filtered(lambda one: one.state != "ended")
        running.write({"state": "ended", "date_end": date})
        running.visit_ids.filtered(
            lambda one: one.state == "planned" and one.date > date
        ).state = "cancelled"

    def _shift(self, days):
        """Move what lies ahead by the days the contract stood still."""
        for plan in self.filtered(lambda one: one.state == "active" and one.date_end):
            plan.date_end += timedelta(days=days)
        for visit in self.visit_ids.filtered(lambda one: one.state == "planned"):
            visit.date = visit._get_working_day(visit.date + timedelta(days=days))

    @api.model
    def _cron_generate_visits(self):
        """Plan the visits of the coming weeks; running it again changes nothing."""
        plans = self.search([("state", "=", "active"), ("contract_id.state", "=", "signed")])
        today = fields.Date.today()
        for plan in plans:
            # One plan a transaction: a run that is killed goes on with the next.
            plan.try_lock_for_update()._generate_visits(today)
            self.env["ir.cron"]._commit_progress(1)

    def _generate_visits(self, today):
        """Create the visits due within the horizon that do not exist yet.

        :param today: ``datetime.date`` from which the horizon counts
        """
        active = self.filtered(lambda one: one.state == "active")
        done = {}
        for plan, dates in self.env["crm.service.visit"]._read_group(
            [("plan_id", "in", active.ids)], ["plan_id"], ["planned_date:array_agg"]
        ):
            done[plan] = set(dates)
        values = [
            plan._prepare_visit_values(planned)
            for plan in active
            for planned in plan._get_planned_dates(today)
            if planned not in done.get(plan, ())
        ]
        return self.env["crm.service.visit"].create(values)

    def _get_planned_dates(self, today):
        """Return the dates of the plan's rhythm within the horizon, the first one interval in.

        The next date is among them however far it is, so that there is always one to look at.
        """
        self.ensure_one()
        horizon = today + timedelta(days=HORIZON_DAYS)
        dates, number = [], 1
        while not dates or dates[-1] < today or dates[-1] < horizon:
            date = self.date_start + self._get_delta(number)
            ahead = bool(dates) and dates[-1] >= today
            if (self.date_end and date > self.date_end) or (ahead and date > horizon):
                break
            dates.append(date)
            number += 1
        return dates

    def _get_delta(self, number):
        # Counted from the start each time: the 31st stays the last day of a month.
        return relativedelta(**{f"{self.interval_unit}s": self.interval * number})

    def _prepare_visit_values(self, planned):
        """Hook: values of the visit that the plan asks for on ``planned``."""
        self.ensure_one()
        calendar = self.contract_id.calendar_id
        return {
            "plan_id": self.id,
            "contract_id": self.contract_id.id,
            "planned_date": planned,
            "date": calendar._plan_working_days(planned, 0, company=self.company_id),
            "user_id": self.user_id.id,
            "line_ids": [
                Command.create(
                    {
                        "name": line.name,
                        "instruction": line.instruction,
                        "sequence": line.sequence,
                    }
                )
                for line in self.line_ids
            ],
        }

    @api.constrains("date_start", "date_end")
    def _check_dates_in_order(self):
        for plan in self:
            if plan.date_start and plan.date_end and plan.date_end < plan.date_start:
                raise UserError(self.env._("A plan cannot end before it starts."))
