"""Who may know whom: `crm_customers <- three in the middle <- crm_reports`."""

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from .addon_rules import Addon
from .base import Finding

BASE = "crm_customers"
MIDDLE = ("crm_sales", "crm_campaigns", "crm_service")
LEAF = "crm_reports"
LAYERS = {BASE: set(), **{name: {BASE} for name in MIDDLE}, LEAF: {BASE, *MIDDLE}}
SUFFIXES = (".py", ".xml", ".csv", ".po", ".pot", ".md", ".js", ".scss")


def depends(addon: Addon) -> set[str]:
    """The addons of this suite that a manifest depends on."""
    manifest = ast.literal_eval(addon.files["__manifest__.py"])
    return set(manifest.get("depends", ())) & set(LAYERS)


def install_order(addons: list[Addon]) -> list[str]:
    """An order in which the addons install; raises CycleError when there is none."""
    return list(TopologicalSorter({a.name: depends(a) for a in addons}).static_order())


def manifest_findings(addon: Addon) -> Iterator[Finding]:
    """A manifest depends on exactly the layers below it."""
    wanted = LAYERS[addon.name]
    if depends(addon) != wanted:
        yield Finding(
            "layer-depends",
            addon.path("__manifest__.py"),
            addon.name,
            1,
            f"depends on {sorted(depends(addon))} of this suite, should be {sorted(wanted)}",
        )


def naming_findings(addon: Addon) -> Iterator[Finding]:
    """No file names an addon that its own addon may not know: import, XML id, comment or text."""
    strangers = sorted(set(LAYERS) - LAYERS[addon.name] - {addon.name})
    if not strangers:
        return
    names = "|".join(strangers)
    pattern = re.compile(rf"(?<!\w)({names})(?!\w)|(?<!\w)({names})_menu_")
    for source in addon.sources(*SUFFIXES):
        for number, line in enumerate(source.text.splitlines(), 1):
            match = pattern.search(line)
            if match:
                yield Finding(
                    "layer-naming",
                    source.path,
                    match[1] or match[2],
                    number,
                    f"{addon.name} may not name this addon; meet on what {BASE} owns",
                )


def import_findings(addon: Addon) -> Iterator[Finding]:
    """No Python file imports from an addon above or beside its own."""
    allowed = LAYERS[addon.name] | {addon.name}
    for source in addon.sources(".py"):
        for node in ast.walk(source.tree):
            modules = []
            if isinstance(node, ast.ImportFrom) and not node.level:
                modules = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            for module in modules:
                parts = module.split(".")
                name = parts[2] if parts[:2] == ["odoo", "addons"] and len(parts) > 2 else ""
                if name in set(LAYERS) - allowed:
                    yield Finding(
                        "layer-import",
                        source.path,
                        module,
                        node.lineno,
                        f"{addon.name} may not import from {name}",
                    )


def model_findings(addon: Addon, owners: dict[str, str]) -> Iterator[Finding]:
    """No file names a model that is owned by an addon above or beside its own."""
    allowed = LAYERS[addon.name] | {addon.name}
    foreign = [model for model, owner in owners.items() if owner not in allowed]
    if not foreign:
        return
    names = "|".join(re.escape(model) for model in sorted(foreign))
    pattern = re.compile(rf"""["'>]({names})["'<]""")
    for source in addon.sources(".py", ".xml", ".csv", ".js"):
        for number, line in enumerate(source.text.splitlines(), 1):
            match = pattern.search(line)
            if match:
                yield Finding(
                    "layer-model",
                    source.path,
                    match[1],
                    number,
                    f"model {match[1]} belongs to {owners[match[1]]}, which {addon.name} "
                    "may not know",
                )


def owners_of_models(addons: list[Addon]) -> dict[str, str]:
    """The addon that defines each model."""
    return {model.name: addon.name for addon in addons for model in addon.models()}


def layer_findings(addons: list[Addon]) -> list[Finding]:
    """All findings about layers."""
    owners = owners_of_models(addons)
    found: list[Finding] = []
    try:
        install_order(addons)
    except CycleError as error:
        cycle = " -> ".join(error.args[1])
        found.append(Finding("layer-cycle", "addons", cycle, 1, "manifests depend in a circle"))
    for addon in (a for a in addons if a.name in LAYERS):
        found += manifest_findings(addon)
        found += naming_findings(addon)
        found += import_findings(addon)
        found += model_findings(addon, owners)
    return found
