import base64
import io
from urllib.parse import quote

import xlsxwriter

from odoo import api, fields, models

from ..tools.import_rows import shown


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
    state = fields.Selection(
        [("partial", "Interrupted"), ("done", "Complete")],
        compute="_compute_state",
        store=True,
    )
    issue_ids = fields.One2many("crm.import.issue", "log_id", string="Findings", readonly=True)
    correction_file = fields.Binary(compute="_compute_correction_file")

    @api.depends("profile")
    @api.depends_context("lang")
    def _compute_profile_label(self):
        for log in self:
            log.profile_label = self.env["ir.model"]._get(log.profile).name or log.profile

    @api.depends("row_count", "row_read")
    def _compute_state(self):
        for log in self:
            log.state = "done" if log.row_read >= log.row_count else "partial"

    @api.depends("issue_ids.refused", "issue_ids.cells", "headings")
    def _compute_correction_file(self):
        for log in self:
            refused = log.issue_ids.filtered("refused")
            log.correction_file = refused and base64.b64encode(log._build_correction_file(refused))

    def action_download_corrections(self):
        """Hand over the rows that were kept out as a workbook to correct and import again."""
        self.ensure_one()
        name = self.env._("%(file)s to correct", file=self.name.rsplit(".", 1)[0])
        return {
            "type": "ir.actions.act_url",
            "url": (
                f"/web/content/crm.import.log/{self.id}/correction_file"
                f"?download=true&filename={quote(name)}.xlsx"
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
            "domain": [("id", "in", self.record_ids)],
            "context": {"active_test": False, "create": False},
        }

    def action_open_issues(self):
        """Open what there is to say about the rows."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_customers.crm_import_issue_action"
        )
        return action | {"domain": [("log_id", "=", self.id)], "context": {}}

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
        changed = [row.record_id for row in rows if row.outcome in ("created", "updated")]
        self.write(
            counts | {"row_read": sheet.stop, "record_ids": [*(self.record_ids or []), *changed]}
        )
        self.env["crm.import.issue"].create(
            [
                {
                    "log_id": self.id,
                    "row": row.number,
                    "key": shown(row.values.get(profile._import_key)),
                    "code": finding.code,
                    "refused": finding.refused,
                    "column": finding.column,
                    "value": finding.value,
                    "used_value": finding.used if not finding.refused else False,
                    "reason": profile._describe(finding),
                    "cells": [shown(cell) for cell in row.cells] if finding.refused else False,
                }
                for row in rows
                for finding in row.findings
            ]
        )

    def _build_correction_file(self, refused):
        """Return the refused rows as a workbook, every cell as text, with row and reason.

        :param refused: the issues that kept rows out
        """
        self.ensure_one()
        output = io.BytesIO()
        with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
            page = book.add_worksheet()
            page.freeze_panes(1, 0)
            width = len(self.headings)
            bold = book.add_format({"bold": True})
            for column, text in enumerate([*self.headings, "import_row", "import_reason"]):
                page.write_string(0, column, text, bold)
            for line, issues in enumerate(refused.grouped("row").values(), 1):
                cells = issues[0].cells
                reasons = " ".join(
                    f"{issue.column}: {issue.reason}" if issue.column else issue.reason
                    for issue in issues
                )
                # Cells without a heading follow the notes, so that they are refused again.
                cells += [""] * (width - len(cells))
                texts = [*cells[:width], str(issues[0].row), reasons, *cells[width:]]
                for column, text in enumerate(texts):
                    page.write_string(line, column, text)
        return output.getvalue()
