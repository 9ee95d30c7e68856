"""Pairs of company names in many languages, the same company or different ones."""

from collections.abc import Iterator

from .dedupe import Records, quality, read_rows
from .formats import number

NAME = "company_pairs"
FILES = {"pairs": "company_pairs_multilingual.csv"}
SIDES = ("x", "y")


def load(session, paths) -> Records:
    """Import both names of each pair as companies and scan for duplicates."""
    records = Records(session, NAME)
    rows = read_rows(paths["pairs"])
    records.load(
        (f"{place}-{side}", {"company_name": row[f"Name_{side}"]}, row)
        for place, row in enumerate(rows)
        for side in SIDES
    )
    records.scan()
    return records


def figures(session, records) -> Iterator[tuple[str, str, str]]:
    """The pairs by label, how many are equal as they stand, and those called sure."""
    env = session.manager
    names = {
        partner.ref.removeprefix(f"{NAME}/"): partner.name
        for partner in env["res.partner"].browse(list(records.ids.values()))
    }
    places = sorted({key.rsplit("-", 1)[0] for key in names})
    pairs = {place: (names[f"{place}-x"], names[f"{place}-y"]) for place in places}
    labels = {place: records.rows[f"{place}-x"]["Targets"] for place in places}
    yield "pairs", "all", number(len(pairs))
    for label in ("0", "1"):
        mine = [pairs[place] for place in places if labels[place] == label]
        piece = f"label={label}"
        yield "pairs", piece, number(len(mine))
        identical = sum(one == other for one, other in mine)
        yield "pairs_with_identical_names", piece, number(identical)
        plain = sum(one.strip().lower() == other.strip().lower() for one, other in mine)
        yield "pairs_equal_when_trimmed_and_lower_cased", piece, number(plain)
    asked = {frozenset((f"{place}-x", f"{place}-y")) for place in places}
    truth = {frozenset((f"{place}-x", f"{place}-y")) for place in places if labels[place] == "1"}
    found = {pair for pair in records.found_pairs() if frozenset(pair) in asked}
    yield from quality(records, found, truth)
