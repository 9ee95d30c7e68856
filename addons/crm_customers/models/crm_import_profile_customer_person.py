from odoo import models

from ..tools.import_rows import Column


class CrmImportProfileCustomerPerson(models.AbstractModel):
    """Persons with a number of their own, identity number, date of birth and address."""

    _name = "crm.import.profile.customer.person"
    _inherit = "crm.import.profile.customer"
    _description = "Persons by Number"

    _import_model = "res.partner"
    _import_template = "/crm_customers/static/import/persons.csv"

    def _get_import_columns(self):
        return (
            *super()._get_import_columns(),
            Column("last_name", "name", identifies=True, aliases=("姓",)),
            Column("first_name", "name", aliases=("名",)),
            Column("birth_date", "crm_birthdate", aliases=("出生日期",)),
            Column("identity_number", "crm_identity_number", aliases=("证件号码", "身份证号")),
        )

    def _resolve_rows(self, sheet):
        for row in sheet.good:
            name = self._join_name(row)
            if not name:
                row.adjust("nameless", "last_name")
            row.values["name"] = name or row.values["reference"]
        return super()._resolve_rows(sheet)

    def _join_name(self, row):
        """Return the full name in the order of its script."""
        first, last = (row.values.get(name) or "" for name in ("first_name", "last_name"))
        if last and not last.isascii() and "\u3400" <= last[0] <= "\u9fff":
            return f"{last}{first}"
        return f"{first} {last}".strip()

    def _prepare_values(self, row):
        values = super()._prepare_values(row) | {"name": row.values["name"]}
        if row.values.get("identity_number"):
            values["crm_identity_number"] = row.values["identity_number"]
        return values

    def _prepare_export(self, partner):
        # The host knows one name only; it is not for us to guess where it is to be cut.
        return super()._prepare_export(partner) | {
            "last_name": partner.name,
            "birth_date": partner.crm_birthdate,
            "identity_number": partner.crm_identity_number,
        }

    def _get_row_label(self, row):
        return row.values.get("name") or self._join_name(row)

    def _get_finding_texts(self):
        return super()._get_finding_texts() | {
            "nameless": self.env._("No name; the number stands in its place."),
        }
