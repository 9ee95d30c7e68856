from odoo import api, models


class CrmTeam(models.Model):
    """The import screen of sales teams offers the template for whole teams."""

    _inherit = "crm.team"

    @api.model
    def get_import_templates(self):
        return [
            *super().get_import_templates(),
            self.env["crm.import.profile.team"]._get_import_template(),
        ]
