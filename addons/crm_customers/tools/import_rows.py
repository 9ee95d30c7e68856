"""Reading the rows of an imported file, without a database.

A profile names the columns of one form of file. The functions here find those columns whatever
their order, turn cells into values, and say for each row what is wrong with it. Every finding is
a code with the row number, the column and the value; words are the caller's.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

# Formats tried when the format chosen in the import screen does not fit a cell.
ISO_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
SEPARATORS = re.compile(r"[\s_\-]+")
# A cell of a text file that begins so is a formula to a spreadsheet; an apostrophe forbids it.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """One column of a form of file.

    :param name: the heading, in lower case with underscores
    :param path: the field the import screen shows for it
    :param kind: ``text``, ``date`` or ``amount`` (a number that is not negative)
    :param required: a row without a value in it is refused
    :param identifies: a file has this form only when the column is there
    :param aliases: other headings it is known by
    """

    name: str
    path: str
    kind: str = "text"
    required: bool = False
    identifies: bool = False
    aliases: tuple[str, ...] = ()

    def title(self, chinese: bool) -> str:
        """The heading that templates give the column; the first alias is the Chinese one."""
        return self.aliases[0] if chinese else self.name.replace("_", " ").title()


@dataclass(frozen=True)
class Finding:
    """What is to be said about one cell: refused, or used otherwise than written."""

    code: str
    column: str = ""
    value: str = ""
    refused: bool = True
    used: str = ""


@dataclass
class Row:
    """A row of the file and what becomes of it.

    :param number: the row as a spreadsheet counts it, the headings being row 1
    :param cells: all its cells
    :param values: by column name, the value
    :param texts: by column name, what is written there
    :param extras: values of further fields that the user gave columns to
    :param outcome: ``created``, ``updated``, ``unchanged``, or empty when it did not come in
    :param record_id: the record it became
    """

    number: int
    cells: list
    values: dict = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    extras: dict = field(default_factory=dict)
    outcome: str = ""
    record_id: int | None = None

    @property
    def refused(self) -> bool:
        """Whether a finding keeps the row out."""
        return any(finding.refused for finding in self.findings)

    def refuse(self, code: str, column: str = "", used: str = "") -> None:
        """Keep the row out because of one of its cells; ``used`` carries a detail."""
        text = self.texts.get(column, "")
        self.findings.append(Finding(code, column, text, refused=True, used=used))

    def adjust(self, code: str, column: str, used: str = "") -> None:
        """Note that a cell is used otherwise than it is written."""
        text = self.texts.get(column, "")
        self.findings.append(Finding(code, column, text, refused=False, used=used))


@dataclass(frozen=True)
class Formats:
    """How dates and numbers are written in the file, as chosen in the import screen."""

    dates: tuple[str, ...] = ()
    thousands: str = ","
    decimal: str = "."


@dataclass
class Sheet:
    """A file of a known form and the part of its rows to take in now."""

    headings: list[str]
    rows: list[Row]
    start: int = 0
    stop: int = 0

    @property
    def window(self) -> list[Row]:
        """The rows to take in now."""
        return self.rows[self.start : self.stop]

    @property
    def good(self) -> list[Row]:
        """Those of them that nothing keeps out so far."""
        return [row for row in self.window if not row.refused]

    def count_outcomes(self) -> dict[str, int]:
        """The numbers of rows of the window by what became of them.

        ``adjusted`` are those that came in although there is something to say about them.
        """
        rows = self.window
        outcomes = [row.outcome for row in rows if not row.refused]
        return {
            "created": outcomes.count("created"),
            "updated": outcomes.count("updated"),
            "unchanged": outcomes.count("unchanged"),
            "refused": len(rows) - len(outcomes),
            "adjusted": sum(bool(row.findings) and not row.refused for row in rows),
        }

    def words(self, column: str, rows: Iterable[Row] | None = None) -> list[str]:
        """The different values of a column, in the order of the rows."""
        values = (row.values.get(column) for row in (self.window if rows is None else rows))
        return list(dict.fromkeys(value for value in values if isinstance(value, str) and value))


@dataclass
class Entry:
    """A record as a row wants it.

    :param name: external name inside the module of imported records
    :param values: fields that must have these values from now on
    :param first: further fields for a record that does not exist yet
    """

    row: Row
    name: str
    values: dict
    first: dict = field(default_factory=dict)
    record_id: int | None = None
    outcome: str = ""


def shown(value) -> str:
    """A value as text for people: nothing is empty text, a date is written the ISO way."""
    if value is None or value is False:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return str(value)


def heading(text) -> str:
    """A heading in the form columns are named: ``Opportunity ID`` gives ``opportunity_id``."""
    plain = unicodedata.normalize("NFKC", shown(text)).strip().strip("\ufeff").casefold()
    return SEPARATORS.sub("_", plain)


def fold(name: str) -> str:
    """A name without spaces, letter case and full-width forms, to compare names by."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", name)).casefold()


def find_columns(columns: Iterable[Column], headings: Sequence[str]) -> dict[int, Column]:
    """Which column stands where; empty when the file does not have the form.

    A heading is known by its column's name or an alias; of a repeated one the first counts.
    """
    columns = list(columns)
    known = {heading(name): column for column in columns for name in (column.name, *column.aliases)}
    found: dict[int, Column] = {}
    for index, text in enumerate(headings):
        column = known.get(heading(text))
        if column and column not in found.values():
            found[index] = column
    if all(column in found.values() for column in columns if column.identifies):
        return found
    return {}


def parse_date(value, formats: Iterable[str] = ()) -> date | None:
    """The date in a cell, or None. A time of day is dropped."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return next(filter(None, (_strptime(value, text) for text in (*formats, *ISO_DATES))), None)


@lru_cache(maxsize=4096)
def _strptime(text: str, pattern: str) -> date | None:
    try:
        return datetime.strptime(text.strip(), pattern).date()
    except ValueError:
        return None


def parse_number(value, thousands: str = ",", decimal: str = ".") -> float | None:
    """The number in a cell, or None.

    A currency sign is dropped; a minus sign in front or behind, or brackets, mean negative.
    Digits are grouped by threes or not at all: ``12,5`` is no number where the comma groups.
    """
    text = "".join(
        char
        for char in unicodedata.normalize("NFKC", shown(value))
        if unicodedata.category(char) not in ("Sc", "Zs")
    )
    bracketed = text.startswith("(") and text.endswith(")")
    negative = bracketed or text.startswith("-") or text.endswith("-")
    if bracketed:
        digits = text[1:-1]
    elif text.endswith("-"):
        digits = text[:-1]
    else:
        digits = re.sub(r"^[+-]", "", text)
    point = re.escape(decimal)
    whole = rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|\d+" if thousands else r"\d+"
    if not re.fullmatch(rf"(?:{whole})(?:{point}\d+)?|{point}\d+", digits, re.ASCII):
        return None
    if thousands:
        digits = digits.replace(thousands, "")
    number = float(digits.replace(decimal, "."))
    return -number if negative else number


def parse_cell(column: Column, value, formats: Formats) -> tuple[object, str]:
    """The value of a cell and the code of what is wrong with it, if anything."""
    if isinstance(value, str):
        value = value.strip()
        if value[:1] == "'" and value[1:].startswith(FORMULA_SIGNS):
            value = value[1:]
    if value in ("", None):
        return None, "missing" if column.required else ""
    if column.kind == "date":
        parsed = parse_date(value, formats.dates)
        return (parsed, "") if parsed else (value, "not_a_date")
    if column.kind == "amount":
        number = parse_number(value, formats.thousands, formats.decimal)
        if number is None:
            return value, "not_a_number"
        return number, "negative" if number < 0 else ""
    return shown(value), ""


def read_rows(
    found: dict[int, Column], cells: Sequence[Sequence], numbers: Sequence[int], formats: Formats
) -> list[Row]:
    """The rows of a file with their values and what is wrong with them.

    :param found: where the columns stand, from :func:`find_columns`
    :param cells: the rows without the headings
    :param numbers: the number of each row in the file
    """
    width = max(found) + 1
    rows = []
    for number, line in zip(numbers, cells, strict=True):
        row = Row(number, list(line))
        padded = [*line, *[""] * (width - len(line))]
        for index, column in found.items():
            value, code = parse_cell(column, padded[index], formats)
            row.values[column.name] = value
            row.texts[column.name] = shown(padded[index])
            if code:
                row.refuse(code, column.name)
        rows.append(row)
    return rows


def refuse_repeated(rows: Iterable[Row], key: str) -> None:
    """Refuse every row whose key an earlier row of the same file has."""
    first: dict[str, int] = {}
    for row in rows:
        value = row.values.get(key)
        if value is None:
            continue
        if value in first:
            row.refuse("repeated", key, used=str(first[value]))
        else:
            first[value] = row.number


def external_name(*parts) -> str:
    """Parts of a key as a name without spaces that no other key gives.

    Letters of every script, digits and ``-`` stay; everything else becomes its code point.
    """
    return "_".join(
        re.sub(r"[^\w-]|_", lambda match: f"={ord(match[0]):x}=", shown(part)) for part in parts
    )


def free_login(name, taken):
    """A login made of a name: ``Zoë Li`` gives ``zoe.li``, or ``zoe.li2`` when that is taken."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    base = re.sub(r"[^\w]+", ".", plain).strip(".") or "user"
    number, login = 1, base
    while login in taken:
        number += 1
        login = f"{base}{number}"
    return login


class NameIndex:
    """Known names, to find the one that is meant.

    ``match`` finds a name as it is written first; else the only one that is equal without spaces
    and letter case.
    """

    def __init__(self, names: Iterable[tuple[int, str]]):
        """Take pairs of id and name."""
        self._exact: dict[str, set[int]] = {}
        self._folded: dict[str, set[int]] = {}
        self._names: dict[int, str] = {}
        for identifier, name in names:
            self.add(identifier, name)

    def name(self, identifier: int) -> str:
        """The name an id was first given with."""
        return self._names[identifier]

    def add(self, identifier: int, name: str) -> None:
        """Learn one more name; an id may have several, empty ones do not count."""
        if not name:
            return
        self._exact.setdefault(name, set()).add(identifier)
        self._folded.setdefault(fold(name), set()).add(identifier)
        self._names.setdefault(identifier, name)

    def join(self, other: "NameIndex") -> None:
        """Learn all the names of another index."""
        for mine, theirs in ((self._exact, other._exact), (self._folded, other._folded)):
            for name, found in theirs.items():
                mine.setdefault(name, set()).update(found)
        self._names = other._names | self._names

    def settle(self, name: str, identifier: int) -> None:
        """Let a name mean this id from now on, whoever else has it."""
        self._exact[name] = {identifier}
        self._names[identifier] = name

    def closest(self, name: str, likeness: float = 0.93) -> int | None:
        """The id whose name is nearly spelt like this one, when there is only one."""
        near = difflib.get_close_matches(fold(name), self._folded, n=2, cutoff=likeness)
        found = set().union(*(self._folded[text] for text in near))
        return next(iter(found)) if len(found) == 1 else None

    def match(self, name: str) -> tuple[int | None, str]:
        """Return ``(id, how)``; how is ``exact``, ``folded``, ``ambiguous`` or ``unknown``."""
        for names, how, key in (
            (self._exact, "exact", name),
            (self._folded, "folded", fold(name)),
        ):
            found = names.get(key, ())
            if len(found) == 1:
                return next(iter(found)), how
            if found:
                return None, "ambiguous"
        return None, "unknown"
