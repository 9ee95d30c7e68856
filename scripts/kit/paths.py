"""Where things live. All that set-up creates is inside the checkout or the user's cache."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDONS = ROOT / "addons"
CONFIG = ROOT / "odoo.conf"
VENV = ROOT / ".venv"
HOST = ROOT / ".host"
POSTGRES = ROOT / ".postgres"
DATA = ROOT / ".data"
LOGS = DATA / "log"
STATE = ROOT / ".cache"

PYTHON = VENV / "bin" / "python"
CREATED = (VENV, HOST, POSTGRES, DATA, STATE)


def user_cache() -> Path:
    """The folder that keeps downloads over ``make clean``."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "crm-suite"


def addon_names() -> list[str]:
    """The addons of this checkout, in alphabetical order."""
    return sorted(manifest.parent.name for manifest in ADDONS.glob("*/__manifest__.py"))
