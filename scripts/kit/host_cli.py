"""Running the host's programs with this project's host, configuration and database server."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from . import host, paths
from .console import Problem, Progress, require_space, run, run_logged
from .postgres import Server

LAUNCHER = Path(__file__).with_name("launch.py")
INSIDE = Path(__file__).with_name("inside.py")


def environment(server: Server, data: Path = paths.DATA) -> dict[str, str]:
    """The variables under which the host finds everything; they override odoo.conf."""
    inherited = {
        name: value
        for name, value in server.environment.items()
        if not name.startswith("ODOO_") or name == "ODOO_HOME"
    }
    tools = paths.VENV / "bin"
    return {
        **inherited,
        "PATH": f"{tools}{os.pathsep}{inherited['PATH']}",
        "VIRTUAL_ENV": str(paths.VENV),
        "PYTHONPATH": str(host.home()),
        "PYTHONUNBUFFERED": "1",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "CRM_SUITE_HOME": str(paths.ROOT),
        "ODOO_RC": str(paths.CONFIG),
        "ODOO_DATA_DIR": str(data),
        # odoo.conf describes a server behind a proxy; here there is none.
        "ODOO_WORKERS": "0",
        "ODOO_PROXY_MODE": "False",
    }


def install(
    server: Server,
    data: Path,
    database: str,
    modules: Sequence[str],
    label: str,
    log: Path,
    *options: str,
) -> None:
    """Install or update modules and show which one the host is at."""
    require_space(paths.DATA, 300)
    progress = Progress(label)

    def follow(line: str) -> None:
        found = re.search(r"Loading module (\S+) \((\d+)/(\d+)\)", line)
        if found:
            progress.show(f"{found[2]} of {found[3]}: {found[1]}")

    command = [
        paths.PYTHON, LAUNCHER, "-d", database, *(["-i", ",".join(modules)] if modules else []),
        "--stop-after-init", "--no-http", "--max-cron-threads=0", *options,
    ]  # fmt: skip
    run_logged(command, label, log, follow, env=environment(server, data), cwd=paths.ROOT)
    failed = re.search(r"^\S+ \S+ \d+ CRITICAL .*", log.read_text(encoding="utf-8"), re.M)
    if failed:
        raise Problem(f"{label} failed: {failed[0][:300]} (whole output: {log})")
    progress.done()


def inside(server: Server, data: Path, step: str, database: str) -> str:
    """Run one of the steps of :mod:`inside` and return what it printed."""
    command = [paths.PYTHON, INSIDE, step, database]
    return run(command, f"Step {step}", env=environment(server, data), cwd=paths.ROOT)
