"""Ranking of the names that somebody may mean who typed a short one."""

import re
from collections.abc import Iterable
from functools import lru_cache

from .names import CHINESE_FORM, PLAIN_COMPANY, expand_region
from .names import company as take_apart
from .text import CJK, HAN, SIGNS, plain, words

# Marks that stock exchanges put before and after short names, and what is left of a legal form.
MARK_BEFORE = re.compile("^(?:s?st|pt|s|n)(?=[\u3400-\u9fff])")
MARK_AFTER = re.compile("(?<=[\u3400-\u9fff])[ab]$")
FORM_AFTER = re.compile("(?<=..)(?:股份|b股|退)$")
# What a written-out province costs against a name that has the character itself.
EXPANDED = 0.5


def search_key(name: str, company: bool = True) -> str:
    """A name as suggestions search it: without legal form, Chinese without blanks.

    :param company: a person's name has no legal form to leave out
    """
    text = plain(name)
    if not company:
        return " ".join(words(text))
    if CJK.search(text):
        text = SIGNS.sub("" if HAN.search(text) else " ", text)
        return PLAIN_COMPANY.sub("", CHINESE_FORM.sub("", text)) or text
    return take_apart(name).core or " ".join(words(name))


@lru_cache(maxsize=4096)
def queries(typed: str) -> tuple[str, ...]:
    """What to search for when somebody typed this, the likeliest first.

    >>> queries("粤高速A")
    ('粤高速', '广东高速')
    """
    text = plain(typed)
    if not CJK.search(text):
        return (" ".join(words(typed)),) if words(typed) else ()
    text = MARK_BEFORE.sub("", SIGNS.sub("", text))
    text = MARK_AFTER.sub("", text)
    text = PLAIN_COMPANY.sub("", CHINESE_FORM.sub("", text)) or text
    text = FORM_AFTER.sub("", text)
    return tuple(dict.fromkeys(filter(None, (text, expand_region(text)))))


def rank(
    typed: str, names: Iterable[tuple[int, str, str]], limit: int = 8
) -> list[tuple[int, float]]:
    """The best of the names for what was typed, with their scores, the best first.

    :param names: id, name and :func:`search_key` of each candidate
    """
    asked = queries(typed)
    scored = []
    for identifier, name, key in names:
        core = take_apart(name).key
        points = [likeness(text, key, core) - place * EXPANDED for place, text in enumerate(asked)]
        scored.append((identifier, max(points, default=0.0)))
    return sorted(scored, key=lambda pair: -pair[1])[:limit]


def likeness(asked: str, key: str, core: str) -> float:
    """How well a name answers a question; characters in order, near its beginning, count.

    :param asked: one of :func:`queries`
    :param key: :func:`search_key` of the name
    :param core: the company's core without blanks
    """
    asked = asked.replace(" ", "")
    key = key.replace(" ", "")
    if not asked:
        return 0.0
    matched, _runs = in_order(asked, key)
    in_core, runs = in_order(asked, core)
    points = -3.0 * (len(asked) - matched) - 1.0 * (len(asked) - in_core) - 0.6 * runs
    points += 1.0 * (core[:1] == asked[:1]) + 1.0 * (core[:2] == asked[:2])
    points += 0.7 * (key[:1] == asked[:1]) + 1.0 * (asked in key)
    points += 1.5 * (core == asked) + 1.0 * (key == asked)
    points += 0.8 * key.endswith(asked[-1])
    return points - 0.1 * len(core)


def in_order(asked: str, text: str) -> tuple[int, int]:
    """How many characters stand in a text in the order asked, and in how many pieces."""
    at, matched, pieces, last = -1, 0, 0, -2
    for char in asked:
        found = text.find(char, at + 1)
        if found < 0:
            continue
        pieces += found != last + 1
        matched += 1
        at = last = found
    return matched, pieces
