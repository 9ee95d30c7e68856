"""The Python environment ``.venv``: pinned packages, every file checked against its hash."""

import hashlib
import re
import shutil
import sys
import tempfile
from pathlib import Path

from . import packages, paths
from .console import Problem, Progress, require_space, run, run_logged, stamp_matches, write_stamp

RUNTIME = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"
# Packages without a wheel are built with these, pinned as well, not with whatever is newest.
BUILDERS = ("packaging", "setuptools", "wheel")


def setup(development: bool = False) -> None:
    """Create or complete ``.venv``. A half-made one has no stamp and is made anew."""
    runtime_key, development_key = _key(RUNTIME), _key(DEVELOPMENT)
    if not stamp_matches(paths.VENV / ".suite-runtime", runtime_key):
        require_space(paths.VENV, 700)
        _create()
        _install(RUNTIME)
        write_stamp(paths.VENV / ".suite-runtime", runtime_key)
    if development and not stamp_matches(paths.VENV / ".suite-development", development_key):
        require_space(paths.VENV, 500)
        _install(DEVELOPMENT)
        write_stamp(paths.VENV / ".suite-development", development_key)


def _key(requirements: str) -> str:
    content = (paths.ROOT / requirements).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    version = ".".join(map(str, sys.version_info[:2]))
    # An environment cannot be moved, so its own place belongs to the key.
    return f"{version} {paths.VENV} {digest}\n"


def _create() -> None:
    if paths.VENV.exists():
        shutil.rmtree(paths.VENV)
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        version = ".".join(map(str, sys.version_info[:2]))
        packages.require([f"python{version}-venv"], "to create Python environments")
    run([sys.executable, "-m", "venv", paths.VENV], "Creating the Python environment")
    _install_builders()


def _install_builders() -> None:
    text = (paths.ROOT / RUNTIME).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    chosen = [block for block in blocks if block.startswith(tuple(f"{b}==" for b in BUILDERS))]
    with tempfile.TemporaryDirectory(prefix="crm-suite-") as folder:
        requirements = Path(folder) / "builders.txt"
        requirements.write_text("\n".join(chosen) + "\n", encoding="utf-8")
        _pip(requirements, "Python build tools")


def _install(requirements: str) -> None:
    _pip(paths.ROOT / requirements, f"Python packages of {requirements}")


def _pip(requirements: Path, what: str) -> None:
    text = requirements.read_text(encoding="utf-8")
    total = len(re.findall(r"^[\w.-]+==", text, re.MULTILINE))
    progress = Progress(what)
    seen = 0

    def follow(line: str) -> None:
        nonlocal seen
        seen += line.startswith(("Collecting ", "Requirement already"))
        building = line.startswith(("Installing", "Building"))
        progress.show("installing" if building else f"{seen} of about {total}")

    command = [
        paths.PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
        "--retries=2", "--no-build-isolation", "--require-hashes", "-r", requirements,
    ]  # fmt: skip
    log = paths.LOGS / "pip.log"
    try:
        run_logged(command, what, log, follow)
    except Problem as problem:
        output = log.read_text(encoding="utf-8", errors="replace")
        if re.search(r"(Retrying|NewConnectionError|Name or service|No matching dist)", output):
            raise Problem(
                f"{what}: the Python package index cannot be reached. Check the network "
                f"(or pip's own configuration) and repeat the command; details: {log}"
            ) from problem
        raise
    progress.done()
