"""Each addon installs alone, and leaves the host's business as it was when it goes again.

The databases are copies of the one that holds what the lowest addon asks the host for, without any
addon of ours. Two of these lives run at a time, as many as the smallest machine has cores.
"""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kit import host_cli, paths
from kit.log_gate import read_expected, unexpected_lines
from kit.testing import LOWEST

LIFE = Path(__file__).with_name("addon_life.py")
EXPECTED = read_expected(paths.ROOT / "tests" / "expected_warnings.txt")
MIDDLE = ("crm_campaigns", "crm_sales", "crm_service")
HIGHEST = "crm_reports"
ADDONS = (LOWEST, *MIDDLE, HIGHEST)
# The host loads an addon's demo data wherever it has its own; a customer's database has none.
PLAIN = "UPDATE ir_module_module SET demo = false"
INSTALLED = "SELECT name FROM ir_module_module WHERE state = 'installed'"


class Life:
    """One addon from its installation to its return, in a database of its own."""

    def __init__(self, addon: str, folder: Path):
        """Name the database; nothing is made yet."""
        self.addon = addon
        self.database = f"alone_{addon}_{os.getpid()}"
        self.modules: list[set[str]] = []
        self.log = ""
        self.told: dict = {}
        self._report = folder / f"{addon}.json"

    def begin(self, template: str) -> None:
        """Copy the database that the addon comes to."""
        _run("createdb", "-T", template, self.database)
        files = Path(os.environ["ODOO_DATA_DIR"]) / "filestore"
        if (files / template).is_dir():
            shutil.copytree(files / template, files / self.database, copy_function=os.link)

    def install(self) -> None:
        """Install the addon and what it asks for."""
        self._host(
            sys.executable, str(host_cli.LAUNCHER), "-d", self.database, "-i", self.addon,
            "--stop-after-init", "--no-http", "--max-cron-threads=0", "--log-level=warn",
        )  # fmt: skip
        self.look()

    def look(self) -> None:
        """Note which modules are installed now."""
        self.modules.append(set(self.query(INSTALLED).split()))

    def query(self, sql: str) -> str:
        """Run one statement and return its output."""
        return _run("psql", "-XAtq", "-d", self.database, "-c", sql)

    def go_and_return(self) -> None:
        """Do business, uninstall the addon, install it again."""
        self._host(sys.executable, str(LIFE), self.database, self.addon, str(self._report))
        self.told = json.loads(self._report.read_text(encoding="utf-8"))
        self.look()
        self.install()

    def drop(self) -> None:
        """Remove the database and its files."""
        _run("dropdb", "--if-exists", "--force", self.database)
        files = Path(os.environ["ODOO_DATA_DIR"]) / "filestore" / self.database
        shutil.rmtree(files, ignore_errors=True)

    def _host(self, *command: str) -> None:
        self.log += _run(*command)


def _run(*command: str) -> str:
    path = os.pathsep.join([str(paths.ROOT / "scripts"), os.environ["PYTHONPATH"]])
    result = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout[-5000:]}"
    return result.stdout


@pytest.fixture(scope="module")
def lives(tmp_path_factory):
    """Every addon's life; a life that failed is its error."""
    folder = tmp_path_factory.mktemp("lives")
    found = {addon: Life(addon, folder) for addon in ADDONS}
    lowest, highest = found[LOWEST], found[HIGHEST]

    def live(life):
        if life.addon in MIDDLE:
            life.install()
        life.go_and_return()

    try:
        lowest.begin(os.environ["CRM_SUITE_CORE"])
        lowest.query(PLAIN)
        lowest.install()
        for addon in MIDDLE:
            found[addon].begin(lowest.database)
        # The run's template is the highest addon just installed, with all that it asks for.
        highest.begin(os.environ["CRM_SUITE_TEMPLATE"])
        highest.look()
        with ThreadPoolExecutor(2) as pool:
            futures = {addon: pool.submit(live, found[addon]) for addon in reversed(ADDONS)}
        yield {addon: futures[addon].exception() or found[addon] for addon in ADDONS}
    finally:
        for life in found.values():
            life.drop()


@pytest.fixture(params=ADDONS)
def life(request, lives):
    """The life of one addon."""
    found = lives[request.param]
    if isinstance(found, BaseException):
        raise found
    return found


def test_an_addon_installs_without_those_beside_it(life):
    ours = life.modules[0] & set(ADDONS)
    below = set(ADDONS) if life.addon == HIGHEST else {LOWEST}
    assert ours == below | {life.addon}


def test_installing_and_uninstalling_logs_no_warning(life):
    assert unexpected_lines(life.log, EXPECTED) == []


def test_uninstalling_takes_the_addon_alone_away(life):
    installed, gone, _again = life.modules
    above = set(ADDONS) if life.addon == LOWEST else {life.addon}
    assert installed - gone == installed & above


def test_uninstalling_leaves_every_host_record_as_it_was(life):
    before, after = life.told["before"], life.told["after"]
    assert {"res_partner", "account_move", "account_payment"} <= set(before)
    for table, rows in before.items():
        assert set(after[table]) == set(rows), f"{table}: rows came or went"
        for number, row in rows.items():
            kept = after[table][number]
            changed = {n: (row[n], kept[n]) for n in row.keys() & kept.keys() if row[n] != kept[n]}
            assert not changed, f"{table} {number}: {changed}"


def test_uninstalling_leaves_nothing_of_the_addon(life):
    assert life.told["left"] == []


def test_an_addon_installs_again(life):
    installed, _gone, again = life.modules
    assert again == installed
