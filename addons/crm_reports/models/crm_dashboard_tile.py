import ast

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

GROUPABLE_TYPES = ("char", "many2one", "selection", "boolean", "date", "datetime", "integer")

# The filters of a dashboard and the model that a tile's field must point to to obey them.
FILTER_FIELDS = {
    "company_ids": ("company_id", "res.company"),
    "team_id": ("team_id", "crm.team"),
    "user_id": ("user_id", "res.users"),
}


class CrmDashboardTile(models.Model):
    """What a tile shows; the figures themselves come from ``crm.dashboard.provider``.

    A tile is data, never code: a model, a domain of literals, measures and groupings. Whoever looks
    at it sees what the own rights on that model allow.
    """

    _name = "crm.dashboard.tile"
    _description = "Dashboard Tile"
    _order = "dashboard_id, sequence, id"

    name = fields.Char(string="Title", required=True, translate=True)
    description = fields.Char(
        translate=True, help="One sentence that tells the reader what the figures mean."
    )
    dashboard_id = fields.Many2one("crm.dashboard", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    chart_type = fields.Selection(
        [
            ("kpi", "Figure"),
            ("bar", "Columns"),
            ("bar_horizontal", "Horizontal Bars"),
            ("line", "Line"),
            ("pie", "Ring"),
            ("funnel", "Funnel"),
            ("table", "Table"),
        ],
        string="Shown as",
        required=True,
        default="bar",
    )
    width = fields.Selection(
        [
            ("quarter", "A Quarter"),
            ("third", "Third"),
            ("half", "Half"),
            ("full", "Full Width"),
        ],
        required=True,
        default="half",
        help="Share of the row on a wide screen. A telephone shows one tile per row.",
    )
    stacked = fields.Boolean(help="Put the columns of one group on top of one another.")
    model_id = fields.Many2one(
        "ir.model",
        string="Records",
        required=True,
        ondelete="cascade",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
    )
    model_name = fields.Char(related="model_id.model")
    domain = fields.Char(
        required=True, default="[]", help="Which records the tile reads, before any filter."
    )
    measure_ids = fields.One2many("crm.dashboard.measure", "tile_id", string="Measures", copy=True)
    group_field_id = fields.Many2one(
        "ir.model.fields",
        string="Group by",
        ondelete="cascade",
        domain=f"[('model_id', '=', model_id), ('store', '=', True),"
        f" ('ttype', 'in', {GROUPABLE_TYPES})]",
    )
    group_interval = fields.Selection(
        [
            ("day", "Day"),
            ("week", "Week"),
            ("month", "Month"),
            ("quarter", "Quarter"),
            ("year", "Year"),
        ],
        string="Per",
        default="month",
    )
    series_field_id = fields.Many2one(
        "ir.model.fields",
        string="Split by",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True),"
        " ('ttype', 'in', ('many2one', 'selection', 'boolean'))]",
        help="One column per value of this field.",
    )
    date_field_id = fields.Many2one(
        "ir.model.fields",
        string="Period Field",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True),"
        " ('ttype', 'in', ('date', 'datetime'))]",
        help="The date that the period filter compares. Empty: the tile always shows the state"
        " of today.",
    )
    sort_by = fields.Selection(
        [("group", "The Groups' Own Order"), ("measure", "Largest First")],
        required=True,
        default="group",
    )
    row_limit = fields.Integer(
        string="Rows on Screen",
        default=0,
        help="The other rows are summed up in one; the Excel file always has them all."
        " 0: no limit.",
    )
    action_id = fields.Many2one(
        "ir.actions.act_window",
        string="Opened Screen",
        ondelete="set null",
        help="The screen whose list shows the records behind a figure. Empty: the default list.",
    )

    _row_limit_not_negative = models.Constraint(
        "CHECK (row_limit >= 0)", "The number of rows cannot be negative."
    )

    # -- constraints -------------------------------------------------------------------------

    @api.constrains("model_id", "domain")
    def _check_domain(self):
        for tile in self:
            tile._get_domain()

    @api.constrains(
        "model_id",
        "group_field_id",
        "series_field_id",
        "date_field_id",
        "chart_type",
        "measure_ids",
    )
    def _check_fields_of_model(self):
        for tile in self:
            used = tile.group_field_id + tile.series_field_id + tile.date_field_id
            if used.model_id - tile.model_id:
                raise ValidationError(
                    self.env._("%(tile)s groups by a field of another model.", tile=tile.name)
                )
            if tile.chart_type not in ("kpi", "table") and not tile.group_field_id:
                raise ValidationError(
                    self.env._("Choose what the chart of %(tile)s groups by.", tile=tile.name)
                )
            if tile.series_field_id and len(tile.measure_ids) > 1:
                raise ValidationError(
                    self.env._(
                        "%(tile)s has several measures: remove the split, or keep one measure.",
                        tile=tile.name,
                    )
                )

    # -- definition --------------------------------------------------------------------------

    def _check_definition(self):
        """Raise ValidationError when the tile cannot be evaluated (any more)."""
        self.ensure_one()
        if self.model_name not in self.env:
            raise ValidationError(
                self.env._("The records of %(tile)s belong to a removed app.", tile=self.name)
            )
        if not self.measure_ids:
            raise ValidationError(
                self.env._("Add a measure to %(tile)s: what shall it count or sum?", tile=self.name)
            )
        for measure in self.measure_ids:
            measure._check_definition()

    def _get_domain(self):
        """Return the tile's own domain.

        :raises ValidationError: when it is not a domain of literals over fields of the model
        """
        self.ensure_one()
        try:
            domain = Domain(ast.literal_eval(self.domain or "[]"))
            domain.validate(self.env[self.model_name].sudo())  # the definition, not the data
        except (ValueError, SyntaxError, TypeError, KeyError, AccessError) as error:
            raise ValidationError(
                self.env._(
                    "The filter of %(tile)s is not valid: %(error)s",
                    tile=self.name,
                    error=error,
                )
            ) from error
        return domain

    def _get_group_specs(self):
        """Return the groupings as specifications of ``_read_group``."""
        self.ensure_one()
        specs = []
        for field in (self.group_field_id, self.series_field_id):
            if field:
                dated = field.ttype in ("date", "datetime")
                specs.append(f"{field.name}:{self.group_interval}" if dated else field.name)
        return specs

    def _get_filter_field(self, key):
        """Return the name of the field that obeys the dashboard's filter ``key``, or False."""
        self.ensure_one()
        name, comodel = FILTER_FIELDS[key]
        field = self.env[self.model_name]._fields.get(name)
        return name if field and field.comodel_name == comodel else False

    def _get_action(self):
        """Return the window action, without domain, that lists the records of this tile."""
        self.ensure_one()
        action = {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.model_name,
            "views": [[False, "list"], [False, "form"]],
            "target": "current",
        }
        if self.action_id:
            # The list comes first: it shows the records and their sum.
            views = sorted(self.action_id.views, key=lambda view: view[1] != "list")
            action["views"] = [list(view) for view in views]
            action["search_view_id"] = [self.action_id.search_view_id.id or False]
        return action

    @api.depends("name", "dashboard_id")
    def _compute_display_name(self):
        for tile in self:
            tile.display_name = " / ".join(filter(None, [tile.dashboard_id.name, tile.name]))
