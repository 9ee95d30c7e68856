from odoo import models

from ..tools.import_rows import Column, external_name, refuse_repeated


class CrmImportProfileDivision(models.AbstractModel):
    """Administrative divisions: one a row, by code; what it belongs to was imported before.

    A row without the columns of the division above belongs to the one that its code begins with.
    """

    _name = "crm.import.profile.division"
    _inherit = "crm.import.profile"
    _description = "Administrative Divisions"

    _import_model = "crm.division"
    _import_key = "code"
    _import_template = "/crm_customers/static/import/divisions.csv"

    def _get_import_columns(self):
        return (
            Column(
                "code", "code", required=True, identifies=True, aliases=("代码", "行政区划代码")
            ),
            Column("name", "name", required=True, identifies=True, aliases=("名称", "单位名称")),
            Column("citycode", "parent_id", aliases=("城市代码",)),
            Column("provincecode", "parent_id", aliases=("省份代码",)),
        )

    def _resolve_rows(self, sheet):
        refuse_repeated(sheet.rows, "code")
        rows = sheet.good
        for row in rows:
            code = row.values["code"]
            if not code.isdigit() or len(code) not in (2, 4, 6):
                row.refuse("not_a_code", "code")
            row.values["above"] = len(code) > 2 and (
                row.values.get("citycode") or row.values.get("provincecode") or code[:-2]
            )
        # parents may stand in the same file
        coming = {row.values["code"] for row in sheet.rows if not row.refused}
        wanted = {row.values["above"] for row in rows if row.values["above"]}
        known = set(self.env["crm.division"].search([("code", "in", list(wanted))]).mapped("code"))
        for row in sheet.good:
            if row.values["above"] and row.values["above"] not in known | coming:
                row.refuse("no_parent", "code", used=row.values["above"])

    def _save_rows(self, sheet):
        for length in (2, 4, 6):
            self._save_level([row for row in sheet.good if len(row.values["code"]) == length])

    def _save_level(self, rows):
        """Save the divisions of one level, once those above are there."""
        wanted = [row.values["above"] for row in rows if row.values["above"]]
        above = {
            one.code: one.id for one in self.env["crm.division"].search([("code", "in", wanted)])
        }
        known = {
            one.code: one.id
            for one in self.env["crm.division"].search(
                [("code", "in", [row.values["code"] for row in rows])]
            )
        }
        entries = [
            self._make_entry(
                row,
                "crm.division",
                external_name("division", row.values["code"]),
                {
                    "code": row.values["code"],
                    "name": row.values["name"],
                    "parent_id": above.get(row.values["above"], False),
                },
                record_id=known.get(row.values["code"]),
            )
            for row in rows
        ]
        self._save_entries("crm.division", entries)
        self._settle(entries)

    def _get_finding_texts(self):
        return super()._get_finding_texts() | {
            "not_a_code": self.env._("A code has 2, 4 or 6 digits."),
            "no_parent": self.env._(
                "What it belongs to (%(used)s) is not there; import provinces first, then cities."
            ),
        }
