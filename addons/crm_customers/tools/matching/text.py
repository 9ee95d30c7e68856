"""Text without what does not tell names apart: width, letter case, accents, script, signs."""

import re
import unicodedata
from functools import lru_cache

import opencc

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# Han, kana and hangul: scripts written without spaces between the words of a name.
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
SIGNS = re.compile(r"[^\w]+|_")
# Letters that no decomposition takes apart.
LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    """Traditional characters to simplified ones, accented letters to plain ones; made once."""
    chars = "".join(map(chr, range(0x3400, 0xA000)))
    simplified = opencc.OpenCC("t2s").convert("\n".join(chars)).split("\n")
    table = {
        ord(char): plain
        for char, plain in zip(chars, simplified, strict=True)
        if char != plain and len(plain) == 1
    }
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFKD", chr(code))[0]
        if base != chr(code) and base.isascii():
            table[code] = base
    return table | {ord(char): plain for char, plain in LETTERS.items()}


def plain(text: str) -> str:
    """One form for full and half width, letter case, accents, traditional and simplified."""
    if not text:
        return ""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold().translate(_table())


def has_no_blanks(text: str) -> bool:
    """Whether a text is in a script that is written without blanks between words."""
    return CJK.search(text) is not None


def words(text: str) -> list[str]:
    """The words of a text in its :func:`plain` form; signs separate them, ``S.A.`` is one.

    ``&`` counts as "and"; an apostrophe joins: ``McDonald's`` gives ``mcdonalds``.
    """
    text = plain(text)
    if text.replace(" ", "").isalnum():
        return text.split()
    if "&" in text or "+" in text:
        text = re.sub(r"\s*[&+]\s*", " and ", text)
    text = text.replace("'", "").replace("’", "").replace("`", "")
    if "." in text:
        text = re.sub(r"\b(?:\w\.)+\w?(?!\w)", lambda match: match[0].replace(".", ""), text)
    return SIGNS.sub(" ", text).split()


def compact(text: str) -> str:
    """Letters and digits of a text in its :func:`plain` form, without anything between."""
    return SIGNS.sub("", plain(text))
