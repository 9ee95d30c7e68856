"""Febrl data set 1: a list of 1,000 persons, 500 of them twice."""

from collections.abc import Iterator

from . import febrl
from .dedupe import Records, quality, read_rows, truth_of
from .formats import number

NAME = "febrl1"
FILES = {"persons": "febrl_dataset1.csv"}


def load(session, paths) -> Records:
    """Import the persons and scan for duplicates."""
    records = Records(session, NAME)
    rows = read_rows(paths["persons"])
    records.load((row["rec_id"], febrl.as_person(row), row) for row in rows)
    records.scan()
    return records


def figures(session, records) -> Iterator[tuple[str, str, str]]:
    """The records, the keys they share, and the pairs called sure."""
    truth = truth_of(records.rows, febrl.entity)
    entities = {febrl.entity(key) for key in records.rows}
    yield "records", "all", number(records.log.created_count)
    yield "entities", "all", number(len(entities))
    yield "entities_with_duplicates", "all", number(len(truth))
    yield "true_pairs", "all", number(len(truth))
    yield from febrl.equal_keys(records, truth)
    yield from quality(records, records.found_pairs(), truth)
