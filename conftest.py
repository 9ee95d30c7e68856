"""Rules of every test run: no unexpected warning in the server log, no skipped test."""

import logging
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "scripts"))

from kit.log_gate import read_expected, unexpected, unexpected_lines  # noqa: E402

SERVER_LOG = "server log"
EXPECTED = read_expected(ROOT / "tests" / "expected_warnings.txt")

# The name of the host's suite that runs instead of ours, see scripts/kit/host_suites.py.
HOST_TESTS = os.environ.get("CRM_SUITE_HOST_TESTS")


class GateHandler(logging.Handler):
    """Collects what the server logs at WARNING or worse.

    It sits on the root logger, so what a test expects and catches itself (``assertLogs``,
    ``mute_logger``) does not reach it.
    """

    def __init__(self):
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if unexpected(record.name, message, EXPECTED):
            test = os.environ.get("PYTEST_CURRENT_TEST", "outside a test")
            self.found.append(f"{record.levelname} {record.name}: {message[:500]}\n    in {test}")


GATE = GateHandler()


def pytest_sessionstart(session: pytest.Session) -> None:
    logging.getLogger().addHandler(GATE)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the third-party data its tests do not belong to the run at all."""
    if HOST_TESTS:
        _expect_host_failures(items)
        return
    if os.environ.get("CRM_REALDATA"):
        return
    chosen = [item for item in items if not item.get_closest_marker("realdata")]
    if len(chosen) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn every broken rule into an error of the run, before the summary is written."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[SERVER_LOG] = GATE.found
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or HOST_TESTS:  # the host's tests log and skip as they like
        return
    problems = {}
    if GATE.found:
        problems[SERVER_LOG] = _numbered("unexpected messages", GATE.found)
    install_log = os.environ.get("CRM_SUITE_INSTALL_LOG")
    if install_log:
        text = Path(install_log).read_text(encoding="utf-8", errors="replace")
        lines = unexpected_lines(text, EXPECTED)
        if lines:
            problems["installation log"] = _numbered("unexpected messages", lines)
    skipped = [report.nodeid for report in reporter.stats.get("skipped", [])]
    if skipped:
        problems["skipped tests"] = _numbered("tests did not run", skipped)
    if os.environ.get("CRM_SUITE_LINT") == "failed":
        problems["linters"] = "the linters reported findings, printed before the tests"
    for name, text in problems.items():
        _add_error(reporter, name, text)
    if problems and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error) -> None:
    """Take over what a worker's server logged; a worker that died has told of it itself."""
    GATE.found.extend(getattr(node, "workeroutput", {}).get(SERVER_LOG, []))


def _expect_host_failures(items: list[pytest.Item]) -> None:
    """Mark what is known to fail in the host's suites, with its reason."""
    path = ROOT / "tests" / "host_expected_failures.txt"
    rows = [line.split("|") for line in path.read_text(encoding="utf-8").splitlines()]
    reasons = {row[0].strip(): row[1].strip() for row in rows if len(row) == 2}
    for item in items:
        suite = item.nodeid.split("/addons/")[-1].split("/")[0]
        reason = reasons.get(f"{suite} {'::'.join(item.nodeid.split('::')[1:])}")
        if reason:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=False))


def _numbered(title: str, lines: list[str]) -> str:
    shown = [f"  {line}" for line in dict.fromkeys(lines)]
    more = [f"  ... and {len(shown) - 50} more"] if len(shown) > 50 else []
    return "\n".join([f"{len(lines)} {title}:", *shown[:50], *more])


def _add_error(reporter, name: str, text: str) -> None:
    report = pytest.TestReport(
        nodeid=f"rule of the run: {name}",
        location=("conftest.py", None, name),
        keywords={},
        outcome="failed",
        longrepr=text,
        when="setup",
    )
    reporter.stats.setdefault("error", []).append(report)
