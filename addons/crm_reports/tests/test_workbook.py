"""The workbook is made from a payload alone; no database is needed."""

import io
import unittest
import zipfile

from openpyxl import load_workbook

from ..tools.workbook import FIRST_ROW, DashboardWorkbook, Words, sheet_names

WORDS = Words(*[name.title() for name in Words._fields])
CNY = {"symbol": "¥", "position": "before", "decimal_places": 2, "name": "CNY", "id": 1}
EVIL = ("=1+1", "+SUM(A1)", "-2", '@cmd|"/c calc"!A1', "\t=1")


def tile(**values):
    """Return the payload of a tile with two rows and one amount."""
    return {
        "name": "Won",
        "description": "",
        "chart_type": "bar",
        "stacked": False,
        "columns": [{"key": "m", "label": "Value", "kind": "amount", "additive": True}],
        "rows": [
            {"label": "Jan", "cells": [{"value": 10.5, "domain": []}]},
            {"label": "Feb", "cells": [{"value": 20.25, "domain": []}]},
        ],
        "totals": [{"value": 30.75, "domain": []}],
        "count": 2,
        "currency": CNY,
        "rate_basis": "",
        "as_of": "2026-11-20",
        "dated": True,
        "previous": False,
        "ignored_labels": [],
        "group_label": "Month",
        **values,
    }


def payload(*tiles, **values):
    return {
        "name": "Board",
        "description": "",
        "filter_labels": [["Period", "All Time"], ["Company", "Suite"]],
        "as_of": "2026-11-20",
        "generated_at": "2026-11-20 12:00",
        "user": "Li Na",
        "tiles": list(tiles),
        **values,
    }


def build(*tiles, **values):
    """Return the bytes of the workbook and the workbook as a spreadsheet program reads it."""
    content = DashboardWorkbook(payload(*tiles, **values), WORDS).build()
    return content, load_workbook(io.BytesIO(content))


class TestWorkbook(unittest.TestCase):
    def test_sheet_names_are_legal_unique_and_at_most_31_characters(self):
        long, other = "A" * 40, "a" * 40
        titles = [long, long, other, "Q1/Q2: [x]*?!", "'quoted'", "", "History", "应收账款"]
        names = sheet_names(titles)
        self.assertEqual(len({name.lower() for name in names}), len(titles))
        self.assertTrue(all(1 <= len(name) <= 31 for name in names), names)
        self.assertFalse(any(set(name) & set("[]:*?/\\!") for name in names), names)
        self.assertFalse(any(name[0] == "'" or name[-1] == "'" for name in names), names)
        self.assertEqual(names[-1], "应收账款")

    def test_each_tile_has_a_sheet_and_the_overview_links_to_it(self):
        _content, book = build(tile(name="One"), tile(name="Two"))
        self.assertEqual(book.sheetnames, ["Overview", "One", "Two"])
        links = [
            cell.hyperlink.location for row in book["Overview"] for cell in row if cell.hyperlink
        ]
        self.assertEqual(links, ["'One'!A1", "'Two'!A1"])

    def test_figures_are_numbers_and_the_filters_are_printed(self):
        _content, book = build(tile())
        cells = [row[1].value for row in book["Won"].iter_rows(min_row=FIRST_ROW + 1, max_col=2)]
        self.assertEqual(cells, [10.5, 20.25, 30.75])
        texts = [cell.value for row in book["Overview"] for cell in row]
        for text in ("All Time", "Suite", "2026-11-20", "Li Na"):
            self.assertIn(text, texts)

    def test_text_is_never_a_formula(self):
        for text in EVIL:
            content, book = build(
                tile(
                    name=text,
                    rows=[{"label": text, "cells": [{"value": 1, "domain": []}]}],
                    group_label=text,
                ),
                name=text,
                user=text,
            )
            for sheet in book:
                for row in sheet:
                    self.assertNotIn("f", [cell.data_type for cell in row], text)
            archive = zipfile.ZipFile(io.BytesIO(content))
            sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
            self.assertFalse(any(b"<f>" in archive.read(name) for name in sheets), text)

    def test_every_chart_type_becomes_a_native_chart(self):
        kinds = ("bar", "bar_horizontal", "line", "pie", "funnel")
        content, book = build(*[tile(name=kind, chart_type=kind) for kind in kinds])
        charts = [
            name
            for name in zipfile.ZipFile(io.BytesIO(content)).namelist()
            if name.startswith("xl/charts/chart")
        ]
        self.assertEqual(len(charts), len(kinds))
        self.assertTrue(all(len(book[kind]._charts) == 1 for kind in kinds))

    def test_a_figure_or_a_table_needs_no_chart(self):
        content, _book = build(tile(chart_type="kpi", rows=[]), tile(name="T", chart_type="table"))
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        self.assertFalse([name for name in names if name.startswith("xl/charts/")])

    def test_a_tile_that_cannot_be_shown_says_why(self):
        _content, book = build(
            {"name": "Locked", "description": "", "error": {"kind": "access", "message": "No."}}
        )
        self.assertIn("No.", [cell.value for row in book["Locked"] for cell in row])

    def test_nothing_is_written_as_a_dash_and_not_as_zero(self):
        _content, book = build(
            tile(
                columns=[{"key": "m", "label": "Rate", "kind": "percent", "additive": False}],
                rows=[{"label": "A", "cells": [{"value": None, "domain": []}]}],
                totals=[{"value": None, "domain": []}],
            )
        )
        self.assertEqual(book["Won"].cell(FIRST_ROW + 1, 2).value, "–")

    def test_thousands_of_rows_are_all_written(self):
        rows = [{"label": f"R{i}", "cells": [{"value": i, "domain": []}]} for i in range(5000)]
        _content, book = build(tile(rows=rows))
        self.assertEqual(book["Won"].max_row, FIRST_ROW + 5000 + 1)
