from odoo import api, fields, models
from odoo.exceptions import ValidationError

# What both sides of a relation are read from.
SIDE_FIELDS = {"partner_id", "other_id", "type_id", "date_from", "date_to", "note"}


class CrmRelation(models.Model):
    """That one partner is something for another one, from a day to a day.

    Owns: one row per relation; ``crm.relation.side`` shows it on both partners. Who: whoever sees
    both partners and may edit one of them. Two at once: an exclusion constraint over the pair, the
    type and the days. A million rows: found by either partner, by index.
    """

    _name = "crm.relation"
    _description = "Relation between Partners"
    _order = "date_to desc nulls first, id desc"
    _rec_name = "type_id"

    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    other_id = fields.Many2one(
        "res.partner", string="Other Partner", required=True, index=True, ondelete="cascade"
    )
    type_id = fields.Many2one(
        "crm.relation.type", string="Relation", required=True, index=True, ondelete="restrict"
    )
    date_from = fields.Date(string="From", help="Empty: since ever.")
    date_to = fields.Date(string="Until", help="Last day. Empty: until further notice.")
    note = fields.Char(help="Amount guaranteed, region of the agent, how they know one another ...")
    # Columns of the constraint; precomputed, so that it is judged by them from the first moment.
    mutual = fields.Boolean(related="type_id.mutual", store=True, precompute=True)
    may_overlap = fields.Boolean(related="type_id.may_overlap", store=True, precompute=True)

    # Ranges of one number stand for equality: the operator classes of the core are enough.
    _no_overlap = models.Constraint(
        """EXCLUDE USING gist (
            int4range(type_id, type_id, '[]') WITH &&,
            int4range(CASE WHEN mutual THEN LEAST(partner_id, other_id) ELSE partner_id END,
                      CASE WHEN mutual THEN LEAST(partner_id, other_id) ELSE partner_id END,
                      '[]') WITH &&,
            int4range(CASE WHEN mutual THEN GREATEST(partner_id, other_id) ELSE other_id END,
                      CASE WHEN mutual THEN GREATEST(partner_id, other_id) ELSE other_id END,
                      '[]') WITH &&,
            daterange(date_from, CASE WHEN date_to < date_from THEN date_from ELSE date_to END,
                      '[]') WITH &&
        ) WHERE (may_overlap IS NOT TRUE)""",
        "These two have this relation already at that time. End the earlier one first, or correct"
        " the dates.",
    )

    @api.constrains("partner_id", "other_id", "date_from", "date_to", "type_id")
    def _check_relation(self):
        for relation in self:
            if relation.partner_id == relation.other_id:
                raise ValidationError(
                    self.env._(
                        "%(partner)s cannot have a relation with itself. Choose another partner.",
                        partner=relation.partner_id.display_name,
                    )
                )
            if relation.date_from and relation.date_to and relation.date_to < relation.date_from:
                raise ValidationError(
                    self.env._("A relation ends on its first day at the earliest. Correct a date.")
                )
            relation._check_kind(
                relation.partner_id, relation.type_id.partner_kind, relation.type_id.inverse_name
            )
            relation._check_kind(
                relation.other_id, relation.type_id.other_kind, relation.type_id.name
            )

    def _check_kind(self, partner, kind, label):
        """Refuse a company where the type asks for a person, and the other way round."""
        if kind == "company" and not partner.is_company:
            raise ValidationError(
                self.env._(
                    "%(partner)s is a person, but “%(relation)s” is for companies.",
                    partner=partner.display_name,
                    relation=label or self.type_id.name,
                )
            )
        if kind == "person" and partner.is_company:
            raise ValidationError(
                self.env._(
                    "%(partner)s is a company, but “%(relation)s” is for persons.",
                    partner=partner.display_name,
                    relation=label or self.type_id.name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        relations = super().create(vals_list)
        self._forget_sides()
        return relations

    def write(self, vals):
        result = super().write(vals)
        if not SIDE_FIELDS.isdisjoint(vals):
            self._forget_sides()
        return result

    def unlink(self):
        result = super().unlink()
        self._forget_sides()
        return result

    @api.model
    def _forget_sides(self):
        """Have both sides read again."""
        self.env["crm.relation.side"].invalidate_model()
        self.env["res.partner"].invalidate_model(["crm_relation_side_ids"])
