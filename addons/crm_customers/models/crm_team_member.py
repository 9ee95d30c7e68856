from odoo import api, models


class CrmTeamMember(models.Model):
    """Whose customers somebody sees follows the members of teams at once."""

    _inherit = "crm.team.member"

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        self.env["res.users"]._forget_seen()
        return members

    def write(self, vals):
        result = super().write(vals)
        self.env["res.users"]._forget_seen()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["res.users"]._forget_seen()
        return result
