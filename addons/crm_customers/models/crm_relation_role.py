from odoo import fields, models
from odoo.tools import SQL


class CrmRelationRole(models.Model):
    """One direction of a relation type, to choose from and to search by on either side."""

    _name = "crm.relation.role"
    _description = "Relation Seen from One Side"
    _auto = False
    _order = "sequence, id"
    _depends = {
        "crm.relation.type": [
            "name",
            "inverse_name",
            "mutual",
            "partner_kind",
            "other_kind",
            "sequence",
            "active",
        ]
    }

    name = fields.Char(translate=True, readonly=True)
    type_id = fields.Many2one("crm.relation.type", readonly=True)
    inverse = fields.Boolean(readonly=True)
    partner_kind = fields.Char(readonly=True)
    other_kind = fields.Char(readonly=True)
    sequence = fields.Integer(readonly=True)
    active = fields.Boolean(readonly=True)

    def _create_view(self):
        """Create the view; the types' table calls this when it stands.

        A view of the database, not a query of the model: lists grouped by it join it by name.
        """
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE VIEW crm_relation_role AS
                SELECT id * 2 AS id, name, id AS type_id, FALSE AS inverse, partner_kind,
                       other_kind, sequence, active
                  FROM crm_relation_type
                 UNION ALL
                SELECT id * 2 + 1, inverse_name, id, TRUE, other_kind, partner_kind, sequence,
                       active
                  FROM crm_relation_type
                 WHERE mutual IS NOT TRUE
                """
            )
        )
