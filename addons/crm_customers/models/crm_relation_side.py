from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

PARTNERS = {"partner_id": "other_id", "other_id": "partner_id"}


class CrmRelationSide(models.Model):
    """A relation as it is seen from one of its two partners; each relation has two sides.

    No table: a query over ``crm.relation``, which is written through. ``role_id`` says what the
    other one is for the partner. The id is twice that of the relation, plus one for its far side.
    """

    _name = "crm.relation.side"
    _description = "Relation"
    _auto = False
    _order = "date_to desc nulls first, id desc"
    _rec_name = "role_id"
    _depends = {
        "crm.relation": [
            "partner_id",
            "other_id",
            "type_id",
            "mutual",
            "date_from",
            "date_to",
            "note",
        ]
    }

    relation_id = fields.Many2one("crm.relation", string="Relation Record", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Of", required=True, ondelete="cascade")
    role_id = fields.Many2one("crm.relation.role", string="Relation", required=True)
    other_id = fields.Many2one("res.partner", string="Partner", required=True, ondelete="cascade")
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="Until")
    note = fields.Char()
    far = fields.Boolean(string="Seen from the Other Side", readonly=True)
    ended = fields.Boolean(compute="_compute_ended", search="_search_ended")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT id * 2 AS id, id AS relation_id, partner_id, other_id, type_id * 2 AS role_id,
                   date_from, date_to, note, FALSE AS far
              FROM crm_relation
             UNION ALL
            SELECT id * 2 + 1, id, other_id, partner_id,
                   type_id * 2 + CASE WHEN mutual THEN 0 ELSE 1 END,
                   date_from, date_to, note, TRUE
              FROM crm_relation
            """
        )

    @api.depends("date_to")
    def _compute_ended(self):
        today = fields.Date.context_today(self)
        for side in self:
            side.ended = bool(side.date_to and side.date_to < today)

    def _search_ended(self, operator, value):
        today = fields.Date.context_today(self)
        if operator == "in":
            return Domain("date_to", "<", today)
        if operator == "not in":
            return Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        return NotImplemented

    @api.depends("role_id", "other_id")
    def _compute_display_name(self):
        for side in self:
            side.display_name = f"{side.role_id.name}: {side.other_id.display_name}"

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Create the relations behind these sides; returns the sides, in their order."""
        vals_list = self._add_missing_defaults(vals_list)
        roles = self._get_roles(vals_list)
        relations = self.env["crm.relation"].create(
            [self._as_relation(vals, roles[vals["role_id"]]) for vals in vals_list]
        )
        return self.browse(
            [
                relation.id * 2 + (1 if roles[vals["role_id"]].inverse else 0)
                for relation, vals in zip(relations, vals_list, strict=True)
            ]
        )

    def write(self, vals):  # pylint: disable=method-required-super
        """Write through to the relations; another partner or label makes another relation."""
        own = {name: value for name, value in vals.items() if name not in {"far", "relation_id"}}
        if own.keys() & {"role_id", *PARTNERS}:
            # another pair or another label is another relation
            known = [side._copy_values() | own for side in self]
            self.unlink()
            self.create(known)
        elif own:
            self.relation_id.write(own)
        return True

    def unlink(self):  # pylint: disable=method-required-super
        """Delete the relations behind these sides."""
        return self.relation_id.unlink()

    @api.model
    def _add_missing_defaults(self, vals_list):
        defaults = self.default_get(["partner_id", "role_id", "other_id", "date_from", "date_to"])
        return [defaults | vals for vals in vals_list]

    @api.model
    def _get_roles(self, vals_list):
        """Return the chosen roles by id; one that is gone or missing is refused by the ORM."""
        roles = self.env["crm.relation.role"].browse({vals.get("role_id") for vals in vals_list})
        return {role.id: role for role in roles}

    @api.model
    def _as_relation(self, vals, role):
        """Return the values of the relation behind a side."""
        names = PARTNERS if role.inverse else {name: name for name in PARTNERS}
        values = {names.get(name, name): value for name, value in vals.items()}
        values.pop("role_id")
        return values | {"type_id": role.type_id.id}

    def _copy_values(self):
        self.ensure_one()
        return {
            "partner_id": self.partner_id.id,
            "other_id": self.other_id.id,
            "role_id": self.role_id.id,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "note": self.note,
        }

    def action_open_other(self):
        """Open the partner on the other side."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.other_id.id,
            "views": [[False, "form"]],
        }
