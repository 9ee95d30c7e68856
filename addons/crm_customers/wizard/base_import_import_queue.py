import csv

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype

from ..tools.import_files import iter_csv, iter_xlsx
from ..tools.import_rows import shown

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BaseImportImport(models.TransientModel):
    """Hands files of customers to the background, where their length does not matter."""

    _inherit = "base_import.import"

    def crm_enqueue(self, fields, columns, options, test=False):
        """Look through or import a file of a known form in the background.

        :param list fields: the field of each column, or False
        :param list columns: the headings
        :param dict options: of the import screen
        :param bool test: write nothing; the journal says what would become of each row
        :return: the id of the journal that shows the progress; False when the file has no form
            that is imported so, and the import screen does it
        """
        self.ensure_one()
        profile, found = self._choose_profile(fields, columns, options)
        if profile is None or not profile._import_queued:
            return False
        self.env[self.res_model].check_access("create")
        return self.env["crm.import.log"]._enqueue(self, profile, found, options, fields, test).id

    def _iter_file(self, options):
        """Yield the rows of the file, headings first, as ``(number, texts)``.

        Text files and workbooks are read row by row; older forms by the host, as a whole.

        :raise UserError: the file cannot be read
        """
        data = self.file or b""
        try:
            if guess_mimetype(data) == WORKBOOK:
                yield from iter_xlsx(data, options.get("sheet") or "")
            elif options.get("encoding") and options.get("separator"):
                yield from iter_csv(
                    data, options["encoding"], options.get("quoting") or '"', options["separator"]
                )
            else:
                _length, lines = self._read_file(options)
                numbers = self._get_row_numbers(options, lines)
                for number, line in zip(numbers, lines, strict=True):
                    yield number, [shown(cell) for cell in line]
        except (UnicodeDecodeError, csv.Error) as error:
            raise UserError(
                self.env._(
                    "The file cannot be read to its end (%s). Check the encoding and the separator"
                    " in the import screen.",
                    error,
                )
            ) from error
