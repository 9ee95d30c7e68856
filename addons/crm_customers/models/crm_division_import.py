from odoo import api, models


class CrmDivision(models.Model):
    """The import screen of divisions offers the form of the official lists."""

    _inherit = "crm.division"

    @api.model
    def get_import_templates(self):
        return [
            *super().get_import_templates(),
            self.env["crm.import.profile.division"]._get_import_template(),
        ]
