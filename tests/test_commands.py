"""The commands of the Makefile: clear refusals, nothing done twice, nothing half-done trusted."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from kit import database, paths, venv
from kit.console import Problem
from kit.launch import PAID_SERVICES
from kit.log_gate import read_expected, unexpected_lines
from kit.postgres import DURABLE, PORT, Cluster, Server
from mail_servers import free_port

LOG = """\
2026-11-22 10:00:00,000 1 INFO crm odoo.modules.loading: Loading module base (1/1)
2026-11-22 10:00:00,000 1 WARNING crm odoo.fields: crm.lead.x: unknown parameter
2026-11-22 10:00:00,000 1 ERROR ? odoo.sql_db: bad query: boom
"""


def suite(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
    command = [sys.executable, str(paths.ROOT / "scripts" / "suite"), *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def assert_refused(result: subprocess.CompletedProcess, hint: str) -> None:
    """One line on the error output that says what to do, no traceback, exit code not zero."""
    assert result.returncode == 1
    assert hint in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_taken_port_is_refused_with_another_one_to_try():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = suite("run", "--port", str(port))
    assert_refused(result, f"make run PORT={port + 1}")


@pytest.mark.parametrize("name", ["", "two words", "quote'", "-x", "a" * 60])
def test_a_database_name_that_would_need_quoting_is_refused(name):
    assert_refused(suite("run", "--port", "8069", f"--database={name}"), "DB=")


def test_a_missing_data_folder_is_refused(tmp_path):
    missing = str(tmp_path / "nowhere")
    assert_refused(suite("realdata", "--data", missing, "--out", str(tmp_path / "f")), missing)


def test_a_wrong_host_folder_is_refused_with_the_way_to_get_one(tmp_path):
    assert_refused(suite("setup", ODOO_HOME=str(tmp_path)), "git clone")


def test_a_second_set_up_changes_nothing():
    watched = [paths.VENV / ".suite-runtime", paths.VENV / ".suite-development", paths.VENV / "lib"]
    before = [path.stat().st_mtime_ns for path in watched]
    result = suite("setup")
    assert result.stdout.splitlines() == ["Set up."]
    assert [path.stat().st_mtime_ns for path in watched] == before


def test_every_requirement_is_pinned_with_a_hash():
    for name in (venv.RUNTIME, venv.DEVELOPMENT):
        blocks = (paths.ROOT / name).read_text(encoding="utf-8").split("\n\n")
        lines = [line for line in "".join(blocks).splitlines() if line[:1].isalnum()]
        assert lines
        assert all("==" in line and line.endswith("\\") for line in lines), name


def test_the_configuration_holds_only_options_the_host_knows():
    import configparser

    from odoo.tools import config

    parser = configparser.RawConfigParser()
    parser.read(paths.CONFIG, encoding="utf-8")
    unknown = set(parser.options("options")) - set(config.options_index)
    # The master password is read by name, it is no option of the command line.
    assert unknown <= {"admin_passwd"}
    assert str(paths.ADDONS) in config["addons_path"]


def test_no_addon_of_a_paid_service_is_installed(env):
    installed = env["ir.module.module"].search([("state", "=", "installed")]).mapped("name")
    assert not PAID_SERVICES & set(installed)
    assert {"l10n_cn", "account_payment"} <= set(installed), "the useful bridges are there"


def test_a_deep_checkout_gets_a_socket_folder_that_fits(monkeypatch):
    deep = Path("/") / ("d" * 60) / ("e" * 60)
    monkeypatch.setattr(paths, "POSTGRES", deep)
    sockets = Cluster("run", DURABLE).sockets
    assert deep not in sockets.parents
    assert len(f"{sockets}/.s.PGSQL.{PORT}.lock") <= 107


def own_server(**variables: str) -> Server:
    names = ("PGHOST", "PGPORT", "PGUSER")
    return Server({**{name: os.environ[name] for name in names}, **variables})


def test_a_database_user_who_may_not_create_databases_is_refused_with_the_remedy():
    server = own_server()
    server.require_creator()
    server.query("DROP ROLE IF EXISTS suite_weak")
    server.query("CREATE ROLE suite_weak LOGIN")
    try:
        with pytest.raises(Problem, match='ALTER ROLE "suite_weak" CREATEDB'):
            own_server(PGUSER="suite_weak").require_creator()
    finally:
        server.query("DROP ROLE suite_weak")


def test_a_server_that_does_not_answer_is_named_in_one_line():
    result = suite("odoo", "--version", PGHOST="127.0.0.1", PGPORT="1")
    assert result.returncode == 0, "its own options need no database"
    result = suite("run", "--port", str(free_port()), PGHOST="127.0.0.1", PGPORT="1")
    assert_refused(result, "Connection refused [server 127.0.0.1")


def test_a_full_disk_is_one_line_whatever_program_meets_it():
    from kit.console import explain_failure

    output = "Traceback ...\npsycopg2.errors.DiskFull: could not extend: No space left on device\n"
    assert "the disk is full" in str(explain_failure("Database crm", output))


def test_a_database_gets_its_name_when_it_is_finished(tmp_path):
    server = own_server()
    store = database.Store(server, tmp_path)
    building, final = f"publish{database.BUILDING}", "publish_done"
    store.drop(building)
    store.drop(final)
    server.clone("template0", building)
    (store.files(building) / "ab").mkdir(parents=True)
    store.publish(building, final, "crm-suite 1")
    try:
        assert {building, final} & server.databases() == {final}
        assert store.comment(final) == "crm-suite 1"
        assert (store.files(final) / "ab").is_dir()
        assert not store.files(building).exists()
    finally:
        store.drop(final)


def test_the_log_gate_reports_warnings_that_nobody_explained(tmp_path):
    listed = tmp_path / "expected.txt"
    listed.write_text("# why\nodoo.fields | unknown parameter | known\n", encoding="utf-8")
    assert unexpected_lines(LOG, []) == [
        "WARNING odoo.fields: crm.lead.x: unknown parameter",
        "ERROR odoo.sql_db: bad query: boom",
    ]
    assert unexpected_lines(LOG, read_expected(listed)) == ["ERROR odoo.sql_db: bad query: boom"]


def test_an_expected_warning_needs_a_reason(tmp_path):
    listed = tmp_path / "expected.txt"
    listed.write_text("odoo.fields | unknown parameter\n", encoding="utf-8")
    with pytest.raises(ValueError, match="reason"):
        read_expected(listed)


def test_a_space_check_names_what_is_needed(tmp_path):
    from kit.console import require_space

    with pytest.raises(Problem, match="make room"):
        require_space(tmp_path / "not" / "yet", 10**9)
