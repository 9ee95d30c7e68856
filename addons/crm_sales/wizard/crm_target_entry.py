from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..models.crm_target import TARGET_BASES
from ..tools.pace import raised, spread
from .crm_target_entry_line import MONTHS


class CrmTargetEntry(models.TransientModel):
    """A year's targets in one grid: a row for each person or team, a column for each month."""

    _name = "crm.target.entry"
    _description = "Enter Targets of a Year"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    year = fields.Integer(required=True, default=lambda self: fields.Date.context_today(self).year)
    basis = fields.Selection(TARGET_BASES, required=True, default="collected")
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        domain="[('company_id', 'in', [False, company_id])]",
        help="Rows for this team, the teams below it and their people; empty: the whole company.",
    )
    percent = fields.Float(string="Raise by (%)", digits=(16, 2), default=10.0)
    line_ids = fields.One2many("crm.target.entry.line", "entry_id", string="Rows")

    @api.depends("year", "team_id")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = self.env._(
                "Targets %(year)s %(team)s", year=entry.year, team=entry.team_id.name or ""
            ).strip()

    @api.onchange("year", "basis", "team_id", "company_id")
    def _onchange_rows(self):
        """Show a row for everybody the choice includes, with the targets they have."""
        self.line_ids = [Command.clear()] + [
            Command.create(values) for values in self._prepare_rows()
        ]

    # -- actions -----------------------------------------------------------------------------

    def action_copy_last_year(self):
        """Fill the grid with last year's targets raised by the percentage; the year is exact."""
        self.ensure_one()
        former = self._read_targets(self.year - 1)
        digits = self._get_digits()
        for line in self.line_ids:
            months = former.get(line._get_key(), {})
            line._fill(raised([months.get(month, 0.0) for month in MONTHS], self.percent, digits))
        return self._reopen()

    def action_spread(self):
        """Spread each row's yearly figure over the months by their working days, exactly."""
        self.ensure_one()
        days = self._count_working_days()
        digits = self._get_digits()
        for line in self.line_ids.filtered("yearly"):
            line._fill(spread(line.yearly, days, digits))
        return self._reopen()

    def action_save(self):
        """Write the grid into the targets: new ones are made, an emptied month is deleted."""
        self.ensure_one()
        existing = {
            (target._get_entry_key(), target.month.month): target
            for target in self._search_targets(self.year)
        }
        fresh, emptied = [], self.env["crm.target"]
        for line in self.line_ids:
            for month in MONTHS:
                target = existing.get((line._get_key(), month))
                amount = line[f"month_{month:02}"]
                if not target and amount:
                    fresh.append(self._prepare_target(line, month, amount))
                elif target and not amount:
                    emptied |= target
                elif target and target.amount != amount:
                    target.amount = amount
        emptied.unlink()
        self.env["crm.target"].create(fresh)
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sales.crm_target_action")
        domain = Domain("company_id", "=", self.company_id.id) & Domain("basis", "=", self.basis)
        return action | {
            "domain": list(
                domain
                & Domain("month", ">=", f"{self.year}-01-01")
                & Domain("month", "<=", f"{self.year}-12-31")
            ),
            "context": {"search_default_group_who": 1},
            "target": "main",
        }

    # -- business ----------------------------------------------------------------------------

    def _prepare_rows(self):
        """Return the values of the rows: the company or team, the teams below, their people."""
        teams = self.env["crm.team"].search(
            [("id", "child_of", self.team_id.id)]
            if self.team_id
            else [("company_id", "in", [False, self.company_id.id])]
        )
        rows = [] if self.team_id else [{"scope": "company"}]
        rows += [{"scope": "team", "team_id": team.id} for team in teams]
        people = teams.member_ids | self._search_targets(self.year).user_id.filtered(
            lambda user: not self.team_id or user.sale_team_id in teams
        )
        rows += [{"scope": "person", "user_id": user.id} for user in people.sorted("name")]
        targets = self._read_targets(self.year)
        for row in rows:
            key = (row["scope"], row.get("user_id") or row.get("team_id") or 0)
            row |= {f"month_{month:02}": amount for month, amount in targets.get(key, {}).items()}
            row["yearly"] = sum(targets.get(key, {}).values())
        return rows

    def _search_targets(self, year):
        return self.env["crm.target"].search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("basis", "=", self.basis)
            & Domain("month", ">=", f"{year:04}-01-01")
            & Domain("month", "<=", f"{year:04}-12-31")
        )

    def _read_targets(self, year):
        """Return ``{(scope, id of whom): {month: amount}}`` of a year."""
        result = {}
        for target in self._search_targets(year):
            result.setdefault(target._get_entry_key(), {})[target.month.month] = target.amount
        return result

    def _prepare_target(self, line, month, amount):
        return {
            "company_id": self.company_id.id,
            "scope": line.scope,
            "user_id": line.user_id.id,
            "basis": self.basis,
            "month": f"{self.year:04}-{month:02}-01",
            "amount": amount,
        } | ({"team_id": line.team_id.id} if line.scope == "team" else {})

    def _get_digits(self):
        return 0 if self.basis == "customer" else self.currency_id.decimal_places

    def _count_working_days(self):
        """Return the working days of each month of the year, in the company's calendar."""
        if not 1900 < self.year < 2200:
            raise UserError(self.env._("Enter a year such as 2027."))
        calendar = self.company_id.resource_calendar_id
        start = fields.Date.to_date(f"{self.year}-01-01")
        day = fields.Date.subtract(start, days=1)
        grid = calendar._get_day_grid(day, self.company_id)
        counts = [0] * len(MONTHS)
        while True:
            day = grid.nth_working_day(day, 1)
            if day.year != self.year:
                return counts
            counts[day.month - 1] += 1

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "current",
        }
