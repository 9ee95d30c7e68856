"""Febrl data set 4: two lists of 5,000 persons each, to be linked."""

from collections.abc import Iterator

from . import febrl
from .dedupe import Records, quality, read_rows, truth_of
from .formats import number

NAME = "febrl4"
FILES = {"a": "febrl_dataset4a.csv", "b": "febrl_dataset4b.csv"}


def load(session, paths) -> Records:
    """Import both lists and scan for duplicates."""
    records = Records(session, NAME)
    for source in ("a", "b"):
        rows = read_rows(paths[source])
        records.load(
            (row["rec_id"], febrl.as_person(row), row | {"source": source}) for row in rows
        )
    records.scan()
    return records


def figures(session, records) -> Iterator[tuple[str, str, str]]:
    """The records by list, the keys that the lists share, and the links called sure."""

    def across(pair) -> bool:
        return records.rows[pair[0]]["source"] != records.rows[pair[1]]["source"]

    truth = truth_of(records.rows, febrl.entity)
    for source in ("a", "b"):
        count = sum(row["source"] == source for row in records.rows.values())
        yield "records", f"source={source}", number(count)
    yield "true_pairs", "all", number(len(truth))
    yield from febrl.equal_keys(records, truth, across)
    yield from quality(records, set(filter(across, records.found_pairs())), truth)
