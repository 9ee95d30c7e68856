import base64
import logging
from itertools import islice

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL

from ..tools.import_files import batches
from ..tools.import_rows import Sheet
from .crm_import_log_queue import BUSY

_logger = logging.getLogger(__name__)

# So many rows are put into the table at once, and so many are done in one transaction, which is
# tried so often when other sessions are in the way.
STAGED = 1000
STEP = 500
TRIES = 5
CONFLICTS = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
    ConcurrencyError,
)


class CrmImportLog(models.Model):
    """Works on files in the background, in committed batches.

    The rows of a file are put into a table first. Each step takes the next ones; their records,
    their marks and the journal are committed together. Killed at any moment, the next run of the
    job goes on with the first row that has no mark. All is done with the rights of who imports.
    """

    _inherit = "crm.import.log"

    _busy_idx = models.Index("(step_date, id) WHERE state IN ('checking', 'running')")

    @api.model
    def _cron_import(self):
        """Work on all files in turn, a step of each, every step committed."""
        left = float("inf")
        while left > 0:
            count = self._work()
            if not count:
                break
            left = self.env["ir.cron"]._commit_progress(count, remaining=self._count_waiting())
            # Memory must not grow with the file.
            self.env.invalidate_all()

    @api.model
    def _work(self):
        """Do a step of the file whose last step is the longest ago.

        :return: how much was done; 0 when there is nothing to do
        """
        for _try in range(TRIES):
            log = self._take()
            if not log:
                return 0
            try:
                count = log._step()
                self.env.flush_all()
                return count
            except CONFLICTS:
                self.env.cr.rollback()
            except Exception as error:
                # Whatever it is, the person is told, and the files behind this one go on.
                self.env.cr.rollback()
                _logger.exception("Import %s stopped", log.id)
                log._close("failed", str(error))
                return 1
        return 0

    @api.model
    def _take(self):
        """Return the journal to go on with, which no other session works on."""
        self.flush_model(["state", "queued", "step_date", "row_read"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM crm_import_log WHERE state IN %s AND queued"
                " ORDER BY step_date NULLS FIRST, row_read, id LIMIT 1 FOR UPDATE SKIP LOCKED",
                BUSY,
            )
        )
        return self.browse([row[0] for row in rows])

    @api.model
    def _count_waiting(self):
        """Return how much is left to do: rows, and files that were not read yet."""
        busy = self.search([("state", "in", BUSY), ("queued", "=", True)])
        unread = len(busy.filtered(lambda log: not log.headings))
        return unread + sum(log.row_count - log.row_read for log in busy)

    # ------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------

    def _step(self):
        """Do the next rows, or first of all read the file; close it after the last row.

        :return: how many rows it took, at least 1
        """
        self.ensure_one()
        limit = STEP
        self.step_date = fields.Datetime.now()
        if not self.headings:
            self._stage()
            return 1
        waiting = self.env["crm.import.row"]._get_waiting(self, limit)
        if waiting:
            self._do_rows(waiting)
        if len(waiting) < limit or self.row_read >= self.row_count:
            self._close("checked" if self.state == "checking" else "done")
        return len(waiting) or 1

    def _stage(self):
        """Read the file into the table, without ever holding all its rows."""
        screen = self._get_screen()
        known_by = ("external_id", screen.env[self.profile]._import_key)
        keys = [int(index) for index, name in self.plan["columns"].items() if name in known_by]
        lines = screen._iter_file(self.plan["options"])
        _number, headings = next(lines)
        width = max(place for place, text in enumerate(headings) if text.strip()) + 1
        count = 0
        for part in batches(islice(lines, self.plan["options"].get("skip") or 0, None), STAGED):
            count += len(part)
            self.env["crm.import.row"]._add(
                self,
                [
                    (number, " ".join(line[key].strip() for key in keys if key < len(line)), line)
                    for number, line in part
                ],
            )
        self.write({"headings": headings[:width], "row_count": count, "file": False})

    def _get_screen(self):
        """Return the import screen's record made again, of who imports; it is never saved."""
        if not self.user_id.active:
            raise UserError(self.env._("%s has no access any more.", self.user_id.name))
        context = {**self.plan["context"], "import_file": True, "tracking_disable": True}
        env = self.env(user=self.user_id.id, su=False, context=context)
        return env["base_import.import"].new(
            {
                "res_model": self.res_model,
                "file": self.file and base64.b64decode(self.file),
                "file_name": self.name,
                "file_type": self.plan["file_type"],
            }
        )

    def _do_rows(self, waiting):
        """Look through or import some rows and note what became of them."""
        screen = self._get_screen()
        profile = screen.env[self.profile]
        sheet = self._make_sheet(screen, profile, waiting)
        trial = self.state == "checking"
        told = self._try_sheet(profile, sheet) if trial else profile._import_sheet(sheet) or {}
        self._add_rows(profile, sheet)
        rows = [
            {
                "number": row.number,
                "outcome": row.outcome if row.outcome and not row.refused else "refused",
                "label": profile._get_row_label(row),
                "finding_text": " ".join(self._describe_findings(profile, row)),
                "record_id": None if trial or row.refused else row.record_id,
                **told.get(row.number, {}),
            }
            for row in sheet.window
        ]
        self.env["crm.import.row"]._settle(self, rows)
        self.duplicate_count += sum(bool(row.get("duplicate_level")) for row in rows)

    def _describe_findings(self, profile, row):
        """Return a sentence for each finding of a row, with column and value."""
        return [
            ": ".join(
                filter(
                    None,
                    (
                        self._name_column(finding.column),
                        finding.value,
                        profile._describe(finding),
                    ),
                )
            )
            for finding in row.findings
        ]

    def _name_column(self, column):
        names = {name: int(index) for index, name in (self.plan or {}).get("columns", {}).items()}
        return self.headings[names[column]] if column in names else column

    def _make_sheet(self, screen, profile, waiting):
        """Return the ``Sheet`` of some waiting rows, with what is wrong with their cells."""
        options = self.plan["options"]
        columns = {column.name: column for column in profile._get_import_columns()}
        found = {int(index): columns[name] for index, name in self.plan["columns"].items()}
        numbers, lines, firsts = zip(*waiting, strict=True)
        rows = screen._parse_rows(found, lines, numbers, len(self.headings), options)
        for row, first in zip(rows, firsts, strict=True):
            if first:
                row.refuse("repeated", profile._import_key, used=str(first))
        sheet = Sheet(self.headings, rows, 0, len(rows))
        extras = {int(index): path for index, path in self.plan["extras"].items()}
        screen._convert_extras(sheet, extras, options)
        return sheet
