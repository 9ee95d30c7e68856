"""What may stand in the server log of a test run: nothing at WARNING or worse, unless listed.

The list is ``tests/expected_warnings.txt``: ``logger | pattern | reason`` per line. A logger
matches with its children; the pattern is a regular expression searched in the message.
"""

import re
from dataclasses import dataclass
from pathlib import Path

LOG_LINE = re.compile(
    r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>WARNING|ERROR|CRITICAL) \S+ (?P<logger>[^:\s]+): "
    r"(?P<message>.*)$"
)


@dataclass(frozen=True)
class Expected:
    """One kind of message that is known and harmless, and why."""

    logger: str
    pattern: re.Pattern
    reason: str

    def matches(self, logger: str, message: str) -> bool:
        inside = logger == self.logger or logger.startswith(f"{self.logger}.")
        return inside and bool(self.pattern.search(message))


def read_expected(path: Path) -> list[Expected]:
    """Parse the list; a line without a reason is an error."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split(" | ")]
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"{path.name}:{number}: expected 'logger | pattern | reason'")
        found.append(Expected(parts[0], re.compile(parts[1]), parts[2]))
    return found


def unexpected(logger: str, message: str, expected: list[Expected]) -> bool:
    return not any(entry.matches(logger, message) for entry in expected)


def unexpected_lines(log: str, expected: list[Expected]) -> list[str]:
    """The lines of a server log at WARNING or worse that nobody explained."""
    found = []
    for line in log.splitlines():
        match = LOG_LINE.match(line)
        if match and unexpected(match["logger"], match["message"], expected):
            found.append(f"{match['level']} {match['logger']}: {match['message']}")
    return found
