"""Reading files of any length row by row and writing rows as files, without a database.

A file is never held as rows: memory stays the same for five thousand rows and for fifty thousand.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import openpyxl
import xlsxwriter

from .import_rows import FORMULA_SIGNS, shown

NumberedRow = tuple[int, list[str]]


def iter_csv(data: bytes, encoding: str, quote: str, separator: str) -> Iterator[NumberedRow]:
    """The rows of a text file that hold anything, numbered as a spreadsheet counts them.

    :raise UnicodeDecodeError: when the bytes are not of this encoding
    """
    with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as text:
        for number, row in enumerate(csv.reader(text, quotechar=quote, delimiter=separator), 1):
            if any(cell.strip() for cell in row):
                yield number, row


def iter_xlsx(data: bytes, sheet: str = "") -> Iterator[NumberedRow]:
    """The rows of a workbook's sheet that hold anything; days are written the ISO way."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        page = book[sheet] if sheet in book.sheetnames else book[book.sheetnames[0]]
        for number, values in enumerate(page.iter_rows(values_only=True), 1):
            row = [shown(value).removesuffix(" 00:00:00") for value in values]
            if any(cell.strip() for cell in row):
                yield number, row
    finally:
        book.close()


def batches(rows: Iterable, size: int) -> Iterator[list]:
    """Rows in lists of at most ``size``."""
    rows = iter(rows)
    while part := list(islice(rows, size)):
        yield part


def guarded(text: str) -> str:
    """A cell that a spreadsheet would take for a formula, with the apostrophe that forbids it.

    The import takes the apostrophe off again.
    """
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as a text file that spreadsheets open with the right letters; no cell is a formula."""
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    writer.writerow(headings)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + output.getvalue().encode()


def write_xlsx(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as a workbook, written to disk row by row, every cell as text."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        page.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for column, heading in enumerate(headings):
            page.set_column(column, column, min(40, max(12, 2 * len(heading))))
            page.write_string(0, column, heading, bold)
        for line, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                page.write_string(line, column, cell)
    return output.getvalue()


def write_book(pages: Iterable[tuple[str, Sequence[str], Iterable[Sequence[str]]]]) -> bytes:
    """Tables as a workbook with a sheet each, every cell as text.

    :param pages: ``(title, headings, rows)``; titles are cut to what a spreadsheet takes
    """
    output = io.BytesIO()
    with xlsxwriter.Workbook(output) as book:
        bold = book.add_format({"bold": True})
        taken: set[str] = set()
        for title, headings, rows in pages:
            plain = "".join(sign for sign in title if sign not in "[]:*?/\\'")
            name = plain[:31]
            while name.lower() in taken:
                name = f"{plain[:27]} {len(taken) + 1}"
            taken.add(name.lower())
            page = book.add_worksheet(name)
            page.freeze_panes(1, 0)
            for column, heading in enumerate(headings):
                page.set_column(column, column, min(60, max(14, 2 * len(heading))))
                page.write_string(0, column, heading, bold)
            for line, row in enumerate(rows, 1):
                for column, cell in enumerate(row):
                    # a cell of a spreadsheet holds so much and no more
                    page.write_string(line, column, cell[:32767])
        if not taken:
            book.add_worksheet()
    return output.getvalue()


WRITERS = {"csv": write_csv, "xlsx": write_xlsx}
