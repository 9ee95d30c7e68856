from odoo import api, models


class AccountMove(models.Model):
    """The import screen of customer invoices also offers the template of receivables."""

    _inherit = "account.move"

    @api.model
    def get_import_templates(self):
        templates = super().get_import_templates() or []
        if self.env.context.get("default_move_type") != "out_invoice":
            return templates
        return [*templates, self.env["crm.import.profile.invoice"]._get_import_template()]
