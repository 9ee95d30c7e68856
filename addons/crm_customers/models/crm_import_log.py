import base64
from urllib.parse import quote

from odoo import api, fields, models

from ..tools.import_files import write_csv, write_xlsx
from ..tools.import_rows import shown

STATES = [
    ("checking", "Being Looked Through"),
    ("checked", "To Confirm"),
    ("running", "Running"),
    ("partial", "Interrupted"),
    ("done", "Complete"),
    ("cancelled", "Cancelled"),
    ("failed", "Stopped"),
]


class CrmImportLog(models.Model):
    """What became of the rows of an imported file.

    Written by the import alone, one journal for each run. Rows that were kept out can be taken
    as a file, corrected and imported again.
    """

    _name = "crm.import.log"
    _description = "Import Journal"
    _order = "id desc"

    name = fields.Char(string="File", required=True, readonly=True)
    profile = fields.Char(required=True, readonly=True)
    profile_label = fields.Char(string="Kind of File", compute="_compute_profile_label")
    res_model = fields.Char(string="Model", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Imported by", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    headings = fields.Json(readonly=True)
    record_ids = fields.Json(string="Records", readonly=True, default=list)
    row_count = fields.Integer(string="Rows in the File", readonly=True)
    row_read = fields.Integer(string="Rows Read", readonly=True)
    created_count = fields.Integer(string="Created", readonly=True)
    updated_count = fields.Integer(string="Updated", readonly=True)
    unchanged_count = fields.Integer(string="Unchanged", readonly=True)
    refused_count = fields.Integer(string="Refused", readonly=True)
    adjusted_count = fields.Integer(string="Adjusted", readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="partial", index=True)
    issue_ids = fields.One2many("crm.import.issue", "log_id", string="Findings", readonly=True)
    correction_xlsx = fields.Binary(compute="_compute_correction_files")
    correction_csv = fields.Binary(compute="_compute_correction_files")

    @api.depends("profile")
    @api.depends_context("lang")
    def _compute_profile_label(self):
        for log in self:
            log.profile_label = self.env["ir.model"]._get(log.profile).name or log.profile

    @api.depends("issue_ids.refused", "issue_ids.cells", "headings")
    def _compute_correction_files(self):
        for log in self:
            refused = log.issue_ids.filtered("refused")
            table = refused and log._get_corrections(refused)
            log.correction_xlsx = refused and base64.b64encode(write_xlsx(*table))
            log.correction_csv = refused and base64.b64encode(write_csv(*table))

    def action_download_corrections(self):
        """Hand over the rows that were kept out, to correct and import again.

        The kind of file, ``xlsx`` or ``csv``, is in the context as ``crm_file_kind``.
        """
        self.ensure_one()
        kind = "csv" if self.env.context.get("crm_file_kind") == "csv" else "xlsx"
        name = self.env._("%(file)s to correct", file=self.name.rsplit(".", 1)[0])
        return {
            "type": "ir.actions.act_url",
            "url": (
                f"/web/content/crm.import.log/{self.id}/correction_{kind}"
                f"?download=true&filename={quote(name)}.{kind}"
            ),
            "target": "self",
        }

    def action_open_records(self):
        """Open the records that the import created or updated, archived ones too."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.res_model,
            "view_mode": "list,form",
            "domain": [("id", "in", self._get_record_ids())],
            "context": {"active_test": False, "create": False},
        }

    def action_open_issues(self):
        """Open what there is to say about the rows."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_customers.crm_import_issue_action"
        )
        return action | {"domain": [("log_id", "=", self.id)], "context": {}}

    def _get_record_ids(self):
        """Return the ids of the records that came in new or were changed."""
        if not self.queued:
            return self.record_ids or []
        rows = self.env["crm.import.row"].search_fetch(
            [("log_id", "=", self.id), ("outcome", "in", ("created", "updated"))], ["record_id"]
        )
        return rows.mapped("record_id")

    def _add_rows(self, profile, sheet):
        """Add what became of a window of rows.

        :param profile: the `crm.import.profile` that took them in
        :param sheet: ``Sheet`` after the import
        """
        self.ensure_one()
        rows = sheet.window
        counts = {
            f"{name}_count": self[f"{name}_count"] + number
            for name, number in sheet.count_outcomes().items()
        }
        read = self.row_read + len(rows)
        values = counts | {"row_read": read}
        if not self.queued:
            changed = [row.record_id for row in rows if row.outcome in ("created", "updated")]
            values["record_ids"] = [*(self.record_ids or []), *changed]
            values["state"] = "done" if read >= self.row_count else "partial"
        self.write(values)
        self.env["crm.import.issue"].create(
            [
                {
                    "log_id": self.id,
                    "row": row.number,
                    "key": shown(row.values.get(profile._import_key)),
                    "code": finding.code,
                    "refused": finding.refused,
                    "column": self._name_column(finding.column),
                    "value": finding.value,
                    "used_value": finding.used if not finding.refused else False,
                    "reason": profile._describe(finding),
                    "cells": [shown(cell) for cell in row.cells] if finding.refused else False,
                }
                for row in rows
                for finding in row.findings
            ]
        )

    def _name_column(self, column):
        """Return what the file calls a column of the form."""
        return column

    def _get_corrections(self, refused):
        """Return the refused rows as headings and rows of texts, with row number and reason.

        :param refused: the issues that kept rows out
        """
        self.ensure_one()
        width = len(self.headings)
        rows = []
        for issues in refused.grouped("row").values():
            reasons = " ".join(
                f"{issue.column}: {issue.reason}" if issue.column else issue.reason
                for issue in issues
            )
            cells = [*issues[0].cells, *[""] * (width - len(issues[0].cells))]
            # Cells without a heading follow the notes, so that they are refused again.
            rows.append([*cells[:width], str(issues[0].row), reasons, *cells[width:]])
        return [*self.headings, "import_row", "import_reason"], rows
