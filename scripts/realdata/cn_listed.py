"""Companies listed in Shanghai and Shenzhen: full names, and the short names of the exchanges."""

from collections import Counter
from collections.abc import Iterator

from .dedupe import Records, quality, read_rows, truth_of
from .formats import number

NAME = "cn_listed"
FILES = {"companies": "cn_listed_companies*.csv"}
TOP = 3


def load(session, paths) -> Records:
    """Import the companies under their full names and scan for duplicates."""
    records = Records(session, NAME)
    rows = read_rows(paths["companies"])
    records.load(
        (
            (
                f"{row['stock_code']}-{place}",
                {
                    "company_name": row["full_name"],
                    "country": "CN",
                    "founded_on": row["listed_on"],
                    "Tags": row["exchange"],
                },
                row,
            )
            for place, row in enumerate(rows)
        ),
        name_create_enabled_fields={"category_id": True},
    )
    records.scan()
    return records


def code_of(key: str) -> str:
    """The stock code in a record's number."""
    return key.split("-")[0]


def figures(session, records) -> Iterator[tuple[str, str, str]]:
    """What is in the list, the pairs called sure, and how often a short name finds its company."""
    env = session.manager
    partners = env["res.partner"].browse(list(records.ids.values()))
    names = Counter(code_of(key) for key in records.ids)
    short = {}
    for key, row in records.rows.items():
        short.setdefault(row["short_name"], set()).add(code_of(key))
    yield "records", "all", number(records.log.created_count)
    yield "entities", "all", number(len(names))
    several = sum(count > 1 for count in names.values())
    yield "entities_with_several_full_names", "all", number(several)
    many = sum(count > 2 for count in names.values())
    yield "entities_with_three_or_more_full_names", "all", number(many)
    truth = truth_of(records.rows, code_of)
    yield "true_pairs", "all", number(len(truth))
    yield "distinct_full_names", "all", number(len(set(partners.mapped("name"))))
    shared = sum(len(codes) for codes in short.values() if len(codes) > 1)
    yield "short_names_shared_by_several_entities", "all", number(shared)
    for tag, count in env["res.partner"]._read_group(
        [("id", "in", partners.ids), ("category_id", "!=", False)], ["category_id"], ["__count"]
    ):
        if count == 1:
            continue  # a cell of the source that slipped into the column
        yield "records", f"exchange={tag.name}", number(count)
    invalid = records.log.issue_ids.filtered(lambda issue: issue.code == "no_day")
    yield "records_with_invalid_listed_on", "all", number(len(invalid))
    yield from quality(records, records.found_pairs(), truth)
    yield from suggestions(session, records)


def suggestions(session, records) -> Iterator[tuple[str, str, str]]:
    """Type each short name; right is a full name of the same stock code."""
    code = {identifier: code_of(key) for key, identifier in records.ids.items()}
    typed = {code_of(key): row["short_name"] for key, row in records.rows.items()}
    partners = session.manager["res.partner"]
    first = among = 0
    for stock_code, short_name in typed.items():
        found = [code.get(identifier) for identifier in partners._suggest_customers(short_name).ids]
        first += found[:1] == [stock_code]
        among += stock_code in found[:TOP]
    yield "suggested_first_pct", "all", number(100 * first / len(typed))
    yield "suggested_in_three_pct", "all", number(100 * among / len(typed))
