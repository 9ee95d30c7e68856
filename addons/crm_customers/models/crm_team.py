from odoo import fields, models


class CrmTeam(models.Model):
    """Sales teams form a tree: an office stands above its teams.

    A manager's figures include all descendants; ``parent_path`` makes that one indexed
    comparison (``child_of``).
    """

    _inherit = "crm.team"
    _parent_store = True

    parent_id = fields.Many2one(
        "crm.team", string="Parent Team", index=True, ondelete="restrict", check_company=True
    )
    parent_path = fields.Char(index=True)
    crm_child_ids = fields.One2many("crm.team", "parent_id", string="Child Teams")
