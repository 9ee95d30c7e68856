"""Persons of the Febrl generator: what one list of them, or two, have in common."""

from collections.abc import Iterator

from .dedupe import Records, Row
from .formats import number


def entity(key: str) -> str:
    """Whom a record is of: ``rec-17-dup-0`` and ``rec-17-org`` are person 17."""
    return key.split("-")[1]


def as_person(row: Row) -> Row:
    """A row under the headings of the product's list of persons."""
    return {
        "last_name": row["surname"],
        "first_name": row["given_name"],
        "identity_number": row["soc_sec_id"],
        "birth_date": row["date_of_birth"],
        "street": f"{row['street_number']} {row['address_1']}".strip(),
        "street2": row["address_2"],
        "city": row["suburb"],
        "state": row["state"],
        "zip": row["postcode"],
    }


def equal_keys(records: Records, truth: set, across=lambda pair: True) -> Iterator:
    """How many pairs are equal in a key, and how many of those are true.

    :param across: which pairs count
    """
    # A name of one word is a given name or a surname alone.
    named = {
        pair
        for pair in records.equal_fields("name", "crm_birthdate")
        if all(records.rows[pair[0]][part] for part in ("given_name", "surname"))
    }
    for key, pairs in (
        ("soc_sec_id", records.equal_pairs("identity")),
        ("name_and_birth_date", named),
    ):
        pairs = {frozenset(pair) for pair in pairs if across(pair)}
        yield "pairs_with_equal_key", f"key={key}", number(len(pairs))
        yield "true_pairs_with_equal_key", f"key={key}", number(len(pairs & truth))
