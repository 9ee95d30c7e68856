from odoo import api, fields, models
from odoo.exceptions import ValidationError

# What nobody fills in: kept by the program, or no single value.
_NOT_FILLED = frozenset({"one2many", "properties", "properties_definition", "json", "binary"})


class CrmStageGateField(models.Model):
    """A field of the opportunity that a condition asks for.

    Sales managers choose it by its label; the host's table of fields is not theirs to read.
    """

    _name = "crm.stage.gate.field"
    _description = "Field of a Stage Condition"
    _order = "gate_id, id"

    gate_id = fields.Many2one("crm.stage.gate", required=True, index=True, ondelete="cascade")
    field = fields.Selection("_list_fields", required=True)

    _field_uniq = models.UniqueIndex(
        "(gate_id, field)", "The condition asks for this field already."
    )

    @api.model
    def _list_fields(self):
        """Return the fields a salesperson can fill in, by label."""
        # sudo: the labels are no secret, and fields of other groups may be asked for as well
        described = (
            self.env["crm.lead"]
            .sudo()
            .fields_get(attributes=["type", "string", "readonly", "store"])
        )
        return sorted(
            (
                (name, field["string"])
                for name, field in described.items()
                if field.get("store")
                and not field.get("readonly")
                and field["type"] not in _NOT_FILLED
            ),
            key=lambda pair: pair[1],
        )

    @api.constrains("field")
    def _check_field(self):
        names = {name for name, _label in self._list_fields()}
        if any(row.field not in names for row in self):
            raise ValidationError(
                self.env._("Choose fields of the opportunity that people fill in.")
            )

    @api.depends("field")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._list_fields())
        for row in self:
            row.display_name = labels.get(row.field, row.field)

    def _list_empty(self, lead):
        """Return the labels of the fields that are empty on ``lead``; zero is empty as well."""
        return [row.display_name for row in self if not lead[row.field]]
