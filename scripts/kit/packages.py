"""System packages: only what cannot live inside the checkout, and never silently."""

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from . import paths
from .console import Problem, run_logged, say

# What the tests need from the system: package -> how to see that it is there.
FOR_TESTS = {
    "chromium": lambda: any(map(shutil.which, ("google-chrome", "chromium", "chromium-browser"))),
    "fonts-noto-cjk": lambda: any(
        folder.is_dir() and any(folder.rglob("NotoSans*CJK*"))
        for folder in (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
    ),
    "wkhtmltopdf": lambda: shutil.which("wkhtmltopdf"),
    "poppler-utils": lambda: shutil.which("pdftotext"),
}


def setup_for_tests() -> None:
    """Make sure the browser, the Chinese fonts and the PDF tools are there."""
    missing = [name for name, present in FOR_TESTS.items() if not present()]
    if missing:
        require(missing, "for the browser and PDF tests")


def require(names: Sequence[str], why: str) -> None:
    """Install system packages as root; tell an ordinary user the exact command."""
    command = f"apt-get install {' '.join(names)}"
    if os.geteuid() != 0:
        raise Problem(f"Missing on this system, needed {why}. Run: sudo {command}")
    if not shutil.which("apt-get"):
        raise Problem(f"Missing on this system, needed {why}: {', '.join(names)}. Install them.")
    say(f"Installing system packages {why}: {', '.join(names)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    log = paths.LOGS / "apt.log"
    install = ["apt-get", "install", "-y", "--no-install-recommends", *names]
    try:
        run_logged(install, command, log, env=environment)
    except Problem:
        # Package lists are absent or old on a fresh machine; a failing third-party
        # source must not stop the update of the others.
        say("  refreshing the package lists first")
        try:
            run_logged(["apt-get", "update"], "apt-get update", log, env=environment)
        except Problem as problem:
            say(f"  {problem}")
        run_logged(install, command, log, _tell_download, env=environment)


def _tell_download(line: str) -> None:
    if re.match(r"(Need to get|After this operation)", line):
        say(f"  {line}")
