from odoo import api, fields, models
from odoo.exceptions import ValidationError

NUMERIC_TYPES = ("integer", "float", "monetary")


class CrmDashboardMeasure(models.Model):
    """One figure of a tile: a field and the way its values become one number."""

    _name = "crm.dashboard.measure"
    _description = "Dashboard Measure"
    _order = "tile_id, sequence, id"

    tile_id = fields.Many2one("crm.dashboard.tile", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Label", required=True, translate=True)
    model_id = fields.Many2one(related="tile_id.model_id")
    field_id = fields.Many2one(
        "ir.model.fields",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True)]",
        help="Leave empty to count records.",
    )
    aggregator = fields.Selection(
        [
            ("count", "Number of records"),
            ("count_distinct", "Number of different values"),
            ("sum", "Sum"),
            ("avg", "Average"),
            ("median", "Median"),
            ("min", "Smallest"),
            ("max", "Largest"),
        ],
        required=True,
        default="sum",
    )
    unit = fields.Selection(
        [("percent", "%"), ("days", "days"), ("hours", "hours")],
        help="Printed behind the figure. Amounts carry their currency by themselves.",
    )

    @api.constrains("field_id", "aggregator", "tile_id")
    def _check_measure(self):
        for measure in self:
            measure._check_definition()

    def _check_definition(self):
        """Raise ValidationError, saying what to change, when the figure cannot be computed."""
        self.ensure_one()
        names = {"measure": self.name, "tile": self.tile_id.name}
        field = self.field_id
        if not field:
            if self.aggregator != "count":
                raise ValidationError(
                    self.env._("Choose the field of measure %(measure)s on %(tile)s.", **names)
                )
            return
        if field.model_id != self.tile_id.model_id:
            raise ValidationError(
                self.env._(
                    "Measure %(measure)s on %(tile)s uses a field of another model.", **names
                )
            )
        if self.aggregator not in ("count", "count_distinct") and field.ttype not in NUMERIC_TYPES:
            raise ValidationError(
                self.env._(
                    "Measure %(measure)s on %(tile)s needs a number field, or count values"
                    " instead.",
                    **names,
                )
            )
        model = self.env[self.tile_id.model_name]
        if self._is_amount and not self._has_groupable_currency(model):
            raise ValidationError(
                self.env._(
                    "The amounts of %(measure)s on %(tile)s carry no currency that can be"
                    " searched. Use the analysis of these records instead.",
                    **names,
                )
            )
        report_mixin = self.pool["crm.report.mixin"]
        if self.aggregator == "median" and not isinstance(model, report_mixin):
            raise ValidationError(
                self.env._(
                    "The median of %(measure)s on %(tile)s needs an analysis model,"
                    " such as the opportunity analysis.",
                    **names,
                )
            )

    def _has_groupable_currency(self, model):
        name = model._fields[self.field_id.name].get_currency_field(model)
        return bool(name and model.fields_get([name], ["groupable"])[name].get("groupable"))

    @property
    def _spec(self):
        """The measure as an aggregate of ``_read_group``."""
        if not self.field_id:
            return "__count"
        return f"{self.field_id.name}:{self.aggregator}"

    @property
    def _is_amount(self):
        """Whether the figure is money and therefore has a currency."""
        counted = self.aggregator in ("count", "count_distinct")
        return self.field_id.ttype == "monetary" and not counted

    @property
    def _is_additive(self):
        """Whether the figure of a whole is the sum of the figures of its parts."""
        return self.aggregator in ("count", "sum")

    @property
    def _kind(self):
        """How the figure is written: amount, integer, float, percent, days or hours."""
        if not self.field_id or self.aggregator in ("count", "count_distinct"):
            return "integer"
        if self.unit:
            return self.unit
        if self._is_amount:
            return "amount"
        whole = self.field_id.ttype == "integer" and self.aggregator not in ("avg", "median")
        return "integer" if whole else "float"

    def _clean(self, value):
        """Return a figure as read from the database as JSON number, or None for "nothing"."""
        if value is None or value is False:
            return 0 if self._is_additive else None
        return round(float(value), 6) if self._kind != "integer" else int(value)
