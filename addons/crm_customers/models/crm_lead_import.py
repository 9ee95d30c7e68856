from odoo import api, models


class CrmLead(models.Model):
    """The import screen of opportunities also offers the template with history."""

    _inherit = "crm.lead"

    @api.model
    def get_import_templates(self):
        return [
            *super().get_import_templates(),
            self.env["crm.import.profile.lead"]._get_import_template(),
        ]
