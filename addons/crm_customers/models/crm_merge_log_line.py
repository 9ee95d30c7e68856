from odoo import api, fields, models

KINDS = [
    ("id", "Link"),
    ("text", "Reference"),
    ("company", "Value per Company"),
    ("property", "Property"),
    ("properties", "Property with Several Values"),
    ("delete", "Duplicate Taken Out"),
    ("insert", "Added"),
]


class CrmMergeLogLine(models.Model):
    """What a merge did in one column of one table. Written by SQL, in the order it happened.

    ``moves`` holds ``[old id, new id, [key, ...]]``: keys only, however many rows there are.
    ``rows`` holds whole rows that were taken out because they clashed.
    """

    _name = "crm.merge.log.line"
    _inherit = "crm.ledger.mixin"
    _description = "Moved Rows of a Merge"
    _order = "id"
    _log_access = False

    log_id = fields.Many2one(
        "crm.merge.log",
        string="Merge",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    model = fields.Char(string="Model Code", readonly=True)
    field = fields.Char(string="Field Code", readonly=True)
    table_name = fields.Char(string="Table", required=True, readonly=True)
    column_name = fields.Char(string="Column", readonly=True)
    key_name = fields.Char(string="Key Column", readonly=True)
    prefix = fields.Char(readonly=True)
    count = fields.Integer(string="Rows", readonly=True)
    moves = fields.Json(readonly=True, groups="base.group_system")
    rows = fields.Json(string="Rows Taken Out", readonly=True, groups="base.group_system")
    left_count = fields.Integer(string="Left There", readonly=True)
    note = fields.Char(readonly=True)
    label = fields.Char(string="Documents", compute="_compute_label")
    field_label = fields.Char(string="Linked by", compute="_compute_label")

    @api.depends("model", "field", "table_name", "column_name")
    @api.depends_context("lang")
    def _compute_label(self):
        names = self._get_labels({(line.table_name, line.column_name or "") for line in self})
        for line in self:
            line.label, line.field_label = names[line.table_name, line.column_name or ""]

    @api.model
    def _get_labels(self, places):
        """Return what tables and columns are called in the user's language.

        :param places: ``(table, column)``
        :return: ``{(table, column): (name of the model, name of the field)}``
        """
        relations, owners = {}, {}
        for model in self.env.values():
            if model._abstract or not model._auto:
                continue
            owners.setdefault(model._table, model)
            for field in model._fields.values():
                if field.type == "many2many" and field.store and field.relation:
                    relations.setdefault(field.relation, field)
        found = {}
        for table, column in places:
            model = owners.get(table)
            field = model._fields.get(column) if model is not None else relations.get(table)
            name = table
            if model is not None:
                name = model._name
            elif field:
                name = field.model_name
            found[table, column] = name, field
        # sudo: names of models are no secret
        described = {
            model.model: model.name
            for model in self.env["ir.model"]
            .sudo()
            .search([("model", "in", [name for name, _field in found.values()])])
        }
        return {
            place: (
                described.get(name, name),
                field._description_string(self.env) if field else place[1],
            )
            for place, (name, field) in found.items()
        }
