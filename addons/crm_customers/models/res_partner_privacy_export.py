import io
import json
import zipfile

from odoo import models
from odoo.tools import html2plaintext

from ..tools.import_files import write_book
from ..tools.import_rows import shown
from ..tools.privacy import PersonalDataSource


class ResPartner(models.Model):
    """Hands over what is known of a person as one file: readable, and for another system."""

    _inherit = "res.partner"

    def _export_personal_data(self):
        """Return a ZIP: a workbook with a sheet per kind of data, the same as JSON, the files.

        :raises AccessError: the user is no privacy officer
        """
        self.env["crm.privacy.erasure"]._check_may_erase()
        # sudo: the person is owed everything, whatever the officer may see himself
        persons = self.sudo().with_context(active_test=False)
        sources = [*persons._crm_personal_data_sources(), persons._get_message_source()]
        sheets = [(source, *persons._read_personal_data(source)) for source in sources]
        files = self.env["ir.attachment"].sudo()  # sudo: as above
        files = files.search([("res_model", "=", "res.partner"), ("res_id", "in", self.ids)])
        output = io.BytesIO()
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
            text = {source.key: rows for source, _heads, rows in sheets}
            archive.writestr("data.json", json.dumps(text, ensure_ascii=False, indent=2))
            pages = [
                (source.label, heads, [list(row.values()) for row in rows])
                for source, heads, rows in sheets
                if rows
            ]
            archive.writestr("data.xlsx", write_book(pages))
            for file in files.filtered(lambda one: one.type == "binary"):
                archive.writestr(f"files/{file.id}-{file.name.replace('/', '_')}", file.raw or b"")
        return output.getvalue()

    def _get_message_source(self):
        """Return what was written on the person's record, and what he wrote elsewhere."""
        return PersonalDataSource(
            "messages",
            self.env._("Mails and Notes"),
            "mail.message",
            [
                "|",
                ("author_id", "in", self.ids),
                "&",
                ("model", "=", "res.partner"),
                ("res_id", "in", self.ids),
            ],
            ("date", "author_id", "email_from", "subject", "body", "record_name"),
        )

    def _read_personal_data(self, source):
        """Return ``(headings, [{field: text}, ...])`` of a source, in the user's language."""
        records = self.env[source.model].search(source.domain)
        labels = records.fields_get(source.fields, ["string"])
        rows = []
        for record in records:
            row = {}
            for name in source.fields:
                field, value = record._fields[name], record[name]
                if field.type == "html":
                    value = html2plaintext(value or "")
                elif field.type == "json":
                    value = json.dumps(value, ensure_ascii=False) if value else ""
                elif field.type == "selection":
                    value = dict(field._description_selection(self.env)).get(value, value)
                elif field.relational:
                    value = ", ".join(value.mapped("display_name"))
                row[name] = shown(value)
            rows.append(row)
        return [labels[name]["string"] for name in source.fields], rows
