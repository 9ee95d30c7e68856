"""A real server process on a database of its own, for tests that nothing may simulate.

The database is a copy of the run's template, so the test may commit. The server runs as ``make
run`` runs it, with its scheduler off: tests trigger the jobs they need, as an administrator would.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
import uuid
from pathlib import Path

from kit import host_cli
from mail_servers import free_port, wait_for_port

START_SECONDS = 90


class LiveServer:
    """Copy the template, start the server, end both; use as a context manager.

    :ivar str url: address of the running server
    :ivar str database: its database
    """

    def __init__(self, output: Path):
        self.database = f"live_{uuid.uuid4().hex[:12]}"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = output / f"{self.database}.log"
        self._data = Path(os.environ["ODOO_DATA_DIR"])

    def __enter__(self):
        template = os.environ["CRM_SUITE_TEMPLATE"]
        _database("createdb", "-T", template, self.database)
        files = self._data / "filestore"
        if (files / template).is_dir():
            shutil.copytree(files / template, files / self.database)
        self._start()
        return self

    def __exit__(self, *_error):
        os.killpg(self._pid, signal.SIGKILL)
        _database("dropdb", "--force", self.database)
        shutil.rmtree(self._data / "filestore" / self.database, ignore_errors=True)

    def login(self, user: str, password: str) -> "Client":
        """Return an RPC client of ``user``."""
        return Client(self.url, self.database, user, password)

    def _start(self):
        # A session of its own: the host's test classes end every child of the test process.
        command = [
            sys.executable, str(host_cli.LAUNCHER), "-d", self.database,
            "--db-filter", f"^{self.database}$", "--http-interface", "127.0.0.1",
            "--http-port", str(self.port), "--max-cron-threads", "0", "--log-level", "warn",
            "--logfile", str(self.log), "--pidfile", str(self.log.with_suffix(".pid")),
        ]  # fmt: skip
        subprocess.run(["setsid", "--fork", *command], check=True)
        wait_for_port(self.port, START_SECONDS)
        self._pid = int(self.log.with_suffix(".pid").read_text())
        with urllib.request.urlopen(f"{self.url}/web/login", timeout=START_SECONDS) as page:
            page.read()


class Client:
    """Calls the server's models over JSON-RPC, as an outside program of one user would."""

    def __init__(self, url: str, database: str, user: str, password: str):
        self._url = f"{url}/jsonrpc"
        uid = self._send("common", "authenticate", database, user, password, {})
        if not uid:
            raise PermissionError(f"{user} cannot log in")
        self._access = (database, uid, password)

    def __call__(self, model: str, method: str, *args, **kwargs):
        """Call ``model.method(*args, **kwargs)`` and return what it returned."""
        return self._send("object", "execute_kw", *self._access, model, method, args, kwargs)

    def _send(self, service: str, method: str, *args):
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "params": {"service": service, "method": method, "args": args},
        }
        request = urllib.request.Request(
            self._url, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            result = json.load(answer)
        if "error" in result:
            raise RuntimeError(result["error"]["data"]["message"])
        return result.get("result")


def _database(program: str, *arguments: str) -> None:
    subprocess.run([program, *arguments], check=True, capture_output=True)
