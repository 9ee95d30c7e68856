"""The rules of every test run, tried on small runs of their own without the host."""

import os
import subprocess
import sys

import pytest
from kit import paths

PASSES = """
import logging
import unittest


class TestQuiet(unittest.TestCase):
    def test_expects_its_own_warning(self):
        with self.assertLogs("odoo.addons.crm_sales", "WARNING"):
            logging.getLogger("odoo.addons.crm_sales").warning("expected")
"""
WARNS = """
import logging


def test_logs_an_error_and_passes():
    logging.getLogger("odoo.addons.crm_sales").error("lost %s", "money")
"""
SKIPS = """
import pytest


def test_left_out():
    pytest.skip("no browser")
"""
REALDATA = """
import pytest


@pytest.mark.realdata
def test_reads_the_data():
    assert True


def test_other():
    assert True
"""


@pytest.fixture
def run(tmp_path):
    """Run pytest on one test file under the rules of the root's conftest."""

    def run_pytest(content: str, *options: str, **variables: str) -> subprocess.CompletedProcess:
        (tmp_path / "test_small.py").write_text(content, encoding="utf-8")
        dropped = ("ODOO_", "CRM_", "PYTEST_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(paths.ROOT), environment.get("PYTHONPATH", "")]
        )
        command = [
            sys.executable, "-m", "pytest", "-p", "no:odoo", "-p", "no:cacheprovider",
            "-p", "conftest", "-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path), *options,
        ]  # fmt: skip
        return subprocess.run(
            command, env={**environment, **variables}, capture_output=True, text=True, timeout=60
        )

    return run_pytest


def last_line(result: subprocess.CompletedProcess) -> str:
    return result.stdout.strip().splitlines()[-1]


def test_a_quiet_run_passes(run):
    result = run(PASSES)
    assert result.returncode == 0, result.stdout
    assert "1 passed" in last_line(result)


def test_a_logged_error_fails_a_run_whose_tests_pass(run):
    result = run(WARNS)
    assert result.returncode == 1
    assert "ERROR odoo.addons.crm_sales: lost money" in result.stdout
    assert "1 passed, 1 error" in last_line(result)


@pytest.mark.parametrize(
    ("content", "told"),
    [(WARNS, "lost money"), (SKIPS, "test_left_out")],
)
def test_the_rules_hold_for_each_of_several_workers(run, content, told):
    result = run(content, "-n", "2")
    assert result.returncode == 1
    assert told in result.stdout
    assert "1 error" in last_line(result)


def test_a_skipped_test_fails_the_run(run):
    result = run(SKIPS)
    assert result.returncode == 1
    assert "test_left_out" in result.stdout
    assert "1 skipped, 1 error" in last_line(result)


def test_a_finding_of_the_linters_fails_the_run(run):
    result = run(PASSES, CRM_SUITE_LINT="failed")
    assert result.returncode == 1
    assert "1 passed, 1 error" in last_line(result)


def test_a_warning_during_installation_fails_the_run(run, tmp_path):
    log = tmp_path / "install.log"
    log.write_text(
        "2026-11-22 10:00:00,000 1 WARNING crm odoo.fields: crm.lead.x: unknown parameter\n"
    )
    result = run(PASSES, CRM_SUITE_INSTALL_LOG=str(log))
    assert result.returncode == 1
    assert "unknown parameter" in result.stdout


def test_tests_with_third_party_data_run_only_where_the_data_are(run):
    assert "1 passed, 1 deselected" in last_line(run(REALDATA))
    assert "2 passed" in last_line(run(REALDATA, CRM_REALDATA="/data"))
