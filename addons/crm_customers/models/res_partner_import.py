from odoo import api, models


class ResPartner(models.Model):
    """The import screen of contacts also offers our templates."""

    _inherit = "res.partner"

    @api.model
    def get_import_templates(self):
        return [
            *super().get_import_templates(),
            *self.env["crm.import.profile.customer.company"]._get_import_templates(),
            *self.env["crm.import.profile.customer.person"]._get_import_templates(),
            self.env["crm.import.profile.partner"]._get_import_template(),
        ]
