from odoo import api, models


class ResCompany(models.Model):
    """A company of ours is no customer: its language stays the one the host gives."""

    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super(ResCompany, self.with_context(crm_keep_lang=True)).create(vals_list)
        return companies.with_env(self.env)
