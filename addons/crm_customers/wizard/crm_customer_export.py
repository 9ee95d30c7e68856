import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.import_files import WRITERS


class CrmCustomerExport(models.TransientModel):
    """Hands over customers as a file that can be changed and imported again as it is."""

    _name = "crm.customer.export"
    _description = "Export of Customers to Change and Import Again"

    def _default_kind(self):
        chosen = self.env["res.partner"].browse(self.env.context.get("active_ids") or [])
        return "company" if any(chosen.mapped("is_company")) else "person"

    kind = fields.Selection(
        [("company", "Companies"), ("person", "Persons")],
        required=True,
        default=lambda self: self._default_kind(),
    )
    file_kind = fields.Selection(
        [("xlsx", "Excel (XLSX)"), ("csv", "Text (CSV)")], required=True, default="xlsx"
    )
    chosen_ids = fields.Json(default=lambda self: self.env.context.get("active_ids") or [])
    count = fields.Integer(string="Customers", compute="_compute_count")
    content = fields.Binary(compute="_compute_content")

    @api.depends("kind", "chosen_ids")
    def _compute_count(self):
        for export in self:
            export.count = len(export._get_customers())

    @api.depends("kind", "file_kind", "chosen_ids")
    def _compute_content(self):
        for export in self:
            profile = self.env[f"crm.import.profile.customer.{export.kind}"]
            customers = export._get_customers()
            headings, rows = profile._export_customers(customers)
            export.content = base64.b64encode(WRITERS[export.file_kind](headings, rows))

    def action_export(self):
        """Hand over the file."""
        self.ensure_one()
        if not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(self.env._("You may not export. Ask an administrator."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/content?download=true"
            f"&filename={self.kind}.{self.file_kind}",
            "target": "self",
        }

    def _get_customers(self):
        """Return the chosen customers of the chosen kind."""
        return self.env["res.partner"].search(
            [("id", "in", self.chosen_ids or []), ("is_company", "=", self.kind == "company")]
        )
