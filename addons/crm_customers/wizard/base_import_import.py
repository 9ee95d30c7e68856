import csv
import io
from datetime import date, datetime

from odoo import fields, models
from odoo.tools import DEFAULT_SERVER_DATE_FORMAT, DEFAULT_SERVER_DATETIME_FORMAT

from odoo.addons.base_import.models.base_import import ImportValidationError

from ..tools.import_rows import (
    Formats,
    Sheet,
    heading,
    parse_date,
    parse_number,
    read_rows,
    refuse_repeated,
    shown,
)

# Columns that correction files add; they say something about the row and are no field.
NOTE_COLUMNS = ("import_row", "import_reason")


class BaseImportImport(models.TransientModel):
    """The host's import screen takes in files of known forms row by row.

    A file whose headings are those of a profile (`crm.import.profile`) is imported by it: bad
    rows are kept out and listed, good ones come in, and a journal says what became of each. Any
    other file is none of our business and takes the host's own way.
    """

    _inherit = "base_import.import"

    crm_log_id = fields.Many2one("crm.import.log", string="Import Journal", ondelete="set null")

    def parse_preview(self, options, count=10):
        """Also recognise the columns of a profile, whatever was chosen for them before."""
        result = super().parse_preview(options, count=count)
        headings = result.get("headers") or []
        profile, found = self.env["crm.import.profile"]._find_profile(self.res_model, headings)
        if profile is None:
            return result
        result["crm_queued"] = profile._import_queued
        result["fields"] += self._get_missing_fields(
            result["fields"], {column.path for column in found.values()}
        )
        if not options.get("keep_matches"):
            taken = {column.path for column in found.values()}
            matches = {
                index: path
                for index, path in (result["matches"] or {}).items()
                if "/".join(path) not in taken and heading(headings[index]) not in NOTE_COLUMNS
            }
            ours = {index: column.path.split("/") for index, column in found.items()}
            result["matches"] = matches | ours
        return result

    def execute_import(self, fields, columns, options, dryrun=False):
        """Import a file of a known form by its profile, any other the host's way.

        For a file of a known form ``messages`` stays empty, so that the import screen goes on
        with the next rows; the answer's ``crm_import`` tells the numbers of rows created,
        updated, unchanged and refused, the journal's id, and, in a test, every finding.
        """
        profile, found = self._choose_profile(fields, columns, options)
        if profile is None:
            return super().execute_import(fields, columns, options, dryrun=dryrun)
        return self._execute_profile_import(profile, found, fields, options, dryrun)

    def _choose_profile(self, fields, columns, options):
        """Return the profile of the file and its columns that the user left as they are.

        :return: ``(profile, {index: Column})``, or ``(None, {})``
        """
        profile, found = None, {}
        if options.get("has_headers"):
            profile, found = self.env["crm.import.profile"]._find_profile(self.res_model, columns)
        mapped = {index for index, column in found.items() if fields[index] == column.path}
        if profile is None or any(
            column.identifies and index not in mapped for index, column in found.items()
        ):
            return None, {}
        return profile, {index: column for index, column in found.items() if index in mapped}

    def _execute_profile_import(self, profile, found, fields, options, dryrun):
        """Run one step of an import by a profile; a test is undone.

        :param found: ``{index: Column}`` as the user left it
        :return: the answer for the import screen
        """
        self.ensure_one()
        savepoint = self.env.cr.savepoint(flush=False)
        # The host's own switches of an import: nobody is notified of imported history.
        profile = profile.with_context(
            import_file=True, tracking_disable=True, crm_import_trial=dryrun
        )
        try:
            sheet = self._read_sheet(profile, found, options)
        except ImportValidationError as error:
            savepoint.close(rollback=True)
            return {"ids": False, "messages": [error.__dict__], "nextrow": 0, "name": []}
        extras = {index: path for index, path in enumerate(fields) if path and index not in found}
        self._convert_extras(sheet, extras, options)
        profile._import_sheet(sheet)
        nextrow = sheet.stop if sheet.stop < len(sheet.rows) else 0
        answer = sheet.count_outcomes()
        if dryrun:
            answer["findings"] = self._tell_findings(profile, sheet)
        savepoint.close(rollback=dryrun)
        if dryrun:
            self.pool.clear_all_caches()
            self.pool.reset_changes()
        else:
            answer["log_id"] = self._journal(profile, sheet).id
        ids = [row.record_id for row in sheet.window if row.outcome in ("created", "updated")]
        return {
            "ids": ids,
            "messages": [],
            "nextrow": nextrow,
            "name": [],
            "crm_import": answer,
        }

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    def _read_sheet(self, profile, found, options):
        """Read the file and check all its rows; the window is the step that is asked for.

        :raise ImportValidationError: when the file cannot be read
        """
        _length, lines = self._read_file(options)
        numbers = self._get_row_numbers(options, lines)
        headings, lines, numbers = lines[0], lines[1:], numbers[1:]
        width = max(index for index, text in enumerate(headings) if shown(text).strip()) + 1
        rows = self._parse_rows(found, lines, numbers, width, options)
        refuse_repeated(rows, profile._import_key)
        start = options.get("skip") or 0
        limit = options.get("limit") or len(rows)
        headings = [shown(text) for text in headings[:width]]
        return Sheet(headings, rows, start, min(start + limit, len(rows)))

    def _parse_rows(self, found, lines, numbers, width, options):
        """Return ``Row`` objects of some lines, with what is wrong with each of them.

        :param found: ``{index: Column}``
        :param numbers: the number of each line in the file
        :param width: so many columns have a heading
        """
        formats = Formats(
            dates=tuple(filter(None, (options.get("date_format"), options.get("datetime_format")))),
            thousands=options.get("float_thousand_separator", ","),
            decimal=options.get("float_decimal_separator") or ".",
        )
        rows = read_rows(found, lines, numbers, formats)
        for row in rows:
            if any(shown(cell).strip() for cell in row.cells[width:]):
                row.refuse("too_wide")
        return rows

    def _get_row_numbers(self, options, lines):
        """Return the number in the file of each row the host's reader gives; it drops empty ones.

        Rows of text files are counted as a spreadsheet counts them; in other files that have
        empty rows between, rows are counted without those.
        """
        if options.get("encoding"):
            reader = csv.reader(
                io.StringIO((self.file or b"").decode(options["encoding"])),
                quotechar=options["quoting"],
                delimiter=options.get("separator") or ",",
            )
            numbers = [
                number for number, row in enumerate(reader, 1) if any(cell.strip() for cell in row)
            ]
            if len(numbers) == len(lines):
                return numbers
        return list(range(1, len(lines) + 1))

    def _get_missing_fields(self, tree, paths):
        """Return entries of the field tree for fields that only imports of history may set."""
        known = {entry["name"] for entry in tree}
        missing = {path for path in paths if "/" not in path} - known
        described = self.env[self.res_model].fields_get(missing, ["string", "type", "required"])
        return [
            {
                "id": name,
                "name": name,
                "string": info["string"],
                "required": info["required"],
                "fields": [],
                "type": info["type"],
                "model_name": self.res_model,
            }
            for name, info in described.items()
        ]

    # ------------------------------------------------------------
    # Columns outside the profile that the user gave a field
    # ------------------------------------------------------------

    def _convert_extras(self, sheet, extras, options):
        """Convert further columns by the host's converters, row by row.

        What cannot be converted refuses its row, or is treated as chosen in the import screen
        for values not found.
        """
        rows = sheet.good
        if not extras or not rows:
            return
        model = self.env[self.res_model].with_context(
            import_file=True,
            import_cache={},
            name_create_enabled_fields=options.get("name_create_enabled_fields") or {},
            import_set_empty_fields=options.get("import_set_empty_fields") or [],
            import_skip_records=options.get("import_skip_records") or [],
        )
        lines = [self._extra_cells(row, extras, options) for row in rows]
        paths, lines = self.with_context(import_options=options)._handle_multi_mapping(
            list(extras.values()), lines
        )
        if options.get("fallback_values"):
            lines = self._handle_fallback_values(paths, lines, options["fallback_values"])
        paths = [models.fix_import_export_id_paths(path) for path in paths]
        extracted = (
            (record, {"row": row})
            for row, line in zip(rows, lines, strict=True)
            for record, _info in model._extract_records(paths, [line])
        )

        def log(message):
            row = message["row"]
            if message["type"] == "error":
                row.refuse("host", message.get("field", ""), used=message["message"])
            else:
                row.adjust("host", message.get("field", ""), used=message["message"])

        with self.env.cr.savepoint() as savepoint:
            converted = model._convert_records(extracted, log=log, savepoint=savepoint)
            for _dbid, _xid, values, info in converted:
                row = info["row"]
                row.extras = values
                if any(values.get(name) is None for name in options.get("import_skip_records", ())):
                    row.refuse("skipped")

    def _extra_cells(self, row, extras, options):
        """Return a row's cells for further columns, dates and numbers in the host's notation."""
        cells = []
        for index, path in extras.items():
            cell = row.cells[index] if index < len(row.cells) else ""
            field = self.env[self.res_model]._fields.get(path)
            kind = field.type if field else ""
            if kind == "date" and cell:
                day = parse_date(cell, filter(None, [options.get("date_format")]))
                cell = day.strftime(DEFAULT_SERVER_DATE_FORMAT) if day else shown(cell)
            elif kind in ("float", "monetary", "integer") and cell:
                number = parse_number(
                    cell,
                    options.get("float_thousand_separator", ","),
                    options.get("float_decimal_separator") or ".",
                )
                cell = shown(number if number is not None else cell)
            elif isinstance(cell, datetime):
                cell = cell.strftime(DEFAULT_SERVER_DATETIME_FORMAT)
            elif isinstance(cell, date):
                cell = cell.strftime(DEFAULT_SERVER_DATE_FORMAT)
            cells.append(cell.strip() if isinstance(cell, str) else cell)
        return cells

    # ------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------

    def _tell_findings(self, profile, sheet):
        """Return what there is to say about a window's rows, grouped by column and sentence."""
        groups = {}
        for row in sheet.window:
            for finding in row.findings:
                key = (finding.refused, finding.column, profile._describe(finding))
                rows, values = groups.setdefault(key, ([], {}))
                rows.append(row.number)
                values[finding.value] = True
        return [
            {
                "refused": refused,
                "column": column,
                "reason": reason,
                "rows": rows,
                "values": [value for value in values if value],
            }
            for (refused, column, reason), (rows, values) in groups.items()
        ]

    def _journal(self, profile, sheet):
        """Write what became of the window's rows into the journal; return the journal.

        The steps of one import share one journal: a step that begins where the last one ended
        goes on with it.
        """
        # sudo: the journal is written by the import alone, users only read it
        log = self.sudo().crm_log_id
        if not log or not sheet.start or log.row_read != sheet.start:
            log = log.create(
                {
                    "name": self.file_name or profile._get_label(),
                    "profile": profile._name,
                    "res_model": self.res_model,
                    "user_id": self.env.uid,
                    "company_id": self.env.company.id,
                    "headings": sheet.headings,
                    "row_count": len(sheet.rows),
                }
            )
            self.crm_log_id = log
        log._add_rows(profile, sheet)
        return log
