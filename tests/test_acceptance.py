"""Every test that docs/acceptance.md names exists, and each row of the list names one."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "acceptance.md"
NAME = re.compile(r"`(?P<place>\w+)/(?P<file>test_\w+\.py)::(?P<test>test_\w+)`")


@cache
def list_tests(place, file):
    """Return the names of the test functions of a file."""
    folder = ROOT / "tests" if place == "tests" else ROOT / "addons" / place / "tests"
    path = folder / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def missing(text):
    """Return the named tests that do not exist."""
    return [
        found.group(0)
        for found in NAME.finditer(text)
        if found["test"] not in list_tests(found["place"], found["file"])
    ]


def rows(text):
    """Return the rows of the tables, without their headings."""
    return [
        line
        for line in text.splitlines()
        if line.startswith("| ")
        and not line.startswith(("| row ", "| in the ", "| idea ", "| trap "))
    ]


def test_every_named_test_exists():
    assert not missing(PAGE.read_text(encoding="utf-8"))


def test_a_test_that_is_gone_is_found():
    assert missing("`tests/test_acceptance.py::test_every_named_test_exists`") == []
    gone = "`tests/test_acceptance.py::test_that_nobody_wrote`"
    assert missing(f"| 1 | x | {gone} |") == [gone]
    assert missing("`crm_nowhere/test_x.py::test_x`")


def test_every_row_names_its_test():
    text = PAGE.read_text(encoding="utf-8")
    silent = [row for row in rows(text) if not NAME.search(row) and "see part" not in row]
    assert not silent
    numbers = {int(found) for found in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert numbers >= set(range(9, 35))
