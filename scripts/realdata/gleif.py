"""Legal entities of the GLEIF: every one is different, so each pair called sure is explained."""

from collections import Counter
from collections.abc import Iterator

from .dedupe import Records, quality, read_rows
from .formats import number

NAME = "gleif"
FILES = {"entities": "gleif_entities_sample.csv*"}
MOST = 5


def load(session, paths) -> Records:
    """Import the entities as companies and scan for duplicates."""
    records = Records(session, NAME)
    records.load(
        (
            (
                row["lei"],
                {
                    "company_name": row["legal_name"],
                    "country": row["country"],
                    "Tags": row["category"],
                },
                row,
            )
            for row in read_rows(paths["entities"])
        ),
        name_create_enabled_fields={"category_id": True},
    )
    records.scan()
    return records


def figures(session, records) -> Iterator[tuple[str, str, str]]:
    """What is in the list, and the pairs called sure with the reasons for each."""
    partners = session.manager["res.partner"]
    mine = [("id", "in", list(records.ids.values()))]
    yield "entities", "all", number(records.log.created_count)
    yield "records", "all", number(records.log.created_count)
    yield "true_pairs", "all", "0"
    groups = Counter(
        (partner.name.lower(), partner.country_id)
        for partner in partners.search_fetch(mine, ["name", "country_id"])
    )
    shared = [count for count in groups.values() if count > 1]
    yield "entities_sharing_name_and_country", "all", number(sum(shared))
    yield "groups_sharing_name_and_country", "all", number(len(shared))
    pairs = sum(count * (count - 1) // 2 for count in shared)
    yield "pairs_sharing_name_and_country", "all", number(pairs)
    countries = partners._read_group(
        [*mine, ("country_id", "!=", False)], ["country_id"], ["__count"], order="__count desc"
    )
    yield "countries", "all", number(len(countries))
    without = partners.search_count([*mine, ("country_id", "=", False)])
    yield "records_without_country", "all", number(without)
    for tag, count in partners._read_group(
        [*mine, ("category_id", "!=", False)], ["category_id"], ["__count"]
    ):
        yield "entities", f"category={tag.name}", number(count)
    for country, count in countries[:MOST]:
        yield "entities", f"country={country.code}", number(count)
    yield from quality(records, records.found_pairs(), set())
    explain(session, records)


def explain(session, records) -> None:
    """List every pair called sure with what speaks for it."""
    pairs = session.manager["crm.dup.pair"].search(
        [("level", "=", "sure"), ("partner_id", "in", list(records.ids.values()))]
    )
    for pair in pairs:
        print(f"  gleif, called sure: {pair.display_name}: {pair.reason_text}")
