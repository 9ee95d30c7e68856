from odoo import api, models


class CrmTeam(models.Model):
    """Whose customers somebody sees follows the tree of teams at once."""

    _inherit = "crm.team"

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        self.env["res.users"]._forget_seen()
        return teams

    def write(self, vals):
        result = super().write(vals)
        self.env["res.users"]._forget_seen()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["res.users"]._forget_seen()
        return result
