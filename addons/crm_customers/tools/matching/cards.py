"""What is known of a customer, in the forms that are compared, and the keys to find it by."""

import re
from dataclasses import dataclass
from functools import lru_cache

from . import identifiers, names
from .names import KEPT
from .text import CJK, HAN, words

NUMBER = re.compile(r"\d+")
# Keys that are a field of the card.
OWN_KINDS = ("code", "vat", "phone", "email", "identity", "birth", "name")
# Keys by which a rule looks for customers; each names few of them. The others are for blocking.
RULE_KINDS = ("code", "vat", "name", "phone", "email", "domain", "identity", "birth")
# Words of streets that are written out or not.
STREET_WORDS = {
    "st": "street", "sts": "street", "str": "street", "ave": "avenue", "av": "avenue",
    "blvd": "boulevard",
    "blv": "boulevard", "bd": "boulevard", "rd": "road", "dr": "drive", "ln": "lane",
    "pl": "place", "sq": "square", "hwy": "highway", "pkwy": "parkway", "ct": "court",
    "cres": "crescent", "tce": "terrace", "ter": "terrace", "n": "north", "s": "south",
    "e": "east", "w": "west", "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th",
    "fifth": "5th", "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th",
    "tenth": "10th",
}  # fmt: skip
STEM = 5
WORD_STEM = 3


@dataclass(slots=True)
class Card:
    """A customer in comparable form; empty text is not known.

    :param name: a company's core or a person's words in order
    :param region: region of a Chinese company's name
    :param forms: its legal forms, joined by a blank
    :param country: code of the address
    :param tenant: the company the record is kept for; 0 is all of them
    :param parent: the record it stands under
    """

    company: bool
    name: str = ""
    region: str = ""
    forms: str = ""
    code: str = ""
    identity: str = ""
    birth: str = ""
    phone: str = ""
    email: str = ""
    domain: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    zip: str = ""
    state: str = ""
    country: str = ""
    tenant: int = 0
    parent: int = 0

    @property
    def name_key(self) -> str:
        """The name as one word; a person's keeps its words apart."""
        return self.name.replace(" ", "") if self.company else self.name

    @property
    def has_credit_code(self) -> bool:
        """Whether the tax number is a valid unified social credit code of China."""
        return bool(self.code) and identifiers.credit_code(self.code) is not None

    def agrees(self, field: str, other: "Card") -> bool:
        """Whether both have the field and nothing in it tells them apart.

        :param field: a field of the card, ``vat``, or ``code`` for the credit code alone
        """
        if field == "name":
            return same_name(self, other)
        if field == "code" and not self.has_credit_code:
            return False
        value = getattr(self, "code" if field == "vat" else field)
        return bool(value) and value == getattr(other, "code" if field == "vat" else field)

    def list_keys(self) -> list[tuple[str, str]]:
        """Pairs of kind and key: who shares one of them may be the same customer."""
        keys = (
            self.code if self.has_credit_code else "",
            self.code,
            self.phone,
            self.email,
            self.identity,
            self.birth,
            self.name_key,
        )
        found = [(kind, key) for kind, key in zip(OWN_KINDS, keys, strict=True) if key]
        if self.company:
            more = (("domain", self.domain), ("start", start_of(self.name)))
            found += [pair for pair in more if pair[1]]
        elif self.zip:
            found += [("near", stem + self.zip) for stem in stems_of(self.name)]
        if place := street_key(self.street):
            found.append(("place", place))
        return found


@lru_cache(maxsize=KEPT)
def stems_of(name: str) -> tuple[str, ...]:
    """The beginnings of a person's names, each once."""
    return tuple({word[:WORD_STEM]: None for word in name.split()})


def same_name(one: Card, other: Card) -> bool:
    """Whether nothing in two names tells the customers apart."""
    if one.company != other.company or not one.name or one.name_key != other.name_key:
        return False
    regions_fit = one.region == other.region or not one.region or not other.region
    return regions_fit and names.agree(tuple(one.forms.split()), tuple(other.forms.split()))


def _lowered(text: str) -> str:
    return text.strip().lower()


def _street(text: str) -> str:
    return joined(text, street=True)


def _joined(text: str) -> str:
    return joined(text)


# Values that are read by themselves, the fields of a card they go to, and how.
READERS = (
    ("vat", "code", identifiers.tax_number),
    ("identity", "identity", identifiers.tax_number),
    ("birth", "birth", str),
    ("email", "email", _lowered),
    ("street", "street", _street),
    ("street2", "street2", _street),
    ("city", "city", _joined),
    ("zip", "zip", identifiers.tax_number),
    ("state", "state", _joined),
)


def make_card(values: dict) -> Card:
    """Bring a customer's values into comparable form.

    :param values: ``company`` (bool) and texts: ``name, vat, identity, birth, phone, email,
        website, street, street2, city, zip, state, country``, ids: ``tenant, parent``
    """
    known = values.get
    country = known("country") or ""
    card = Card(bool(known("company")), country=country.lower())
    # Most fields of most customers are empty: what is not there costs nothing.
    for name, field, read in READERS:
        if text := known(name):
            setattr(card, field, read(text))
    if text := known("phone"):
        card.phone = identifiers.phone_key(text, country)
    card.tenant = known("tenant") or 0
    card.parent = known("parent") or 0
    if card.company:
        name = names.company(known("name") or "")
        card.name, card.region, card.forms = name.core, name.region, " ".join(name.forms)
        card.domain = identifiers.mail_domain(known("email") or "", known("website") or "")
    else:
        card.name = names.person(known("name") or "")
    return card


@lru_cache(maxsize=KEPT)
def joined(text: str, street: bool = False) -> str:
    """A text's words separated by one blank; in streets short words are written out."""
    if not text:
        return ""
    found = words(text)
    if street:
        found = [STREET_WORDS.get(word, word) for word in found]
    return " ".join(found)


@lru_cache(maxsize=KEPT)
def street_key(street: str) -> str:
    """House number and the beginning of the street's name."""
    number = NUMBER.search(street)
    if not number:
        return ""
    name = NUMBER.sub("", street).replace(" ", "")
    for side in ("north", "south", "east", "west"):
        name = name.removeprefix(side)
    return number[0] + name[:STEM] if name else ""


def start_of(core: str) -> str:
    """How a company's name begins; two characters of a Chinese name say as much as five letters."""
    core = core.replace(" ", "")
    if CJK.search(core):
        return core[:3] if HAN.search(core) else core[:4]
    return core[:STEM]
