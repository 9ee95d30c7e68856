"""The commands behind the Makefile."""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from . import database, host_cli, host_suites, linting, paths, serve, testing
from .console import Problem, Stopped, catch_end_signals, child, locked, say
from .postgres import run_cluster, server_for_run, test_cluster


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a problem the user can mend is one line and exit code 1."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    catch_end_signals()
    os.umask(os.umask(0o022) | 0o022)
    try:
        if arguments[:1] == ["odoo"]:
            return odoo(arguments[1:])
        options, rest = _parser().parse_known_args(arguments)
        if rest and options.command not in (test, test_host):
            raise Problem(f"Unknown argument: {rest[0]}. See scripts/suite --help.")
        options.rest = rest
        return options.command(options) or 0
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        if error.errno == 28:
            print("\nThe disk is full: make room and repeat.", file=sys.stderr, flush=True)
            return 1
        raise
    except Stopped as stopped:
        say("\nStopped.")
        # Ctrl-C is the ordinary end of a server, but not of a test run.
        serving = arguments[:1] == ["run"] and stopped.args[0] == 2
        return 0 if serving else 128 + stopped.args[0]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/suite", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(command=function)
        return added

    serving = command("run", run, "set up, create the database once, serve the web client")
    serving.add_argument("--port", type=int, default=8069)
    serving.add_argument("--database", default="crm")
    command("setup", setup, "set up Python packages and host only")
    command("test", test, "linters and tests; further arguments go to pytest")
    command("test-host", test_host, "the host's own tests with the suite's addons installed")
    command("lint", lint, "linters alone")
    command("bench", bench, "benchmarks with their peers")
    importing = command("realdata", realdata, "import data sets and write the reports' figures")
    importing.add_argument("--data", type=Path, required=True)
    importing.add_argument("--out", type=Path, required=True)
    command("clean", clean, "remove all that set-up created")
    commands.add_parser("odoo", help="the host's own command line")
    return parser


def run(options) -> int:
    return serve.run(options.port, options.database)


def setup(_options) -> None:
    serve.set_up()
    say("Set up.")


def test(options) -> int:
    return testing.run(options.rest)


def test_host(options) -> int:
    return host_suites.run(options.rest)


def lint(_options) -> int:
    serve.set_up(development=True)
    return linting.run()


def odoo(arguments: Sequence[str]) -> int:
    """The host's own command line, its arguments untouched."""
    serve.set_up()
    with server_for_run() as server:
        command = [paths.PYTHON, host_cli.LAUNCHER, *arguments]
        environment = host_cli.environment(server)
        with child(command, env=environment, stdout=None, stdin=None) as process:
            return process.wait()


def bench(_options) -> int:
    serve.set_up(development=True)
    script = paths.ROOT / "benchmarks" / "run.py"
    with test_cluster().use() as server:
        store = database.Store(server, testing.DATA)
        with testing.cloned(store, testing.ensure_template(store)) as name:
            return _inside_environment(store, name, [script, "--database", name])


def realdata(options) -> int:
    if not options.data.is_dir():
        raise Problem(f"DATA={options.data} is no folder: name the one with the data sets.")
    if not options.out.resolve().parent.is_dir():
        raise Problem(f"OUT={options.out}: its folder does not exist.")
    serve.set_up(development=True)
    script = paths.ROOT / "scripts" / "realdata" / "run.py"
    with test_cluster().use() as server:
        store = database.Store(server, testing.DATA)
        with testing.cloned(store, testing.ensure_bare(store)) as name:
            arguments = ["--database", name, "--data", options.data.resolve()]
            arguments += ["--out", options.out.resolve()]
            return _inside_environment(store, name, [script, *arguments])


def _inside_environment(store: database.Store, name: str, arguments: Sequence) -> int:
    if not arguments[0].is_file():
        raise Problem(f"{arguments[0].relative_to(paths.ROOT)} is missing from this checkout.")
    environment = {**host_cli.environment(store.server, store.data), "PGDATABASE": name}
    command = [paths.PYTHON, *arguments]
    with child(command, env=environment, cwd=paths.ROOT, stdout=None) as process:
        return process.wait()


def clean(_options) -> None:
    """Stop the servers of this checkout, then remove everything that set-up created."""
    with locked("setup", serve.SETTING_UP):
        serve.stop_all()
        for cluster in (run_cluster(), test_cluster()):
            cluster.stop()
        for folder in (*paths.CREATED, *_tool_caches()):
            if folder.exists():
                say(f"Removing {folder.name}")
                shutil.rmtree(folder)
    cache = paths.user_cache()
    if cache.exists():
        say(f"Kept: the downloaded host packages in {cache} (rm -r it to download them again)")


def _tool_caches() -> list[Path]:
    names = (".pytest_cache", ".ruff_cache", ".hypothesis", ".coverage", "tests/output")
    found = [paths.ROOT / name for name in names]
    for top in (paths.ADDONS, paths.ROOT / "scripts", paths.ROOT / "tests"):
        found += top.rglob("__pycache__")
    return [path for path in found if path.is_dir()]
