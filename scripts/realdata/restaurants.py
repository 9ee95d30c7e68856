"""Restaurants of two guides, Fodor's and Zagat's, to be linked."""

from collections.abc import Iterator

from .dedupe import Records, quality, read_rows
from .formats import number

NAME = "restaurants"
FILES = {
    "fodors": "restaurants_fodors.csv",
    "zagats": "restaurants_zagats.csv",
    "matches": "restaurants_matches_fodors_zagats.csv",
}
SOURCES = ("fodors", "zagats")


def load(session, paths) -> Records:
    """Import both lists as companies and scan for duplicates."""
    records = Records(session, NAME)
    for source in SOURCES:
        records.load(
            (
                f"{source}-{row['id']}",
                {
                    "company_name": row["name"],
                    "street": row["addr"],
                    "city": row["city"],
                    "phone": row["phone"],
                },
                row | {"source": source},
            )
            for row in read_rows(paths[source])
        )
    records.scan()
    records.truth = {
        frozenset((f"fodors-{row['fodors_id']}", f"zagats-{row['zagats_id']}"))
        for row in read_rows(paths["matches"])
    }
    return records


def figures(session, records) -> Iterator[tuple[str, str, str]]:
    """The records by guide, the telephone numbers they share, and the links called sure."""

    def across(pair) -> bool:
        return records.rows[pair[0]]["source"] != records.rows[pair[1]]["source"]

    for source in SOURCES:
        count = sum(row["source"] == source for row in records.rows.values())
        yield "records", f"source={source}", number(count)
    yield "true_pairs", "all", number(len(records.truth))
    pairs = {frozenset(pair) for pair in records.equal_pairs("phone") if across(pair)}
    yield "pairs_with_equal_key", "key=phone_digits", number(len(pairs))
    yield "true_pairs_with_equal_key", "key=phone_digits", number(len(pairs & records.truth))
    yield from quality(records, set(filter(across, records.found_pairs())), records.truth)
