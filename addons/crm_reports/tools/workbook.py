"""A dashboard as an Excel workbook with native charts: no database, only the provider's payload."""

import io
import re
from typing import NamedTuple

import xlsxwriter

#: Series colours, the same as on the screen (``static/src/dashboard/palette.js``).
PALETTE = ("#2F6FB3", "#3FA796", "#E0A03C", "#C8576B", "#7A6FB0", "#8A94A6", "#5FA8D3", "#A3B86C")

# A chart with more categories is unreadable; the table beside it has them all.
CHART_ROWS = 40
MANY_ROWS = 20_000
SHEET_NAME_LENGTH = 31
FIRST_ROW = 5

_CHARTS = {
    "bar": "column",
    "bar_horizontal": "bar",
    "funnel": "bar",
    "line": "line",
    "pie": "doughnut",
}


class Words(NamedTuple):
    """The texts of the workbook in the language of its reader."""

    overview: str
    tile: str
    figure: str
    value: str
    total: str
    as_of: str
    generated: str
    user: str
    rate_basis: str
    previous: str
    not_filtered: str
    no_records: str


def sheet_names(titles):
    """Return one legal and unique worksheet name for each title, in order.

    Excel allows 31 characters, none of ``[]:*?/\\``, no apostrophe at the ends, and compares names
    without letter case; ``!`` ends a name in the references of a chart.
    """
    taken = {"history"}
    names = []
    for title in titles:
        base = re.sub(r"[\[\]:*?/\\!\x00-\x1f]", " ", title).strip().strip("'").strip() or "-"
        name, number = base[:SHEET_NAME_LENGTH].rstrip(" '"), 1
        while name.lower() in taken:
            number += 1
            suffix = f" {number}"
            name = base[: SHEET_NAME_LENGTH - len(suffix)].rstrip() + suffix
        taken.add(name.lower())
        names.append(name)
    return names


class DashboardWorkbook:
    """Writes the payload of ``crm.dashboard._get_payload`` as one workbook.

    Figures are numbers, everything else is text: no cell is ever a formula, whatever a user has
    called his records. Memory does not grow with the rows beyond :data:`MANY_ROWS`.

    :param dict payload: of a dashboard, with all rows
    :param Words words: texts in the reader's language
    """

    def __init__(self, payload, words):
        self.payload = payload
        self.words = words
        self.buffer = io.BytesIO()
        rows = sum(len(tile.get("rows", ())) for tile in payload["tiles"])
        self.book = xlsxwriter.Workbook(
            self.buffer,
            {
                # Charts then carry no copy of their numbers, which only previews miss.
                "constant_memory": rows > MANY_ROWS,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        self.formats = {}

    def build(self):
        """Return the bytes of the ``.xlsx`` file."""
        tiles = self.payload["tiles"]
        names = sheet_names([self.words.overview, *(tile["name"] for tile in tiles)])
        self._write_overview(self.book.add_worksheet(names[0]), names[1:])
        for tile, name in zip(tiles, names[1:], strict=True):
            self._write_tile(self.book.add_worksheet(name), name, tile)
        self.book.set_properties({"title": self.payload["name"], "author": self.payload["user"]})
        self.book.close()
        return self.buffer.getvalue()

    # -- sheets ------------------------------------------------------------------------------

    def _write_overview(self, sheet, names):
        payload, words = self.payload, self.words
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 30)
        sheet.set_column(2, 2, 22)
        self._text(sheet, 0, 0, payload["name"], "title")
        self._text(sheet, 1, 0, payload["description"], "note")
        facts = [
            *payload["filter_labels"],
            [words.as_of, payload["as_of"]],
            [words.generated, payload["generated_at"]],
            [words.user, payload["user"]],
        ]
        bases = {tile["rate_basis"] for tile in payload["tiles"] if tile.get("rate_basis")}
        facts += [[words.rate_basis, basis] for basis in sorted(bases)]
        row = 3
        for label, value in facts:
            self._text(sheet, row, 0, label, "label")
            self._text(sheet, row, 1, value)
            row += 1
        row += 1
        for column, label in enumerate((words.tile, words.figure, words.value)):
            self._text(sheet, row, column, label, "header")
        for tile, name in zip(payload["tiles"], names, strict=True):
            row = self._write_overview_tile(sheet, row + 1, tile, name)

    def _write_overview_tile(self, sheet, row, tile, name):
        """Write the totals of a tile and return the last row used."""
        target = "internal:'{}'!A1".format(name.replace("'", "''"))
        sheet.write_url(row, 0, target, self._format("link"), string=tile["name"])
        if tile.get("error"):
            self._text(sheet, row, 1, tile["error"]["message"], "note")
            return row
        for offset, (column, total) in enumerate(zip(tile["columns"], tile["totals"], strict=True)):
            self._text(sheet, row + offset, 1, column["label"])
            self._number(sheet, row + offset, 2, total["value"], column, tile)
        return row + max(len(tile["columns"]) - 1, 0)

    def _write_tile(self, sheet, name, tile):
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 30)
        self._text(sheet, 0, 0, tile["name"], "title")
        self._text(sheet, 1, 0, tile["description"], "note")
        if tile.get("error"):
            self._text(sheet, 3, 0, tile["error"]["message"], "note")
            return
        sheet.set_column(1, max(len(tile["columns"]), 1), 18)
        self._text(sheet, 2, 0, self._describe_time(tile), "note")
        self._text(sheet, 3, 0, tile["rate_basis"] or self._describe_ignored(tile), "note")
        self._write_table(sheet, tile)
        if tile["rows"] and tile["chart_type"] in _CHARTS:
            self._insert_chart(sheet, name, tile)

    def _write_table(self, sheet, tile):
        self._text(sheet, FIRST_ROW - 1, 0, tile["group_label"], "header")
        for index, column in enumerate(tile["columns"], 1):
            self._text(sheet, FIRST_ROW - 1, index, column["label"], "header_number")
        row = FIRST_ROW
        for line in tile["rows"]:
            self._text(sheet, row, 0, line["label"])
            for index, cell in enumerate(line["cells"], 1):
                self._number(sheet, row, index, cell["value"], tile["columns"][index - 1], tile)
            row += 1
        self._text(sheet, row, 0, self.words.total, "total")
        for index, (total, column) in enumerate(
            zip(tile["totals"], tile["columns"], strict=True), 1
        ):
            self._number(sheet, row, index, total["value"], column, tile, "total")
        if tile["previous"]:
            row += 1
            self._text(sheet, row, 0, self._describe_previous(tile), "note")
            for index, total in enumerate(tile["previous"]["totals"], 1):
                self._number(sheet, row, index, total["value"], tile["columns"][index - 1], tile)
        if not tile["count"]:
            self._text(sheet, row + 1, 0, self.words.no_records, "note")

    def _insert_chart(self, sheet, name, tile):
        kind = tile["chart_type"]
        options = {"type": _CHARTS[kind]}
        if tile["stacked"] and kind in ("bar", "bar_horizontal"):
            options["subtype"] = "stacked"
        chart = self.book.add_chart(options)
        last = FIRST_ROW + min(len(tile["rows"]), CHART_ROWS) - 1
        for index, column in enumerate(tile["columns"], 1):
            chart.add_series(self._get_series(name, index, column, last, kind, tile))
            if kind == "pie":
                chart.set_hole_size(60)
                break
        # The title is the text of a cell: written directly, "=…" would become a formula.
        chart.set_title({"name": [name, 0, 0], "name_font": {"size": 12, "bold": True}})
        chart.set_size({"width": 720, "height": 380})
        chart.set_legend(
            {"position": "bottom"} if kind == "pie" or len(tile["columns"]) > 1 else {"none": True}
        )
        if kind in ("bar_horizontal", "funnel"):
            chart.set_y_axis({"reverse": True})
            chart.set_x_axis({"major_gridlines": {"visible": True, "line": {"color": "#E5E7EB"}}})
        elif kind != "pie":
            chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#E5E7EB"}}})
        sheet.insert_chart(FIRST_ROW - 1, len(tile["columns"]) + 2, chart)

    def _get_series(self, name, index, column, last, kind, tile):
        series = {
            "name": [name, FIRST_ROW - 1, index],
            "categories": [name, FIRST_ROW, 0, last, 0],
            "values": [name, FIRST_ROW, index, last, index],
        }
        color = PALETTE[(index - 1) % len(PALETTE)]
        if kind == "line":
            series["line"] = {"color": color, "width": 2.25}
            series["marker"] = {"type": "circle", "size": 5, "fill": {"color": color}}
        elif kind == "pie":
            series["points"] = [
                {"fill": {"color": PALETTE[row % len(PALETTE)]}} for row in range(len(tile["rows"]))
            ][:CHART_ROWS]
        else:
            series["fill"] = {"color": color}
            series["gap"] = 20 if kind == "funnel" else 60
        return series

    # -- texts -------------------------------------------------------------------------------

    def _describe_time(self, tile):
        if tile["dated"]:
            return ": ".join(self.payload["filter_labels"][0])
        return f"{self.words.as_of}: {tile['as_of']}"

    def _describe_previous(self, tile):
        return f"{self.words.previous} {tile['previous']['label']}"

    def _describe_ignored(self, tile):
        if not tile["ignored_labels"]:
            return ""
        return f"{self.words.not_filtered}: {', '.join(tile['ignored_labels'])}"

    # -- cells -------------------------------------------------------------------------------

    def _text(self, sheet, row, column, value, style="text"):
        """Write ``value`` as text, even when a spreadsheet would take it for a formula."""
        text = str(value or "")
        if not text:
            return
        sheet.write_string(row, column, text, self._format(style, quoted=text[0] in "=+-@\t\r"))

    def _number(self, sheet, row, column, value, definition, tile, style="text"):
        if value is None:
            self._text(sheet, row, column, "–", style)
            return
        sheet.write_number(
            row, column, value, self._format(style, number=self._number_format(definition, tile))
        )

    def _number_format(self, definition, tile):
        kind = definition["kind"]
        if kind == "amount":
            places = tile["currency"]["decimal_places"]
            digits = "#,##0" + ("." + "0" * places if places else "")
            symbol = '"{}"'.format(tile["currency"]["symbol"].replace('"', ""))
            if tile["currency"]["position"] == "after":
                return f"{digits} {symbol}"
            return f"{symbol}{digits}"
        return {"integer": "#,##0", "percent": '0.00"%"'}.get(kind, "#,##0.00")

    def _format(self, style, number=None, quoted=False):
        key = (style, number, quoted)
        if key not in self.formats:
            properties = {
                "text": {},
                "title": {"bold": True, "font_size": 14},
                "note": {"font_color": "#6B7280"},
                "label": {"font_color": "#6B7280"},
                "header": {"bold": True, "bg_color": "#EEF2F7", "bottom": 1},
                "header_number": {
                    "bold": True, "bg_color": "#EEF2F7", "bottom": 1, "align": "right",
                },
                "total": {"bold": True, "top": 1},
                "link": {"font_color": "#2F6FB3", "underline": 1},
            }[style]  # fmt: skip
            extra = {"quote_prefix": True} if quoted else {}
            if number:
                extra["num_format"] = number
            self.formats[key] = self.book.add_format({**properties, **extra})
        return self.formats[key]
