from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.date_utils import end_of, start_of

from ..tools.pace import measure, rank

SCOPES = [("company", "Company"), ("team", "Team"), ("person", "Person")]
TARGET_BASES = [
    ("signed", "Signed"),
    ("invoiced", "Invoiced"),
    ("collected", "Collected"),
    ("customer", "New Customers"),
]


class CrmTarget(models.Model):
    """What a company, a team or a person should bring in in a month, and what they did.

    A team's figures include every team below it. What was attained is summed from the credits of
    sellers (``crm.sales.credit``), so shared deals count by their shares; it is stored and follows
    the documents. Amounts are with tax, in the company's currency.

    Owns: the goal. Who: sales managers write; a seller reads his own, those of his team where the
    company shows them, leaders everything below the teams they lead.
    Twice at once: unique per month, basis and who it is for.
    Half of it: what was attained changes in the transaction that takes the documents' marks.
    A million rows: found by month, seller and team; a change touches the targets of its months.
    """

    _name = "crm.target"
    _description = "Sales Target"
    _order = "month desc, scope, team_id, user_id, basis"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    scope = fields.Selection(SCOPES, string="For", required=True, default="person")
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    month = fields.Date(
        required=True,
        index=True,
        default=lambda self: start_of(fields.Date.context_today(self), "month"),
    )
    basis = fields.Selection(TARGET_BASES, required=True, default="collected")
    amount = fields.Float(string="Target", digits=0, required=True)
    attained = fields.Float(
        digits=0, readonly=True, help="Of sellers' credits, as of the last run."
    )
    gap = fields.Float(string="To Go", digits=0, compute="_compute_gap", store=True)
    percent = fields.Float(string="Attained (%)", digits=(16, 1), compute="_compute_pace")
    bar = fields.Integer(string="Progress", compute="_compute_pace")
    elapsed = fields.Float(
        string="Time Gone By (%)",
        digits=(16, 1),
        compute="_compute_pace",
        help="Working time of the month gone by, in the company's working calendar.",
    )
    expected = fields.Float(
        string="Expected by Now",
        digits=(16, 2),
        compute="_compute_pace",
        help="The target's share for the working time gone by.",
    )
    ahead = fields.Float(
        string="Ahead of Pace",
        digits=(16, 2),
        compute="_compute_pace",
        help="Attained less expected by now; negative: behind.",
    )
    projected = fields.Float(
        digits=(16, 2),
        compute="_compute_pace",
        help="What the month comes to when it goes on like this.",
    )
    pace = fields.Selection(
        [("none", "Not Begun"), ("behind", "Behind"), ("on", "On Pace"), ("reached", "Reached")],
        compute="_compute_pace",
    )
    place = fields.Integer(
        compute="_compute_place",
        compute_sudo=True,
        aggregator=None,
        help="Among the team's targets for people of this month and basis, by attainment.",
    )
    places = fields.Integer(
        string="Of", compute="_compute_place", compute_sudo=True, aggregator=None
    )

    _who_uniq = models.UniqueIndex(
        "(company_id, month, basis, scope, COALESCE(user_id, 0),"
        " (CASE WHEN scope = 'team' THEN team_id ELSE 0 END))",
        "There is a target of this month and basis already.",
    )
    _month_idx = models.Index("(company_id, month, basis)")
    _amount_not_negative = models.Constraint("CHECK (amount >= 0)", "A target cannot be negative.")
    _first_of_month = models.Constraint(
        "CHECK (EXTRACT(DAY FROM month) = 1)", "A month is entered by its first day."
    )
    _who = models.Constraint(
        "CHECK ((scope = 'person') = (user_id IS NOT NULL)"
        " AND (scope <> 'team' OR team_id IS NOT NULL)"
        " AND (scope <> 'company' OR team_id IS NULL))",
        "Choose the salesperson, or the team, that the target is for.",
    )

    # -- compute ----------------------------------------------------------------------------

    @api.depends("user_id", "scope")
    def _compute_team_id(self):
        for target in self:
            if target.scope == "company":
                target.team_id = False
            elif target.scope == "person":
                # sudo: which team a colleague belongs to is no secret
                target.team_id = target.user_id.sudo().sale_team_id
            else:
                target.team_id = target.team_id

    @api.depends("scope", "user_id", "team_id", "month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for target in self:
            who = target.user_id.name or target.team_id.name or target.company_id.name or ""
            target.display_name = f"{str(target.month or '')[:7]} {who}".strip()

    @api.depends("amount", "attained")
    def _compute_gap(self):
        for target in self:
            target.gap = max(0.0, target.amount - target.attained)

    @api.depends("amount", "attained", "month", "company_id", "basis")
    def _compute_pace(self):
        spans = {}
        for key, rows in self.grouped(lambda row: (row.company_id, row.month)).items():
            spans[key] = rows._get_worked_seconds() if key[1] else (0, 0)
        for target in self:
            worked, whole = spans[target.company_id, target.month]
            digits = 2 if target.basis == "customer" else target.currency_id.decimal_places
            result = measure(target.amount, target.attained, worked, whole, digits)
            target.percent, target.elapsed = result.percent, result.elapsed
            target.expected, target.ahead = result.expected, result.ahead
            target.projected = result.projected
            target.bar = max(0, min(100, int(result.percent)))
            if target.amount and target.attained >= target.amount:
                target.pace = "reached"
            elif not worked:
                target.pace = "none"
            else:
                target.pace = "on" if result.ahead >= 0 else "behind"

    def _get_worked_seconds(self):
        """Return the working seconds of the month gone by and in all, for rows of one month."""
        company, month = self[0].company_id, self[0].month
        # sudo: the working calendar of a company is no secret
        calendar = company.sudo().resource_calendar_id
        tz = pytz.timezone(calendar.tz or "UTC")
        start, end = (
            tz.localize(datetime.combine(day, time.min))
            for day in (month, fields.Date.add(month, months=1))
        )
        now = pytz.utc.localize(fields.Datetime.now())
        grid = calendar._get_work_grid(start, end, company=company)
        begin, finish, upto = (
            int(moment.timestamp()) for moment in (start, end, max(start, min(now, end)))
        )
        return grid.worked(begin, upto), grid.worked(begin, finish)

    @api.depends("amount", "attained", "team_id", "month", "basis", "scope")
    def _compute_place(self):
        """Rank people by attainment within their team, with one query."""
        people = self.filtered(lambda row: row.scope == "person" and row.team_id and row.month)
        rivals = people and self.search(
            Domain("scope", "=", "person")
            & Domain("team_id", "in", people.team_id.ids)
            & Domain("month", "in", people.mapped("month"))
        )
        places, sizes = {}, {}
        for rows in rivals.grouped(
            lambda row: (row.company_id, row.team_id, row.month, row.basis)
        ).values():
            for row, position in zip(
                rows,
                rank([row.attained / row.amount if row.amount else 0.0 for row in rows]),
                strict=True,
            ):
                places[row.id], sizes[row.id] = position, len(rows)
        for target in self:
            key = target._origin.id
            target.place, target.places = places.get(key, 0), sizes.get(key, 0)

    # -- constraints -------------------------------------------------------------------------

    @api.constrains("user_id", "company_id")
    def _check_user_company(self):
        for target in self.filtered("user_id"):
            # sudo: whoever enters targets need not see which companies a user may work in
            if target.company_id not in target.user_id.sudo().company_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s does not work in %(company)s.",
                        user=target.user_id.name,
                        company=target.company_id.name,
                    )
                )

    # -- CRUD --------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets._write_attained()
        return targets

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"user_id", "team_id", "month", "basis", "scope", "company_id"}:
            self._write_attained()
        return result

    # -- actions -----------------------------------------------------------------------------

    def action_view_credits(self):
        """Open exactly the credits that this target sums."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sales.crm_sales_credit_action")
        return action | {
            "name": self.display_name,
            "domain": list(self._get_credit_domain()),
            "context": {"create": False},
        }

    def _get_credit_domain(self):
        """Return the domain of the credits that count for this target."""
        self.ensure_one()
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("basis", "=", self.basis)
            & Domain("date", ">=", self.month)
            & Domain("date", "<=", end_of(self.month, "month"))
        )
        if self.scope == "person":
            domain &= Domain("user_id", "=", self.user_id.id)
        elif self.scope == "team":
            domain &= Domain("team_id", "child_of", self.team_id.id)
        return domain

    # -- what was attained ---------------------------------------------------------------------

    @api.model
    def _refresh_attained(self, changed):
        """Sum the targets of these months again: ``{(company_id, basis, first of month)}``."""
        if changed:
            domain = Domain.OR(
                Domain("company_id", "=", company_id)
                & Domain("basis", "=", basis)
                & Domain("month", "=", month)
                for company_id, basis, month in changed
            )
            # sudo: figures of targets are the program's
            self.sudo().search(domain)._write_attained()

    @api.model
    def _refresh_company(self, company):
        """Sum all targets of a company again, e.g. after its teams were rearranged."""
        # sudo: figures of targets are the program's
        self.sudo().search([("company_id", "=", company.id)])._write_attained()

    def _write_attained(self):
        """Sum the credits of these targets, with one statement whatever their number."""
        if not self:
            return
        self.env["crm.sales.credit"].flush_model()
        self.env["crm.team"].flush_model(["parent_path"])
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_target target
                   SET attained = fresh.amount,
                       gap = GREATEST(0, target.amount - fresh.amount)
                  FROM (SELECT own.id, COALESCE(SUM(credit.amount_taxed), 0) AS amount
                          FROM crm_target own
                          LEFT JOIN crm_team team ON team.id = own.team_id
                          LEFT JOIN crm_sales_credit credit
                            ON credit.company_id = own.company_id
                           AND credit.basis = own.basis
                           AND credit.date >= own.month
                           AND credit.date < own.month + INTERVAL '1 month'
                           AND CASE own.scope
                               WHEN 'company' THEN TRUE
                               WHEN 'person' THEN credit.user_id = own.user_id
                               ELSE credit.team_id IN (
                                    SELECT below.id FROM crm_team below
                                     WHERE below.parent_path LIKE team.parent_path || '%%')
                               END
                         WHERE own.id = ANY(%s)
                         GROUP BY own.id) fresh
                 WHERE target.id = fresh.id
                   AND (target.attained IS DISTINCT FROM fresh.amount)
                """,
                self.ids,
            )
        )
        # also what is computed from them, and the places of colleagues
        self.invalidate_model(flush=False)

    def _get_entry_key(self):
        """Return whom the target is for: ``(scope, id of the user or the team, or 0)``."""
        self.ensure_one()
        team = self.team_id.id if self.scope == "team" else 0
        return (self.scope, self.user_id.id or team)
