"""Names of companies and persons, taken apart into what tells them apart and what does not."""

import re
from dataclasses import dataclass
from functools import lru_cache

from .regions import ABBREVIATIONS, CITIES, PROVINCES
from .text import CJK, HAN, SIGNS, plain, words

# What a legal form says of the kind of company. Names with forms of different kinds belong to
# different companies; forms of one kind are spellings of each other.
LEGAL_FORMS = {
    "inc": "inc incorporated",
    "corp": "corp corporation",
    "co": "co company cia compania compagnie",
    "ltd": "ltd limited",
    "pvt": "pvt private",
    "plc": "plc",
    "llc": "llc",
    "lp": "lp",
    "llp": "llp lllp",
    "pty": "pty",
    "pte": "pte",
    "bhd": "bhd berhad",
    "sdn": "sdn",
    "gmbh": "gmbh",
    "ag": "ag aktiengesellschaft",
    "kg": "kg",
    "ug": "ug",
    "se": "se",
    "sa": "sa",
    "sarl": "sarl",
    "sas": "sas sasu",
    "srl": "srl",
    "spa": "spa",
    "sl": "sl slu",
    "lda": "lda ltda",
    "bv": "bv",
    "nv": "nv",
    "ab": "ab aktiebolag",
    "as": "as asa",
    "aps": "aps",
    "oy": "oy oyj",
    "kft": "kft",
    "zrt": "zrt nyrt",
    "sro": "sro",
    "doo": "doo",
    "ooo": "ooo",
    "kk": "kk",
}
FORM_OF = {word: kind for kind, spelt in LEGAL_FORMS.items() for word in spelt.split()}
# Several words that are one form. Longer ones first.
LONG_FORMS = (
    ("gesellschaft mit beschrankter haftung", "gmbh"),
    ("spolka z ograniczona odpowiedzialnoscia", "spzoo"),
    ("sociedad anonima", "sa"),
    ("societe anonyme", "sa"),
    ("spolka akcyjna", "sa"),
    ("besloten vennootschap", "bv"),
    ("naamloze vennootschap", "nv"),
    ("korlatolt felelossegu tarsasag", "kft"),
    ("public limited company", "plc"),
    ("limited liability company", "llc"),
    ("limited partnership", "lp"),
    ("limited liability partnership", "llp"),
    ("sp z o o", "spzoo"),
    ("sp zoo", "spzoo"),
    ("spol s r o", "sro"),
    ("s r o", "sro"),
    ("s a r l", "sarl"),
    ("s r l", "srl"),
    ("s p a", "spa"),
    ("d o o", "doo"),
    ("b v", "bv"),
    ("n v", "nv"),
    ("s a", "sa"),
    ("a s", "as"),
)
LONG_FORMS = tuple((tuple(spelt.split()), kind) for spelt, kind in LONG_FORMS)
JOINING = {"and"}
# So many texts are kept taken apart, for lists that repeat themselves; memory stays small.
KEPT = 4096

# Chinese forms; the longest first. One kind: a limited company becomes one by shares by a
# resolution, and stays the same company.
CHINESE_FORM = re.compile(
    "股份有限责任公司|有限责任股份公司|股份有限公司|有限责任公司|有限公司|股份公司|"
    "株式会社|有限会社|合同会社|合名会社|주식회사|유한회사"
)
BRACKETED_FORM = re.compile(r"\(\s*(?:株|有|주|유|有限合伙|普通合伙|特殊普通合伙)\s*\)")
PLAIN_COMPANY = re.compile("(?<![分子])公司$")
BRACKETS = re.compile(r"\(([^()]*)\)")
RANKS = (
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "特别行政区",
    "自治区",
    "自治州",
    "新区",
    "省",
    "市",
)
DISTRICT = re.compile("^[\u3400-\u9fff]{2,3}?(?:新区|区|县|旗)(?=[\u3400-\u9fff]{2})")


@dataclass(frozen=True)
class CompanyName:
    """A company's name taken apart.

    :param core: what tells companies apart, words separated by a blank
    :param region: Chinese province or city in front or in brackets, without its rank
    :param forms: kinds of legal form, in the order of the name
    """

    core: str
    region: str = ""
    forms: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The core without blanks: ``Wal-Mart`` and ``Walmart`` are one."""
        return self.core.replace(" ", "")


def agree(forms: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether legal forms fit each other; a missing one fits all, and so does part of one."""
    return set(forms) <= set(others) or set(others) <= set(forms)


@lru_cache(maxsize=KEPT)
def company(name: str) -> CompanyName:
    """Take a company's name apart, whatever language it is in.

    >>> company("深圳市腾讯计算机系统有限公司")
    CompanyName(core='腾讯计算机系统', region='深圳', forms=('cn',))
    """
    text = plain(name)
    if CJK.search(text):
        return _asian(text)
    tokens = words(text)
    if len(tokens) > 1 and tokens[0] == "the":
        tokens = tokens[1:]
    tokens, forms = _strip_forms(tokens)
    return CompanyName(" ".join(tokens), "", forms)


def _strip_forms(tokens: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Take the legal forms off the end of a name; at least one word stays."""
    forms: list[str] = []
    while len(tokens) > 1:
        for spelt, kind in LONG_FORMS:
            if len(tokens) > len(spelt) and tuple(tokens[-len(spelt) :]) == spelt:
                tokens = tokens[: -len(spelt)]
                forms.insert(0, kind)
                break
        else:
            if tokens[-1] in FORM_OF:
                forms.insert(0, FORM_OF[tokens[-1]])
            elif not (forms and tokens[-1] in JOINING):
                break
            tokens = tokens[:-1]
    return tokens, tuple(forms)


def _asian(text: str) -> CompanyName:
    text, region = BRACKETED_FORM.sub("", text), ""
    forms = ("cn",) if CHINESE_FORM.search(text) else ()
    for inside in BRACKETS.findall(text):
        found, rest = split_region(inside)
        if found and not rest:
            region = region or found
            text = text.replace(f"({inside})", "")
    tokens = SIGNS.sub("" if HAN.search(text) else " ", text)
    tokens = CHINESE_FORM.sub("", tokens)
    tokens = PLAIN_COMPANY.sub("", tokens) or tokens
    front, rest = split_region(tokens)
    if len(rest) >= 2:
        tokens, region = rest, front or region
    return CompanyName(" ".join(tokens.split()) or SIGNS.sub("", text), region, forms)


def split_region(text: str) -> tuple[str, str]:
    """The province or city that a name begins with, the narrowest, and what follows it."""
    region = ""
    for places in (PROVINCES, CITIES):
        for length in (4, 3, 2):
            if text[:length] in places:
                rest = _strip_rank(text[length:])
                if rest or not region:
                    region, text = text[:length], rest
                break
    if region:
        text = DISTRICT.sub("", text, count=1)
    return region, text


def _strip_rank(text: str) -> str:
    for rank in RANKS:
        if text.startswith(rank):
            return text[len(rank) :]
    return text


@lru_cache(maxsize=KEPT)
def person(name: str) -> str:
    """A person's name as a key: its words in one order, so that swapped names are equal."""
    text = plain(name)
    if CJK.search(text):
        return SIGNS.sub("", text)
    return " ".join(sorted(words(text)))


def acronym(name: CompanyName) -> str:
    """The first letters of a name of several words, empty otherwise."""
    tokens = [word for word in name.core.split() if word not in JOINING]
    return "".join(word[0] for word in tokens) if len(tokens) > 1 else ""


def expand_region(text: str) -> str:
    """A short name whose first character stands for a province, with that province written out."""
    place = ABBREVIATIONS.get(text[:1])
    return place + text[1:] if place else text
