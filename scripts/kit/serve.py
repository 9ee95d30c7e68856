"""``make run``: set up, create the database the first time, serve until Ctrl-C."""

import contextlib
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import database, host, host_cli, paths, venv
from .console import Problem, child, locked, say
from .postgres import Server, server_for_run

SETTING_UP = "Waiting for another command that sets up this checkout ..."


def set_up(development: bool = False) -> None:
    """Whatever is missing of Python packages and host; at once when nothing is."""
    with locked("setup", SETTING_UP):
        venv.setup(development)
        host.setup()


def run(port: int, name: str, options: Sequence[str] = ()) -> int:
    """Serve database ``name`` on ``port`` and return the server's exit code."""
    interface = os.environ.get("HOST", "127.0.0.1")
    database.check_name(name)
    _check_port(interface, port)
    set_up()
    with _registered(), server_for_run() as server:
        database.ensure_demonstration(database.Store(server, paths.DATA), name)
        _check_port(interface, port)
        return _serve(server, interface, port, name, options)


def _check_port(interface: str, port: int) -> None:
    if not 0 < port < 65536:
        raise Problem(f"PORT={port} is no port: use a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((interface, port))
        except PermissionError as error:
            raise Problem(f"Port {port} is reserved for root: choose one above 1023.") from error
        except OSError as error:
            raise Problem(
                f"Port {port} is taken by another program: make run PORT={port + 1}"
            ) from error


@contextlib.contextmanager
def _registered() -> Iterator[None]:
    """Leave a note of this process, by which ``make clean`` finds the servers to stop."""
    note = paths.STATE / "servers" / str(os.getpid())
    note.parent.mkdir(parents=True, exist_ok=True)
    for old in note.parent.iterdir():
        if not (Path("/proc") / old.name).exists():
            old.unlink(missing_ok=True)
    note.touch()
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def stop_all() -> None:
    """End the servers that ``make run`` started in this checkout."""
    for note in (paths.STATE / "servers").glob("[0-9]*"):
        process = Path("/proc") / note.name
        with contextlib.suppress(OSError):
            if b"suite" in (process / "cmdline").read_bytes():
                os.kill(int(note.name), signal.SIGTERM)
                deadline = time.monotonic() + 30
                while process.exists() and time.monotonic() < deadline:
                    time.sleep(0.1)
        note.unlink(missing_ok=True)


def _serve(server: Server, interface: str, port: int, name: str, options: Sequence[str]) -> int:
    log = paths.LOGS / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [
        paths.PYTHON, host_cli.LAUNCHER, "-d", name, f"--db-filter=^{name}$",
        f"--http-interface={interface}", f"--http-port={port}", *options,
    ]  # fmt: skip
    environment = host_cli.environment(server)
    with (
        log.open("a") as sink,
        child(command, env=environment, cwd=paths.ROOT, stdout=sink.fileno()) as process,
    ):
        address = f"http://{'localhost' if interface == '127.0.0.1' else interface}:{port}"
        while not _answers(f"http://{_reachable(interface)}:{port}/web/health"):
            if process.poll() is not None:
                last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                raise Problem(f"The server stopped: {(last or ['no message'])[-1]} (log: {log})")
            time.sleep(0.3)
        _announce(address, name, log)
        return process.wait()


def _reachable(interface: str) -> str:
    return "127.0.0.1" if interface == "0.0.0.0" else interface


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _announce(address: str, name: str, log) -> None:
    say("")
    say(f"  CRM Suite is ready:  {address}")
    known = database.logins(name)
    if known:
        say("  Logins (the password is the same word):")
        width = max(len(row["login"]) for row in known)
        for row in known:
            portal = " (customer portal)" if row["portal"] else ""
            say(f"    {row['login']:<{width}}  {row['name']}{portal}")
    say(f"  Server log: {log}")
    say("  Ctrl-C stops everything.")
