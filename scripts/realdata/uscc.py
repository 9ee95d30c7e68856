"""Unified social credit codes, real and spoilt: which ones the product takes for valid."""

from collections.abc import Iterator

from .dedupe import Records, read_rows
from .formats import number

NAME = "uscc"
FILES = {"vectors": "uscc_vectors.csv"}
KINDS = {"real number, published": "real_number"}


def load(session, paths) -> Records:
    """Import one company for each code; the product refuses what is no code."""
    records = Records(session, NAME)
    rows = read_rows(paths["vectors"])
    records.vectors = {str(place): row for place, row in enumerate(rows)}
    records.load(
        (
            key,
            {"company_name": f"Vector {key}", "credit_code": row["value"], "country": "CN"},
            row,
        )
        for key, row in records.vectors.items()
    )
    return records


def figures(session, records) -> Iterator[tuple[str, str, str]]:
    """Valid are the codes that came in, and those refused only because a company has them."""
    duplicates = records.log.issue_ids.filtered(lambda issue: issue.code == "duplicate")
    valid = set(records.ids) | {issue.key.removeprefix(f"{NAME}/") for issue in duplicates}
    vectors = records.vectors
    yield "vectors", "all", number(len(vectors))
    yield "distinct_values", "all", number(len({row["value"] for row in vectors.values()}))
    yield "valid", "all", number(len(valid))
    yield "invalid", "all", number(len(vectors) - len(valid))
    for kind in sorted({row["kind"] for row in vectors.values()}):
        mine = {key for key, row in vectors.items() if row["kind"] == kind}
        piece = f"kind={KINDS.get(kind, kind)}"
        yield "valid", piece, number(len(mine & valid))
        yield "invalid", piece, number(len(mine - valid))
