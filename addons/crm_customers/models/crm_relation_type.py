from odoo import api, fields, models
from odoo.exceptions import ValidationError

KINDS = [("any", "Anybody"), ("company", "Companies"), ("person", "Persons")]


class CrmRelationType(models.Model):
    """A kind of relation with a label for each direction.

    Of a relation of this type: the other is the ``name`` of the partner, and the partner is the
    ``inverse_name`` of the other ("Guarantor" and "Guaranteed Company").
    """

    _name = "crm.relation.type"
    _description = "Relation Type"
    _order = "sequence, id"

    name = fields.Char(
        string="The Other One Is", required=True, translate=True, help="For example: Guarantor"
    )
    inverse_name = fields.Char(
        string="Seen from the Other Side",
        translate=True,
        help="For example: Guaranteed Company. Not needed when both sides are called the same.",
    )
    mutual = fields.Boolean(
        string="Same on Both Sides", help="Competitors are competitors of one another."
    )
    may_overlap = fields.Boolean(
        help="The same two may have this relation several times at once, such as two guarantees.",
    )
    partner_kind = fields.Selection(KINDS, string="This Side", required=True, default="any")
    other_kind = fields.Selection(KINDS, string="Other Side", required=True, default="any")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    def init(self):
        """Create the view over the types as soon as their table stands."""
        self.env["crm.relation.role"]._create_view()

    @api.depends("name", "inverse_name", "mutual")
    def _compute_display_name(self):
        for kind in self:
            both = kind.inverse_name and not kind.mutual
            kind.display_name = f"{kind.name} / {kind.inverse_name}" if both else kind.name

    @api.constrains("inverse_name", "mutual", "partner_kind", "other_kind")
    def _check_sides(self):
        for kind in self:
            if kind.mutual and kind.partner_kind != kind.other_kind:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” is the same on both sides: both need the same kind of partner.",
                        name=kind.name,
                    )
                )
            if not kind.mutual and not kind.inverse_name:
                raise ValidationError(
                    self.env._(
                        "Say what “%(name)s” is called from the other side, or tick “Same on Both"
                        " Sides”.",
                        name=kind.name,
                    )
                )
