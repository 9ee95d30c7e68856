"""What the data sets of duplicates have in common: import, scan, and how well pairs were found."""

import csv
import gzip
import itertools
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from .formats import number

Row = dict[str, str]


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV file, headings and cells without blanks around them."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        return [
            {heading.strip(): cell.strip() for heading, cell in row.items()}
            for row in csv.DictReader(file)
        ]


class Records:
    """The records that a data set became, by their number in it."""

    def __init__(self, session, name: str):
        """Take the session that imports and the name that goes before each number."""
        self.session, self.name = session, name
        self.ids: dict[str, int] = {}
        self.rows: dict[str, Row] = {}
        self.log = None
        self.seconds = 0.0

    def load(self, rows: Iterable[tuple[str, Row, Row]], **options) -> None:
        """Import rows in the product's own form, as a person would, then scan.

        :param rows: number, the row under the headings of a template, the row of the data set
        """
        rows = list(rows)
        headings = list(dict.fromkeys(name for _key, row, _source in rows for name in row))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{self.name}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, ["reference", *headings], restval="")
                writer.writeheader()
                writer.writerows(
                    {"reference": f"{self.name}/{key}", **row} for key, row, _source in rows
                )
            env = self.session.manager
            totals = self.session.import_file(env, "res.partner", path, **options)
        self.log = env["crm.import.log"].browse(totals["log_id"])
        for partner in env["res.partner"].search([("ref", "=like", f"{self.name}/%")]):
            self.ids[partner.ref.removeprefix(f"{self.name}/")] = partner.id
        self.rows |= {key: source for key, _row, source in rows if key in self.ids}

    def scan(self) -> None:
        """Let the product compare what is new, and note how long it took."""
        start = time.monotonic()
        while self.session.env["crm.dup.scan"]._scan_step():
            self.session.after_step()
        self.seconds = time.monotonic() - start
        print(f"  {self.name}: scanned in {self.seconds:.2f} s")

    def found_pairs(self, level: str | None = "sure") -> set[tuple[str, str]]:
        """The pairs that the product calls sure, as two numbers of the data set, lower id first."""
        names = {identifier: key for key, identifier in self.ids.items()}
        domain = [("partner_id", "in", list(names)), ("other_id", "in", list(names))]
        if level:
            domain.append(("level", "=", level))
        pairs = self.session.manager["crm.dup.pair"].search(domain)
        return {(names[pair.partner_id.id], names[pair.other_id.id]) for pair in pairs}

    def equal_pairs(self, *kinds: str) -> set[tuple[str, str]]:
        """The pairs that have the product's keys of all these kinds in common."""
        names = {identifier: key for key, identifier in self.ids.items()}
        groups = self.session.env["crm.dup.key"]._read_group(
            [("kind", "in", kinds), ("partner_id", "in", list(names))],
            ["kind", "key"],
            ["partner_id:array_agg"],
            having=[("__count", ">", 1)],
        )
        found = Counter(
            pair
            for _kind, _key, ids in groups
            for pair in itertools.combinations(sorted(set(ids)), 2)
        )
        return {(names[one], names[other]) for (one, other), n in found.items() if n == len(kinds)}

    def equal_fields(self, *fields: str) -> set[tuple[str, str]]:
        """The pairs whose fields of the record are equal and not empty."""
        names = {identifier: key for key, identifier in self.ids.items()}
        groups = self.session.manager["res.partner"]._read_group(
            [("id", "in", list(names)), *((field, "!=", False) for field in fields)],
            [f"{field}:day" if field == "crm_birthdate" else field for field in fields],
            ["id:array_agg"],
            having=[("__count", ">", 1)],
        )
        return {
            (names[one], names[other])
            for *_values, ids in groups
            for one, other in itertools.combinations(sorted(ids), 2)
        }


def truth_of(rows: dict[str, Row], entity: Callable[[str], str]) -> set[frozenset]:
    """The pairs of numbers that the data set says are one entity; groups of two only."""
    groups: dict[str, list[str]] = {}
    for key in rows:
        groups.setdefault(entity(key), []).append(key)
    return {frozenset(keys) for keys in groups.values() if len(keys) == 2}


def quality(records: Records, found: set, truth: set[frozenset]) -> Iterator[tuple[str, str, str]]:
    """How good the found pairs are: counts, precision, recall, F1, and the scan's seconds."""
    found = {frozenset(pair) for pair in found}
    right = len(found & truth)
    precision = right / len(found) if found else 0.0
    recall = right / len(truth) if truth else 0.0
    f1 = 2 * right / (len(found) + len(truth)) if found or truth else 0.0
    yield "found_pairs", "all", number(len(found))
    yield "true_found_pairs", "all", number(right)
    yield "precision", "all", number(precision)
    yield "recall", "all", number(recall)
    yield "f1", "all", number(f1)
    yield "seconds", "all", number(round(records.seconds, 3))
    print(
        f"  {records.name}: {len(found)} pairs found, {right} true,"
        f" precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}"
    )
