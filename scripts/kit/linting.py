"""The linters: each must report nothing."""

import os
import subprocess

from . import paths
from .console import say

# A host model that several subjects extend is split by subject, to keep files short. It must be
# said here: in pyproject.toml, enabling pylint-odoo's checks would win over it.
PYLINT_DISABLED = "consider-merging-classes-inherited"
PYLINT_OPTIONS = ["--rcfile=pyproject.toml", f"--disable={PYLINT_DISABLED}"]


def commands() -> dict[str, list[str]]:
    """Name -> command line; the same ones run before a commit."""
    tools = paths.VENV / "bin"
    addons = [str(paths.ADDONS / name) for name in paths.addon_names()]
    catalogues = [str(path) for path in sorted(paths.ADDONS.glob("*/i18n/*.po*"))]
    found = {
        "ruff check": [str(tools / "ruff"), "check", "."],
        "ruff format": [str(tools / "ruff"), "format", "--check", "."],
        "pylint-odoo": [str(paths.PYTHON), "-m", "pylint", *PYLINT_OPTIONS, *addons],
        "OCA module checks": [str(tools / "oca-checks-odoo-module"), *addons],
    }
    if catalogues:
        found["OCA translation checks"] = [str(tools / "oca-checks-po"), *catalogues]
    return found


def run() -> int:
    """Run all linters, print what they find, and return 1 when any found something."""
    path = f"{paths.VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": ""}
    failed = []
    for name, command in commands().items():
        result = subprocess.run(
            command,
            cwd=paths.ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        say(f"{name}: {'findings' if result.returncode else 'clean'}")
        if result.returncode:
            say(result.stdout.rstrip())
            failed.append(name)
    return 1 if failed else 0
