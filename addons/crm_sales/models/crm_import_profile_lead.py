from odoo import models
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.crm_customers.models.crm_import_profile_product import product_name
from odoo.addons.crm_customers.tools.import_rows import Column


class CrmImportProfileLead(models.AbstractModel):
    """Imported opportunities also carry the product they are about, as one product line.

    Empty cells leave the lines as they are, and so does a product that is among them already.
    """

    _inherit = "crm.import.profile.lead"

    _import_template = "/crm_sales/static/import/opportunities.csv"

    def _get_import_columns(self):
        return (
            *super()._get_import_columns(),
            Column("product", "crm_line_ids/product_id", aliases=("产品", "产品名称")),
        )

    def _resolve_rows(self, sheet):
        super()._resolve_rows(sheet)
        rows = sheet.good
        products = self._index_products(sheet.words("product", rows))
        for row in rows:
            row.values["product_id"] = self._match(row, "product", products, "unknown_product")

    def _index_products(self, words):
        """Return a ``NameIndex`` of products; an imported one goes before its namesakes."""
        index = self._index_names("product.product", [("sale_ok", "=", True)], words)
        names = {product_name(word): word for word in words}
        known = self._known_ids("product.template", names)
        templates = self.env["product.template"].browse(known.values())
        variants = {template.id: template.product_variant_id.id for template in templates}
        for name, template_id in known.items():
            if variants[template_id]:
                index.settle(names[name], variants[template_id])
        return index

    def _prepare_first_values(self, row):
        values = super()._prepare_first_values(row)
        if row.values.get("product_id"):
            values["crm_line_ids"] = [Command.create({"product_id": row.values["product_id"]})]
        return values

    def _prepare_name(self, row):
        return " · ".join(filter(None, [row.values.get("product"), super()._prepare_name(row)]))

    def _prepare_change(self, entry, lead):
        """A file that names another product than before changes the only line, or adds one."""
        super()._prepare_change(entry, lead)
        product_id = entry.row.values.get("product_id")
        lines = lead.crm_line_ids
        if product_id and product_id not in lines.product_id.ids:
            values = {"product_id": product_id}
            entry.values["crm_line_ids"] = [
                Command.update(lines.id, values) if len(lines) == 1 else Command.create(values)
            ]

    def _backdate(self, entries):
        super()._backdate(entries)
        self._date_history(entries)

    def _restore_dates(self, entries):
        super()._restore_dates(entries)
        self._date_history(entries)

    def _date_history(self, entries):
        """Let the stage history that the import wrote tell the days of the file, not today's."""
        leads = self.env["crm.lead"].browse([entry.record_id for entry in entries])
        if not leads:
            return
        leads.flush_recordset(["date_closed", "date_last_stage_update", "won_status"])
        leads.crm_stage_log_ids.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE crm_lead_stage_log log SET date ="
                " CASE lead.won_status WHEN 'pending' THEN lead.date_last_stage_update"
                " ELSE lead.date_closed END"
                "  FROM crm_lead lead"
                " WHERE lead.id = log.lead_id AND lead.id IN %s"
                "   AND log.to_status = lead.won_status AND log.create_date = %s",
                tuple(leads.ids),
                self.env.cr.now(),
            )
        )
        leads.crm_stage_log_ids.invalidate_recordset(["date"])

    def _get_finding_texts(self):
        return super()._get_finding_texts() | {
            "unknown_product": self.env._(
                "No such product; import the products first, create it or correct the name."
            ),
        }
