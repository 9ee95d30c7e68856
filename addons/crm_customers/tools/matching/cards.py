"""What is known of a customer, in the forms that are compared, and the keys to find it by."""

import re
from dataclasses import dataclass
from functools import lru_cache

from . import identifiers, names
from .text import CJK, HAN, words

NUMBER = re.compile(r"\d+")
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
FIELDS = (
    "name", "vat", "identity", "birth", "phone", "email", "website", "street", "street2", "city",
    "zip", "state", "country",
)  # fmt: skip
EMPTY = dict.fromkeys(FIELDS, "")
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
        found = [
            ("code", self.code if self.has_credit_code else ""),
            ("vat", self.code),
            ("phone", self.phone),
            ("email", self.email),
            ("identity", self.identity),
            ("birth", self.birth),
            ("name", self.name_key),
        ]
        place = street_key(self.street)
        if self.company:
            found.append(("domain", self.domain))
            found.append(("start", start_of(self.name)))
        elif self.zip:
            found += [("near", word[:WORD_STEM] + self.zip) for word in self.name.split()]
        found.append(("place", place))
        return list(dict.fromkeys((kind, key) for kind, key in found if key))


def same_name(one: Card, other: Card) -> bool:
    """Whether nothing in two names tells the customers apart."""
    if one.company != other.company or not one.name or one.name_key != other.name_key:
        return False
    regions_fit = one.region == other.region or not one.region or not other.region
    return regions_fit and names.agree(tuple(one.forms.split()), tuple(other.forms.split()))


def make_card(values: dict) -> Card:
    """Bring a customer's values into comparable form.

    :param values: ``company`` (bool) and texts: ``name, vat, identity, birth, phone, email,
        website, street, street2, city, zip, state, country``, ids: ``tenant, parent``
    """
    company = bool(values.get("company"))
    values = EMPTY | {name: text for name, text in values.items() if text}
    card = Card(
        company,
        code=identifiers.tax_number(values["vat"]),
        identity=identifiers.tax_number(values["identity"]),
        birth=values["birth"],
        phone=identifiers.phone_key(values["phone"], values["country"]),
        email=values["email"].strip().lower(),
        street=joined(values["street"], street=True),
        street2=joined(values["street2"], street=True),
        city=joined(values["city"]),
        zip=identifiers.tax_number(values["zip"]),
        state=joined(values["state"]),
        country=values["country"].lower(),
        tenant=values.get("tenant", 0),
        parent=values.get("parent", 0),
    )
    if company:
        name = names.company(values["name"])
        card.name, card.region, card.forms = name.core, name.region, " ".join(name.forms)
        card.domain = identifiers.mail_domain(values["email"], values["website"])
    else:
        card.name = names.person(values["name"])
    return card


@lru_cache(maxsize=65536)
def joined(text: str, street: bool = False) -> str:
    """A text's words separated by one blank; in streets short words are written out."""
    if not text:
        return ""
    found = words(text)
    if street:
        found = [STREET_WORDS.get(word, word) for word in found]
    return " ".join(found)


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
