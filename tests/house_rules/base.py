"""What all checks share: the source they read, the findings they give, the list of exceptions."""

import ast
import io
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDONS = ROOT / "addons"
ALLOW_FILE = Path(__file__).with_name("allow.txt")


@dataclass(frozen=True)
class Finding:
    """One broken rule at one place.

    ``where`` is what the list of exceptions names: a function, class or XML id, so that an
    exception survives the moving of lines.
    """

    rule: str
    path: str
    where: str
    line: int
    message: str

    def __str__(self) -> str:
        """The line a developer reads: clickable place, rule, what to do."""
        return f"{self.path}:{self.line}: [{self.rule}] {self.where}: {self.message}"


@dataclass
class Source:
    """One Python or XML file of an addon, parsed on demand."""

    path: str
    text: str
    addon: str = "crm_demo"

    @classmethod
    def read(cls, path: Path) -> "Source":
        """Read a file below the addons folder."""
        relative = path.relative_to(ROOT)
        return cls(str(relative), path.read_text(encoding="utf-8"), relative.parts[1])

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; a file that does not parse fails the test by itself."""
        return ast.parse(self.text, self.path)

    @cached_property
    def comments(self) -> dict[int, str]:
        """Comment text by line number, without the hash."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return {
            token.start[0]: token.string.lstrip("#").strip()
            for token in tokens
            if token.type == tokenize.COMMENT
        }

    @property
    def folder(self) -> str:
        """The folder inside the addon: models, wizard, tests ... or an empty string."""
        parts = Path(self.path).parts
        return parts[2] if len(parts) > 3 else ""

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return Path(self.path).stem


@dataclass
class Rule:
    """A registered check."""

    name: str
    check: Callable[..., Iterator[Finding]]
    folders: frozenset[str] = field(default_factory=frozenset)

    def applies(self, source: Source) -> bool:
        """Whether the rule looks at this file's folder; no folders named means everywhere."""
        return not self.folders or source.folder in self.folders


class Registry(dict):
    """Rules by name; the tests demand that each of them is proven on a bad snippet."""

    def register(self, name: str, *folders: str):
        """Decorator: add a check under a name, optionally for some folders only."""

        def decorate(check):
            if name in self:
                raise ValueError(f"two rules are called {name}")
            self[name] = Rule(name, check, frozenset(folders))
            return check

        return decorate

    def run(self, source: Source) -> list[Finding]:
        """All findings of all rules in one file."""
        return [
            finding
            for rule in self.values()
            if rule.applies(source)
            for finding in rule.check(source)
        ]


@dataclass
class AllowList:
    """Exceptions: ``rule | path | where | reason``, one a line."""

    entries: dict[tuple[str, str, str], str]

    @classmethod
    def read(cls, text: str) -> "AllowList":
        """Parse the list; an entry without a reason of some length is an error."""
        entries = {}
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            parts = [part.strip() for part in line.split("|", 3)]
            if len(parts) != 4 or len(parts[3]) < 20:
                raise ValueError(
                    f"allow.txt line {number}: write 'rule | path | where | reason' "
                    "with a reason that a stranger understands"
                )
            entries[(parts[0], parts[1], parts[2])] = parts[3]
        return cls(entries)

    def split(self, findings: list[Finding]) -> tuple[list[Finding], set[tuple[str, str, str]]]:
        """Give the findings that stay, and the entries that no finding needs any more."""
        used = {(f.rule, f.path, f.where) for f in findings}
        kept = [f for f in findings if (f.rule, f.path, f.where) not in self.entries]
        return kept, set(self.entries) - used


def our_addons() -> list[Path]:
    """The addons of this repository, by their manifests."""
    return sorted(path.parent for path in ADDONS.glob("*/__manifest__.py"))


def sources(*patterns: str) -> Iterator[Source]:
    """The files of all addons that match one of the glob patterns."""
    for addon in our_addons():
        for pattern in patterns:
            for path in sorted(addon.glob(pattern)):
                if "node_modules" not in path.parts and "lib" not in path.parts:
                    yield Source.read(path)
