from odoo import models

from ..tools.import_rows import Column, external_name


class CrmImportProfileProduct(models.AbstractModel):
    """Products: one product a row, its series as category, its list price.

    A product that exists under exactly this name is taken over. Empty cells leave a field as it
    is.
    """

    _name = "crm.import.profile.product"
    _inherit = "crm.import.profile"
    _description = "Products"

    _import_model = "product.template"
    _import_key = "product"
    _import_template = "/crm_customers/static/import/products.csv"

    def _get_import_columns(self):
        return (
            Column("product", "name", required=True, identifies=True, aliases=("产品", "产品名称")),
            Column("series", "categ_id", aliases=("系列", "产品系列")),
            Column(
                "sales_price",
                "list_price",
                kind="amount",
                identifies=True,
                aliases=("售价", "销售价格", "标价"),
            ),
        )

    def _resolve_rows(self, sheet):
        rows = sheet.good
        words = sheet.words("series", rows)
        index = self._index_names("product.category", [], words)
        new = [word for word in words if index.match(word)[1] == "unknown"]
        allowed = self.env["product.category"].has_access("create")
        if new and allowed:
            for category in self.env["product.category"].create([{"name": word} for word in new]):
                index.add(category.id, category.name)
        for row in rows:
            row.values["categ_id"] = self._match(row, "series", index, "unknown_series")

    def _save_rows(self, sheet):
        rows = sheet.good
        names = sheet.words("product", rows)
        existing = self._index_names("product.template", [], names)
        known = self._known_ids("product.template", map(product_name, names))
        entries = []
        for row in rows:
            product = row.values["product"]
            product_id, how = existing.match(product)
            if how == "ambiguous" and product_name(product) not in known:
                row.refuse("ambiguous", "product")
                continue
            values = {"name": product}
            if row.values["categ_id"]:
                values["categ_id"] = row.values["categ_id"]
            if row.values["sales_price"] is not None:
                values["list_price"] = row.values["sales_price"]
            entries.append(
                self._make_entry(
                    row,
                    "product.template",
                    product_name(product),
                    values,
                    record_id=product_id if how == "exact" else None,
                )
            )
        self._save_entries("product.template", entries)
        self._settle(entries)

    def _get_finding_texts(self):
        return super()._get_finding_texts() | {
            "unknown_series": self.env._(
                "No product category of this name, and you may not make one; ask for the right"
                " to create products."
            ),
        }


def product_name(product):
    """The external name of an imported product."""
    return external_name("product", product)
