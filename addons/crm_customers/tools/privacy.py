"""Personal data: what addons hand in about a person, and finding addresses in any text."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

# Shorter ones are found in texts that have nothing to do with the person.
SHORTEST_PHONE = 7
SHORTEST_NAME = 2
BETWEEN_DIGITS = r"[\s().-]*"


class PersonalDataSource(NamedTuple):
    """Rows of one model about some persons, for their export and their erasure.

    :ivar key: unique among all addons; the name of the sheet
    :ivar label: what the rows are, translated
    :ivar model: where they are
    :ivar domain: which they are, as a list of leaves, asked with all rights and archived ones
    :ivar fields: what the export tells of them; stored fields
    :ivar erase: ``delete`` the rows, ``clear`` the fields of ``clears``, or ``keep`` them; of rows
        that are kept, addresses and names are replaced wherever they stand
    :ivar clears: fields emptied by ``clear``
    """

    key: str
    label: str
    model: str
    domain: list
    fields: tuple[str, ...]
    erase: str = "keep"
    clears: tuple[str, ...] = ()


class KeptRows(NamedTuple):
    """Rows of a table that the law wants as they are, even what they say of a person.

    :ivar table: table of the database
    :ivar condition: which rows, in SQL over the columns of the table
    :ivar label: what they are and why they stay, translated
    """

    table: str
    condition: str
    label: str


def address_patterns(
    emails: Iterable[str], phones: Iterable[str], names: Iterable[str]
) -> list[str]:
    """Regular expressions, as PostgreSQL reads them, for addresses and names in any text.

    An address is not found inside a longer one, a number whatever stands between its digits, with
    country code or without; a name of letters only as whole words.
    """
    patterns = [rf"(?<![\w.+-]){re.escape(text)}(?![\w-])" for text in clean(emails)]
    for phone in clean(phones):
        digits, country = re.sub(r"\D", "", phone), ""
        if phone.startswith("+86"):
            digits, country = digits.removeprefix("86"), rf"(?:(?:00)?86{BETWEEN_DIGITS})?"
        if len(digits) >= SHORTEST_PHONE:
            patterns.append(rf"(?<!\d){country}{BETWEEN_DIGITS.join(digits)}(?!\d)")
    for name in clean(names):
        if len(name) >= SHORTEST_NAME:
            # Chinese has no spaces between words
            start = r"(?<!\w)" if name[0].isascii() else ""
            end = r"(?!\w)" if name[-1].isascii() else ""
            patterns.append(f"{start}{re.escape(name)}{end}")
    return list(dict.fromkeys(patterns))


def clean(texts: Iterable[str]) -> list[str]:
    """The texts without empty ones and repetitions, the longest first."""
    plain = {unicodedata.normalize("NFKC", text).strip() for text in texts if text}
    return sorted(plain - {""}, key=lambda text: (-len(text), text))
