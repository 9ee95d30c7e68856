from odoo import api, fields, models
from odoo.tools import float_round

from ..models.crm_target import SCOPES

MONTHS = range(1, 13)
COLUMNS = [f"month_{month:02}" for month in MONTHS]


class CrmTargetEntryLine(models.TransientModel):
    """A row of the grid: the twelve months of one person, team or company."""

    _name = "crm.target.entry.line"
    _description = "Targets of a Year"
    _order = "id"

    entry_id = fields.Many2one("crm.target.entry", required=True, index=True, ondelete="cascade")
    scope = fields.Selection(SCOPES, string="For", required=True, default="person")
    user_id = fields.Many2one("res.users", string="Salesperson", domain="[('share', '=', False)]")
    team_id = fields.Many2one("crm.team", string="Sales Team")
    who = fields.Char(string="Target Of", compute="_compute_who")
    yearly = fields.Float(
        string="Whole Year", digits=0, help="Enter a yearly figure and spread it over the months."
    )
    total = fields.Float(string="Sum", digits=0, compute="_compute_total")
    month_01 = fields.Float(string="Jan", digits=0)
    month_02 = fields.Float(string="Feb", digits=0)
    month_03 = fields.Float(string="Mar", digits=0)
    month_04 = fields.Float(string="Apr", digits=0)
    month_05 = fields.Float(string="May", digits=0)
    month_06 = fields.Float(string="Jun", digits=0)
    month_07 = fields.Float(string="Jul", digits=0)
    month_08 = fields.Float(string="Aug", digits=0)
    month_09 = fields.Float(string="Sep", digits=0)
    month_10 = fields.Float(string="Oct", digits=0)
    month_11 = fields.Float(string="Nov", digits=0)
    month_12 = fields.Float(string="Dec", digits=0)

    @api.depends("scope", "user_id", "team_id", "entry_id.company_id")
    def _compute_who(self):
        for line in self:
            line.who = (
                line.user_id.name or line.team_id.display_name or line.entry_id.company_id.name
            )

    @api.depends(*COLUMNS)
    def _compute_total(self):
        for line in self:
            line.total = float_round(sum(line[column] for column in COLUMNS), precision_digits=6)

    def _get_key(self):
        """Return what the row is for: ``(scope, id of the user or the team, or 0)``."""
        self.ensure_one()
        return (self.scope, self.user_id.id or self.team_id.id or 0)

    def _fill(self, amounts):
        """Write twelve amounts into the months, and their sum into the year."""
        self.ensure_one()
        values = {column: float(amount) for column, amount in zip(COLUMNS, amounts, strict=True)}
        self.update(values | {"yearly": float(sum(amounts))})
