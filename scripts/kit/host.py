"""The host, Odoo 19 Community: ``ODOO_HOME``, or the Debian package unpacked into ``.host``."""

import getpass
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from . import paths
from .console import Problem, Progress, child, explain_failure, require_space, run, say

SERIES = "19.0"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# The package in Debian's development suite, and the packages its symbolic links point into;
# these are taken from the stable suite, whose file names the links expect.
HOST_PACKAGE = "odoo-19"
SUITES = {
    HOST_PACKAGE: "sid",
    "fonts-font-awesome": "trixie",
    "fonts-inconsolata": "trixie",
    "fonts-montserrat": "trixie",
    "fonts-ocr-b": "trixie",
    "fonts-roboto-unhinted": "trixie",
    "libjs-jquery": "trixie",
    "libjs-jquery-form": "trixie",
    "libjs-underscore": "trixie",
}
RECORD = ".suite-host.json"
PYTHON_TREE = Path("usr/lib/python3/dist-packages")
# Left out of the free-software build; it only blurs the camera picture in calls.
STUB = Path("odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js")
STUB_TEXT = "/* Not part of the free-software build: background blur in calls is unavailable. */\n"
CLONE_HINT = (
    "git clone --depth 1 --branch 19.0 https://github.com/odoo/odoo odoo-19 "
    "&& export ODOO_HOME=$PWD/odoo-19"
)


def home() -> Path:
    """The folder that goes on PYTHONPATH: it holds the package ``odoo``."""
    own = os.environ.get("ODOO_HOME")
    return Path(own).expanduser().resolve() if own else paths.HOST / PYTHON_TREE


def version() -> str:
    """What distinguishes this host from another one."""
    if os.environ.get("ODOO_HOME"):
        return f"{home()} {(home() / 'odoo' / 'release.py').stat().st_mtime}"
    return (paths.HOST / RECORD).read_text(encoding="utf-8")


def setup() -> None:
    """Make the host available. Without a network the kept packages are used."""
    if os.environ.get("ODOO_HOME"):
        _check_home(home())
        return
    if (paths.HOST / RECORD).is_file():
        return
    require_space(paths.HOST, 1800)
    if not shutil.which("dpkg-deb"):
        raise Problem(f"This system has no dpkg-deb to unpack the host. Run: {CLONE_HINT}")
    _unpack(_kept_packages() or _download())


def _check_home(folder: Path) -> None:
    release = folder / "odoo" / "release.py"
    if not release.is_file():
        raise Problem(f"ODOO_HOME={folder} holds no Odoo (no odoo/release.py). Try: {CLONE_HINT}")
    if not re.search(r"^version_info = \(19, 0,", release.read_text(encoding="utf-8"), re.M):
        raise Problem(f"ODOO_HOME={folder} is not Odoo {SERIES}. Try: {CLONE_HINT}")


# --- packages kept from an earlier download ---------------------------------------------------


def _kept_packages() -> list[Path]:
    """A complete set of packages: from the folder HOST_DEBS, else from the user's cache."""
    given = os.environ.get("HOST_DEBS")
    folder = Path(given).expanduser() if given else paths.user_cache() / "debs"
    found = _whole_packages(folder)
    missing = [name for name in SUITES if name not in found]
    if missing and given:
        raise Problem(f"HOST_DEBS={folder} has no undamaged package of: {', '.join(missing)}")
    if missing:
        return []
    say(f"Host packages: kept ones in {folder}")
    return list(found.values())


def _whole_packages(folder: Path) -> dict[str, Path]:
    """The newest undamaged file of each wanted package."""
    sums = _read_sums(folder)
    found = {}
    for name in SUITES:
        whole = [deb for deb in folder.glob(f"{name}_*.deb") if _is_whole(deb, sums)]
        if whole:
            found[name] = max(whole, key=lambda deb: deb.stat().st_mtime)
    return found


def _is_whole(deb: Path, sums: dict[str, str]) -> bool:
    """Compare with the recorded sum; a folder without sums must at least unpack."""
    if deb.name in sums:
        return _sha256(deb) == sums[deb.name]
    listing = subprocess.run(
        ["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    return listing.returncode == 0


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _read_sums(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {name: digest for digest, name in (line.split(None, 1) for line in lines if line)}


# --- download through the machine's own mirror ------------------------------------------------


def _download() -> list[Path]:
    if not shutil.which("apt-get") or not KEYRING.is_file():
        raise Problem(f"This system has no Debian package tools. Run: {CLONE_HINT}")
    cache = paths.user_cache() / "debs"
    require_space(cache, 500)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=cache) as workplace:
        problem = Problem("apt names no Debian mirror with a component 'main'; add one.")
        for mirror in _mirrors():
            try:
                apt = _private_apt(Path(workplace), mirror)
                wanted = _fetch(apt, Path(workplace) / "debs")
                break
            except Problem as failure:
                problem = failure
        else:
            raise problem
        return _keep(wanted, Path(workplace) / "debs", cache)


def _mirrors() -> list[str]:
    """The archives this machine is set up with, Debian's first, without the security ones."""
    listing = run(
        [
            "apt-get", "indextargets", "--no-release-info",
            "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages",
        ],
        "Asking apt for its mirrors",
    )  # fmt: skip
    rows = [line.split() for line in listing.splitlines()]
    usable = [
        row[0] for row in rows if len(row) == 3 and row[2] == "main" and "security" not in row[1]
    ]
    return sorted(dict.fromkeys(usable), key=lambda uri: "debian" not in uri)


def _private_apt(workplace: Path, mirror: str) -> list[str]:
    """An apt-get with its own lists: needs no root and leaves the system's as they are."""
    for folder in ("lists/partial", "cache/archives/partial", "debs"):
        (workplace / folder).mkdir(parents=True, exist_ok=True)
    (workplace / "status").touch()
    suites = sorted(set(SUITES.values()))
    (workplace / "sources.list").write_text(
        "".join(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in suites)
    )
    options = {
        "Dir::State": workplace,
        "Dir::State::lists": workplace / "lists",
        "Dir::State::status": workplace / "status",
        "Dir::Cache": workplace / "cache",
        "Dir::Etc::sourcelist": workplace / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::preferencesparts": "-",
        "APT::Sandbox::User": getpass.getuser(),
        "APT::Get::List-Cleanup": "false",
        "Acquire::Languages": "none",
        "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false",
        "Acquire::Retries": "2",
    }
    apt = ["apt-get", "-q", *(f"-o{key}={value}" for key, value in options.items())]
    progress = Progress("Package lists of Debian (signature checked)")
    try:
        run([*apt, "--error-on=any", "update"], "apt-get update")
    except Problem as problem:
        raise Problem(
            "Debian's mirror cannot be reached or its signature does not hold; check the network, "
            f"or give a folder of kept packages as HOST_DEBS, or ODOO_HOME. ({problem})"
        ) from problem
    progress.done()
    return apt


def _fetch(apt: list[str], target: Path) -> dict[str, str]:
    """Download into ``target``; returns file name -> SHA-256 as signed by the archive."""
    command = [*apt, "download", *(f"{name}/{suite}" for name, suite in SUITES.items())]
    try:
        uris = run([*command, "--print-uris"], "Looking for the host's packages", cwd=target)
    except Problem as problem:
        raise Problem(
            f"The mirror offers no {HOST_PACKAGE} any more ({problem}). Run: {CLONE_HINT}"
        ) from problem
    rows = re.findall(r"^'[^']*' (\S+) (\d+) SHA256:([0-9a-f]{64})", uris, re.M)
    if len(rows) != len(SUITES):
        raise Problem("apt does not tell the checksums of the host's packages; update apt.")
    total = sum(int(size) for _name, size, _digest in rows)
    version = next(name for name, *_ in rows if name.startswith(HOST_PACKAGE)).split("_")[1]
    progress = Progress(f"Host {HOST_PACKAGE} {version}, {total / 1e6:.0f} MB")
    log = target.parent / "download.log"
    with log.open("w") as sink, child(command, cwd=target, stdout=sink.fileno()) as process:
        while process.poll() is None:
            got = sum(deb.stat().st_size for deb in target.glob("*.deb*"))
            progress.show(f"{got / 1e6:.0f} of {total / 1e6:.0f} MB")
            time.sleep(0.2)
    if process.returncode:
        raise explain_failure("Downloading the host", log.read_text(errors="replace"))
    progress.done()
    return {name: digest for name, _size, digest in rows}


def _keep(wanted: dict[str, str], source: Path, cache: Path) -> list[Path]:
    for name, digest in wanted.items():
        if _sha256(source / name) != digest:
            raise Problem(f"{name} arrived damaged: repeat the command.")
    sums = {**_read_sums(cache), **wanted}
    for name in wanted:
        os.replace(source / name, cache / name)
    partial = cache / "SHA256SUMS.new"
    partial.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))
    os.replace(partial, cache / "SHA256SUMS")
    return [cache / name for name in wanted]


# --- unpacking --------------------------------------------------------------------------------


def _unpack(debs: list[Path]) -> None:
    """Unpack beside the final place and rename at the end, so that no half tree is trusted."""
    partial = paths.STATE / "host.new"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    progress = Progress("Unpacking the host")
    for deb in debs:
        run(["dpkg-deb", "-x", deb, partial], f"Unpacking {deb.name}")
    tree = partial / PYTHON_TREE
    # A second copy of the modules' .py files that the host would take for an addons folder.
    shutil.rmtree(tree / "addons", ignore_errors=True)
    stub = tree / STUB
    if not stub.exists():
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text(STUB_TEXT)
    _mend_links(partial)
    _check_home(tree)
    record = {"packages": [deb.name for deb in debs]}
    (partial / RECORD).write_text(json.dumps(record, indent=1) + "\n")
    if paths.HOST.exists():
        shutil.rmtree(paths.HOST)
    os.replace(partial, paths.HOST)
    progress.done()


def _mend_links(root: Path) -> None:
    """Point absolute links into the unpacked tree, relatively: the checkout may be moved."""
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            link = Path(folder) / name
            if link.is_symlink() and os.path.isabs(os.readlink(link)):
                inside = root / os.readlink(link).lstrip("/")
                link.unlink()
                link.symlink_to(os.path.relpath(inside, folder))
    dangling = [
        str(path.relative_to(root))
        for path in (root / PYTHON_TREE).rglob("*")
        if path.is_symlink() and not path.exists()
    ]
    if dangling:
        raise Problem(
            f"The kept or downloaded packages do not fit together: {dangling[0]} leads nowhere."
        )
