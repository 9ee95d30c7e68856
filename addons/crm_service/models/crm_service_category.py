from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmServiceCategory(models.Model):
    """What a request is about. It routes the ticket and can carry a service policy of its own."""

    _name = "crm.service.category"
    _description = "Ticket Category"
    _order = "sequence, name, id"
    _parent_store = True
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    display_name = fields.Char(recursive=True)
    parent_id = fields.Many2one("crm.service.category", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for every company.")
    team_id = fields.Many2one(
        "crm.service.team",
        check_company=True,
        help="Tickets of this category go to this team when nothing else says where.",
    )
    portal_visible = fields.Boolean(
        string="In the Portal", default=True, help="Customers can choose it in the portal form."
    )
    description = fields.Text(translate=True)

    @api.depends("name", "parent_id.display_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for category in self:
            above = category.parent_id.display_name
            category.display_name = f"{above} / {category.name}" if above else category.name

    @api.constrains("parent_id")
    def _check_no_cycle(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A category cannot lie within itself."))
