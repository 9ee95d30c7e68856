"""Making databases: the demonstration, the tests' templates, the empty ones for imports."""

import ast
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import host, host_cli, paths
from .console import Problem, Progress, locked, say
from .postgres import Server

LANGUAGES = "en_US,zh_CN"
BUILDING = "--building"


@dataclass
class Store:
    """A database server together with the folder of its files."""

    server: Server
    data: Path

    def files(self, database: str) -> Path:
        return self.data / "filestore" / database

    def drop(self, database: str) -> None:
        self.server.drop(database)
        shutil.rmtree(self.files(database), ignore_errors=True)

    def clone(self, template: str, database: str) -> None:
        """Copy database and files; files never change once written, so links suffice."""
        self.drop(database)
        self.server.clone(template, database)
        if self.files(template).is_dir():
            shutil.copytree(self.files(template), self.files(database), copy_function=os.link)

    def publish(self, database: str, final: str, comment: str) -> None:
        """Give a finished database its name, as the last step: what has the name is whole."""
        shutil.rmtree(self.files(final), ignore_errors=True)
        if self.files(database).is_dir():
            os.replace(self.files(database), self.files(final))
        self.server.query(f"COMMENT ON DATABASE \"{database}\" IS '{comment}'")
        self.server.rename(database, final)

    def comment(self, database: str) -> str:
        sql = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{}'"
        return "".join(self.server.query(sql.format(database)))


def check_name(name: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,40}", name):
        raise Problem(f"DB={name}: use letters, digits, '_', '.' and '-', at most 41 of them.")


def digest(folders: Iterable[Path], ignore: tuple[str, ...] = ()) -> str:
    """A short mark of the folders' content that changes whenever a file does."""
    total = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            skip = "__pycache__" in relative.parts or relative.parts[1:2] in [(i,) for i in ignore]
            if path.is_file() and not skip:
                total.update(f"{folder.name}/{relative}\0".encode())
                total.update(path.read_bytes())
    return total.hexdigest()[:12]


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def addons_digest() -> str:
    """Changes when an installed database would have to be updated."""
    return digest([paths.ADDONS], ignore=("tests", "README.md"))


def host_dependencies(addons: Iterable[str] = ()) -> list[str]:
    """The host's modules that these addons ask for, else all addons of this checkout."""
    own = set(paths.addon_names())
    wanted = set()
    for name in addons or own:
        manifest = (paths.ADDONS / name / "__manifest__.py").read_text(encoding="utf-8")
        wanted.update(ast.literal_eval(manifest).get("depends", []))
    localisation = _localisation()
    if any((host.home() / base / localisation).is_dir() for base in ("odoo/addons", "addons")):
        wanted.add(localisation)
    return sorted(wanted - own)


def _localisation() -> str:
    return f"l10n_{os.environ.get('COUNTRY', 'cn').lower()}"


def create_base(store: Store, database: str, demo: bool, label: str) -> None:
    """An empty database with languages, and a company with its country, currency and accounts."""
    log = paths.LOGS / f"create-{database}.log"
    options = ["--with-demo"] if demo else []
    store.drop(database)
    host_cli.install(
        store.server, store.data, database, ["base"], f"{label}: base",
        log, f"--load-language={LANGUAGES}", *options,
    )  # fmt: skip
    host_cli.inside(store.server, store.data, "company", database)
    if demo:
        # Apart from the rest, whose demo orders take the currency that the company then has.
        accounting = [name for name in ("account", _localisation()) if name in host_dependencies()]
        add_modules(store, database, accounting, True, f"{label}: accounting")
        host_cli.inside(store.server, store.data, "chart", database)


def add_modules(store: Store, database: str, modules: list[str], demo: bool, label: str) -> Path:
    """Install modules; returns the log, in which warnings can be looked for."""
    log = paths.LOGS / f"install-{database}.log"
    options = ["--with-demo"] if demo else []
    host_cli.install(store.server, store.data, database, modules, label, log, *options)
    return log


def build_assets(store: Store, database: str) -> None:
    progress = Progress("Web assets")
    host_cli.inside(store.server, store.data, "assets", database)
    progress.done()


def ensure_demonstration(store: Store, name: str) -> None:
    """Create the demonstration database, or bring an existing one up to the addons' state."""
    check_name(name)
    with locked("database", "Waiting for another command that prepares a database ..."):
        if name not in store.server.databases():
            _create_demonstration(store, name)
            return
        _check_addons(store, name)
        mark, current = store.comment(name), _mark()
        if mark.startswith("crm-suite ") and mark != current:
            modules = ",".join(paths.addon_names())
            log = paths.LOGS / f"update-{name}.log"
            label = f"Database {name}: the addons changed, updating"
            host_cli.install(store.server, store.data, name, [], label, log, "-u", modules)
            store.server.query(f"COMMENT ON DATABASE \"{name}\" IS '{current}'")


def _mark() -> str:
    return f"crm-suite {addons_digest()}"


def _create_demonstration(store: Store, name: str) -> None:
    say(f"Database {name} does not exist yet: creating it with demo data, once, in minutes.")
    building = name + BUILDING
    modules = sorted({*host_dependencies(), *paths.addon_names()})
    mark = _mark()
    create_base(store, building, True, f"Database {name}")
    add_modules(store, building, modules, True, f"Database {name}: addons")
    build_assets(store, building)
    _write_logins(store, building, name)
    store.publish(building, name, mark)


def _check_addons(store: Store, name: str) -> None:
    """An existing database must hold the addons: never change somebody else's by surprise."""
    sql = "SELECT name FROM ir_module_module WHERE state = 'installed' AND name LIKE 'crm%'"
    try:
        installed = set(store.server.query(sql, name))
    except Problem:
        installed = set()
    missing = [addon for addon in paths.addon_names() if addon not in installed]
    if missing:
        raise Problem(
            f"Database {name} exists without {', '.join(missing)}. Install them with "
            f"'scripts/odoo -d {name} -i {','.join(missing)} --stop-after-init', "
            "or choose another name with DB=."
        )


def logins_file(name: str) -> Path:
    return paths.DATA / "logins" / f"{name}.json"


def _write_logins(store: Store, database: str, name: str) -> None:
    output = host_cli.inside(store.server, store.data, "logins", database)
    found = re.search(r"^LOGINS (.*)$", output, re.M)
    target = logins_file(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(found[1] if found else "[]", encoding="utf-8")


def logins(name: str) -> list[dict]:
    try:
        return json.loads(logins_file(name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
