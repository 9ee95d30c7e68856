import csv

from odoo import models
from odoo.tools import file_open, split_every

from ..tools.import_rows import shown

# Columns that only exported lists have.
EXPORTED = ("external_id",)
FETCHED = 1000


class CrmImportProfileCustomer(models.AbstractModel):
    """Templates and exports of customers: files that the import knows again as they are."""

    _inherit = "crm.import.profile.customer"

    def _get_import_templates(self):
        """Return the entries of the templates in the import screen, in the user's language."""
        return [
            {
                "label": f"{self._get_import_template()['label']} ({kind.upper()})",
                "template": f"/crm_customers/import_template/{self._name}.{kind}",
            }
            for kind in ("xlsx", "csv")
        ]

    def _get_headings(self, exported=False):
        """Return the headings of the form in the user's language; the import knows all of them."""
        chinese = (self.env.lang or "").startswith("zh")
        return [
            column.title(chinese)
            for column in self._get_import_columns()
            if exported or column.name not in EXPORTED
        ]

    def _get_examples(self):
        """Return rows that show how the template is filled in."""
        with file_open(self._import_template.lstrip("/"), "r") as file:
            examples = list(csv.DictReader(line.removeprefix("\ufeff") for line in file))
        names = [
            column.name for column in self._get_import_columns() if column.name not in EXPORTED
        ]
        return [[example.get(name) or "" for name in names] for example in examples]

    def _export_customers(self, partners):
        """Return the headings, and the rows of customers one after the other."""
        return self._get_headings(exported=True), self._iter_rows(partners)

    def _iter_rows(self, partners):
        names = [column.name for column in self._get_import_columns()]
        for part in split_every(FETCHED, partners.ids, partners.browse):
            external = [row[0] for row in part.export_data(["id"])["datas"]]
            for partner, external_id in zip(part, external, strict=True):
                values = self._prepare_export(partner) | {"external_id": external_id}
                yield [shown(values.get(name)) for name in names]
            part.invalidate_recordset()

    def _prepare_export(self, partner):
        """Return a customer's values by column. To be extended."""
        return {
            "reference": partner.ref,
            "street": partner.street,
            "street2": partner.street2,
            "city": partner.city,
            "zip": partner.zip,
            "state": partner.state_id.name,
            "country": partner.country_id.name,
            "phone": partner.phone,
            "email": partner.email,
        }
