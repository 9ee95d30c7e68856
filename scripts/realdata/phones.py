"""Telephone numbers as people write them: which ones the product knows, and in E.164."""

import re
from collections.abc import Iterator

from .dedupe import Records, read_rows
from .formats import number

NAME = "phones"
FILES = {"vectors": "phone_vectors.csv"}
CHINA = "+86"
CN_MOBILE = re.compile(r"^\+861[3-9]\d{9}$")


def load(session, paths) -> Records:
    """Import one person in China for each number."""
    records = Records(session, NAME)
    records.load(
        (
            str(place),
            {"last_name": f"Vector {place}", "phone": row["input"], "country": "CN"},
            row,
        )
        for place, row in enumerate(read_rows(paths["vectors"]))
    )
    return records


def figures(session, records) -> Iterator[tuple[str, str, str]]:
    """Valid are the numbers that the product brought into E.164."""
    partners = session.manager["res.partner"].browse(list(records.ids.values()))
    valid = [partner.phone_sanitized for partner in partners if partner.phone_sanitized]
    with_extension = sum(
        bool(row["extension"])
        and bool(session.manager["res.partner"].browse(records.ids[key]).phone_sanitized)
        for key, row in records.rows.items()
    )
    yield "vectors", "all", number(len(partners))
    yield "valid", "all", number(len(valid))
    yield "invalid", "all", number(len(partners) - len(valid))
    yield "valid", "extension=yes", number(with_extension)
    yield "valid", "shape=cn_mobile", number(sum(bool(CN_MOBILE.match(text)) for text in valid))
    yield "valid", "shape=not_cn", number(sum(not text.startswith(CHINA) for text in valid))
    yield "distinct_e164", "only=valid", number(len(set(valid)))
