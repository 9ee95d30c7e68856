"""``make test``: linters, then every test against a fresh copy of a prepared database."""

import contextlib
import os
import re
import shlex
from collections.abc import Iterator, Sequence

from . import database, host, host_cli, linting, packages, paths, serve
from .console import child, locked, say
from .database import Store
from .postgres import test_cluster

DATA = paths.DATA / "test"
RUN_PREFIX = "run_"
# The addon below all others; what the host must have for it is a template of its own.
LOWEST = "crm_customers"
_CORE = {True: "core_demo_", False: "core_plain_"}
# A run's database, and the copies that its workers make of it.
_RUN = re.compile(rf"{RUN_PREFIX}(\d+)(-gw\d+)?")
# More workers than this wait for the database and the memory rather than for a core.
MOST_WORKERS = 4
# Databases that tests make for themselves; those of killed runs are dropped by the next.
TEST_PREFIXES = ("live_", "alone_")


def run(arguments: Sequence[str]) -> int:
    """Everything that must hold before a change lands; returns pytest's exit code or 1."""
    with locked("setup", serve.SETTING_UP):
        packages.setup_for_tests()
    serve.set_up(development=True)
    linted = linting.run()
    with test_cluster().use() as server:
        store = Store(server, DATA)
        template = ensure_template(store)
        with cloned(store, template) as name:
            code = _pytest(store, name, template, arguments, bool(linted))
    return code or linted


def _pytest(
    store: Store, name: str, template: str, arguments: Sequence[str], lint_failed: bool
) -> int:
    environment = {
        **host_cli.environment(store.server, store.data),
        "CRM_SUITE_TEMPLATE": template,
        "CRM_SUITE_CORE": _core_name(demo=True),
        "CRM_SUITE_INSTALL_LOG": str(_install_log(template)),
        "CRM_SUITE_LINT": "failed" if lint_failed else "",
        "TZ": "UTC",
    }
    say(f"pytest {shlex.join(arguments)}".rstrip())
    command = [*pytest_command(name), *(arguments or _everything())]
    with child(command, env=environment, cwd=paths.ROOT, stdout=None) as process:
        return process.wait()


def _everything() -> list[str]:
    """The whole suite on several cores: a file stays on one worker, each has its own database.

    The long stories of ``tests`` come first, so that no worker starts one when all else is done.
    """
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    split = ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]
    return [*(split if workers > 1 else []), "tests", "addons"]


def pytest_command(name: str) -> list:
    """What runs pytest on a database; arguments and files follow."""
    return [
        paths.PYTHON, "-m", "pytest", f"--rootdir={paths.ROOT}", f"--odoo-config={paths.CONFIG}",
        f"--odoo-database={name}", "--odoo-http", "--odoo-log-level=warn",
        f"--odoo-extra=screenshots={paths.ROOT / 'tests' / 'output'}",
    ]  # fmt: skip


@contextlib.contextmanager
def cloned(store: Store, template: str) -> Iterator[str]:
    """A copy of a template for one run, dropped afterwards; leftovers of killed runs too."""
    name = f"{RUN_PREFIX}{os.getpid()}"
    _drop_leftovers(store)
    store.clone(template, name)
    try:
        yield name
    finally:
        store.drop(name)


def _drop_leftovers(store: Store) -> None:
    """Databases of runs that were killed, and those that their tests had made."""
    present = store.server.databases()
    runs = {name: _RUN.fullmatch(name) for name in present}
    dead = [n for n, match in runs.items() if match and not os.path.exists(f"/proc/{match[1]}")]
    if len(dead) == sum(map(bool, runs.values())):
        dead += [name for name in present if name.startswith(TEST_PREFIXES)]
    for name in dead:
        store.drop(name)


def ensure_template(store: Store) -> str:
    """The demonstration's database, installed anew whenever an addon changes."""
    with locked("template", "Waiting for another command that prepares the test database ..."):
        base = _ensure_host_template(store, demo=True)
        name = f"suite_{_key(base, database.addons_digest())}"
        if name not in store.server.databases():
            building = "suite" + database.BUILDING
            store.clone(base, building)
            log = database.add_modules(
                store, building, paths.addon_names(), True, "Test database: the addons"
            )
            database.build_assets(store, building)
            os.replace(log, _install_log(name))
            _retire(store, "suite_")
            store.publish(building, name, "crm-suite test template")
        return name


def ensure_bare(store: Store) -> str:
    """A database with the addons and no demo data, for imports."""
    with locked("template", "Waiting for another command that prepares the test database ..."):
        base = _ensure_host_template(store, demo=False)
        name = f"bare_{_key(base, database.addons_digest())}"
        if name not in store.server.databases():
            building = "bare" + database.BUILDING
            store.clone(base, building)
            names = paths.addon_names()
            database.add_modules(store, building, names, False, "Import database: the addons")
            _retire(store, "bare_")
            store.publish(building, name, "crm-suite import template")
        return name


def _ensure_host_template(store: Store, demo: bool) -> str:
    """The host's own modules change rarely, so they are installed apart from ours."""
    prefix = "host_demo_" if demo else "host_plain_"
    modules = database.host_dependencies()
    core = _ensure_core(store, demo)
    name = prefix + _key(core, ",".join(modules))
    if name not in store.server.databases():
        building = prefix.rstrip("_") + database.BUILDING
        store.clone(core, building)
        label = f"{_label(demo)}: host modules"
        database.add_modules(store, building, modules, demo, label)
        _retire(store, prefix)
        store.publish(building, name, "crm-suite host template")
    return name


def _ensure_core(store: Store, demo: bool) -> str:
    """What the lowest addon asks the host for, and nothing that only those above it need."""
    prefix = _CORE[demo]
    name = _core_name(demo)
    if name not in store.server.databases():
        building = prefix.rstrip("_") + database.BUILDING
        modules = database.host_dependencies([LOWEST])
        database.create_base(store, building, demo, _label(demo))
        label = f"{_label(demo)}: host modules of {LOWEST}"
        database.add_modules(store, building, modules, demo, label)
        _retire(store, prefix)
        store.publish(building, name, "crm-suite host template")
    return name


def _core_name(demo: bool) -> str:
    steps = (host_cli.LAUNCHER, host_cli.INSIDE)
    mark = "".join(path.read_text(encoding="utf-8") for path in steps)
    modules = ",".join(database.host_dependencies([LOWEST]))
    return _CORE[demo] + _key(host.version(), modules, mark)


def _label(demo: bool) -> str:
    return "Test database" if demo else "Import database"


def _key(*parts: str) -> str:
    return database.text_digest("\0".join((os.environ.get("COUNTRY", "cn"), *parts)))


def _retire(store: Store, prefix: str) -> None:
    for old in store.server.databases():
        if re.fullmatch(rf"{prefix}[0-9a-f]{{12}}", old):
            store.drop(old)


def _install_log(template: str):
    return paths.LOGS / f"{template}-install.log"
