from odoo import api, models


class ProductTemplate(models.Model):
    """The import screen of products also offers the template with series."""

    _inherit = "product.template"

    @api.model
    def get_import_templates(self):
        return [
            *super().get_import_templates(),
            self.env["crm.import.profile.product"]._get_import_template(),
        ]
