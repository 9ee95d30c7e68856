"""House rules that need a whole addon: rights, translations, and what every addon ships."""

import ast
import csv
import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib

from .base import ROOT, Finding, Registry, Source
from .python_rules import class_value, model_classes, model_name, name_of
from .xml_rules import dotted, field_of, records

ADDON_RULES = Registry()
CJK = re.compile(r"[\u4e00-\u9fff]")
# Half-width punctuation beside a Chinese character; markup and placeholders are taken out before.
NARROW = re.compile(
    r"[\u4e00-\u9fff] ?[,;:!?]|[,;:!?] ?[\u4e00-\u9fff]|[\u4e00-\u9fff]\(|\)[\u4e00-\u9fff]"
)
MARKUP = re.compile(r"<[^<>]*>|%\(\w+\)s")
ICON_SIZE = 128


@dataclass
class Model:
    """What the rules need to know of one model that an addon defines."""

    name: str
    kind: str
    path: str
    line: int
    inherits: tuple[str, ...]
    fields: set[str] = field(default_factory=set)


class Addon:
    """An addon as a folder of text; built from a mapping in the self-tests."""

    def __init__(self, name: str, files: dict[str, str | bytes]):
        """Take the files by their path inside the addon."""
        self.name = name
        self.files = files
        self.folder = ""  # the rules of an addon apply to all of it

    @classmethod
    def read(cls, path: Path) -> "Addon":
        """Read the files of an addon that rules look at."""
        files: dict[str, str | bytes] = {}
        for item in sorted(path.rglob("*")):
            if item.suffix in {".py", ".xml", ".csv", ".po", ".pot", ".md"}:
                files[str(item.relative_to(path))] = item.read_text(encoding="utf-8")
            elif item.suffix in {".png", ".html"}:
                files[str(item.relative_to(path))] = item.read_bytes()
        return cls(path.name, files)

    def path(self, inside: str) -> str:
        """A path as findings print it."""
        return f"addons/{self.name}/{inside}"

    def sources(self, *suffixes: str) -> Iterator[Source]:
        """Files by their ending, as sources."""
        for inside, text in self.files.items():
            if inside.endswith(suffixes) and isinstance(text, str):
                yield Source(self.path(inside), text, self.name)

    def models(self) -> Iterator[Model]:
        """The models this addon defines (extensions of foreign models are not among them)."""
        for source in self.sources(".py"):
            if source.folder not in {"models", "wizard", "report"}:
                continue
            for node in model_classes(source):
                inherit = class_value(node, "_inherit") or ()
                inherits = (inherit,) if isinstance(inherit, str) else tuple(inherit)
                name = model_name(node)
                if not class_value(node, "_name") or name in inherits:
                    continue
                kind = next(name_of(b) for b in node.bases if name_of(b).endswith("Model"))
                targets = [t for s in node.body if isinstance(s, ast.Assign) for t in s.targets]
                names = {target.id for target in targets if isinstance(target, ast.Name)}
                yield Model(name, kind, source.path, node.lineno, inherits, names)


def access_lines(addon: Addon) -> list[dict[str, str]]:
    """The rows of the addon's access file."""
    text = addon.files.get("security/ir.model.access.csv", "")
    return list(csv.DictReader(io.StringIO(text)))


@ADDON_RULES.register("model-access")
def model_access(addon: Addon) -> Iterator[Finding]:
    """Every model has explicit access lines."""
    granted = {dotted(row["model_id:id"]) for row in access_lines(addon)}
    for model in addon.models():
        if model.kind != "AbstractModel" and model.name.replace(".", "_") not in granted:
            yield Finding(
                "model-access",
                model.path,
                model.name,
                model.line,
                "no line in security/ir.model.access.csv: nobody can use it",
            )


@ADDON_RULES.register("access-id")
def access_id(addon: Addon) -> Iterator[Finding]:
    """Access lines are `access_<model>_<group>`, and every one names a group."""
    path = addon.path("security/ir.model.access.csv")
    for number, row in enumerate(access_lines(addon), 2):
        prefix = f"access_{dotted(row['model_id:id'])}_"
        if not row["id"].startswith(prefix) or not row["group_id:id"]:
            yield Finding(
                "access-id",
                path,
                row["id"],
                number,
                f"call it {prefix}<group> and name the group",
            )


@ADDON_RULES.register("outsiders-never-write")
def outsiders_never_write(addon: Addon) -> Iterator[Finding]:
    """Portal and public users write only through controllers that check ownership."""
    path = addon.path("security/ir.model.access.csv")
    for number, row in enumerate(access_lines(addon), 2):
        outside = row["group_id:id"] in {"base.group_portal", "base.group_public", ""}
        writes = {row["perm_write"], row["perm_create"], row["perm_unlink"]} != {"0"}
        if outside and writes:
            yield Finding(
                "outsiders-never-write",
                path,
                row["id"],
                number,
                "portal and public users get no write, create or delete",
            )


@ADDON_RULES.register("company-rule")
def company_rule(addon: Addon) -> Iterator[Finding]:
    """A model with a company has a rule that keeps companies apart."""
    ruled = {
        dotted(field_of(record, "model_id"))
        for source in addon.sources(".xml")
        for record in records(source, "ir.rule")
        if "compan" in field_of(record, "domain_force")
    }
    models = list(addon.models())
    with_company = {model.name for model in models if "company_id" in model.fields}
    for model in models:
        has_company = model.name in with_company or with_company & set(model.inherits)
        if model.kind == "Model" and has_company and model.name.replace(".", "_") not in ruled:
            yield Finding(
                "company-rule",
                model.path,
                model.name,
                model.line,
                "has company_id but no record rule over the user's companies",
            )


@ADDON_RULES.register("translation")
def translation(addon: Addon) -> Iterator[Finding]:
    """The Chinese file is complete against the exported template."""
    template, chinese = f"i18n/{addon.name}.pot", "i18n/zh_CN.po"
    missing = [inside for inside in (template, chinese) if inside not in addon.files]
    for inside in missing:
        yield Finding("translation", addon.path(inside), addon.name, 1, "the file is missing")
    if missing:
        return
    translated = {
        entry.msgid: entry
        for entry in polib.pofile(addon.files[chinese])
        if not entry.obsolete and "fuzzy" not in entry.flags and entry.msgstr.strip()
    }
    for entry in polib.pofile(addon.files[template]):
        if entry.msgid not in translated:
            yield Finding(
                "translation",
                addon.path(chinese),
                entry.msgid[:60],
                1,
                "not translated",
            )


@ADDON_RULES.register("chinese-punctuation")
def chinese_punctuation(addon: Addon) -> Iterator[Finding]:
    """Chinese sentences have full-width punctuation: ，：；！？（）."""
    chinese = "i18n/zh_CN.po"
    for entry in polib.pofile(addon.files.get(chinese, "")):
        narrow = NARROW.search(MARKUP.sub("", entry.msgstr))
        if narrow and not entry.obsolete:
            yield Finding(
                "chinese-punctuation",
                addon.path(chinese),
                entry.msgid[:60],
                entry.linenum,
                f"write “{narrow[0]}” in full width",
            )


@ADDON_RULES.register("addon-parts")
def addon_parts(addon: Addon) -> Iterator[Finding]:
    """Every addon ships a README in both languages, an icon, a page for the app list, and tests."""
    readme = addon.files.get("README.md", "")
    if len(readme) < 400 or not CJK.search(readme):
        yield Finding(
            "addon-parts",
            addon.path("README.md"),
            "README.md",
            1,
            "missing, too short or without its Chinese section",
        )
    icon = addon.files.get("static/description/icon.png", b"")
    if icon[:8] != b"\x89PNG\r\n\x1a\n" or struct.unpack(">II", icon[16:24]) != (ICON_SIZE,) * 2:
        yield Finding(
            "addon-parts",
            addon.path("static/description/icon.png"),
            "icon.png",
            1,
            f"missing, or not a {ICON_SIZE} x {ICON_SIZE} PNG",
        )
    page = addon.files.get("static/description/index.html", b"")
    if not CJK.search(page.decode()):
        yield Finding(
            "addon-parts",
            addon.path("static/description/index.html"),
            "index.html",
            1,
            "missing, or without Chinese: the host would read README.md as reStructuredText",
        )
    if not any(re.fullmatch(r"tests/test_\w+\.py", inside) for inside in addon.files):
        yield Finding("addon-parts", addon.path("tests"), "tests", 1, "the addon has no test")


@ADDON_RULES.register("tests-imported")
def tests_imported(addon: Addon) -> Iterator[Finding]:
    """The host runs only the test files that `tests/__init__.py` imports."""
    imported = set(re.findall(r"\btest_\w+", addon.files.get("tests/__init__.py", "")))
    for inside in addon.files:
        match = re.fullmatch(r"tests/(test_\w+)\.py", inside)
        if match and match[1] not in imported:
            yield Finding(
                "tests-imported",
                addon.path(inside),
                match[1],
                1,
                "not imported in tests/__init__.py, so the host never runs it",
            )


@ADDON_RULES.register("manifest-files")
def manifest_files(addon: Addon) -> Iterator[Finding]:
    """The manifest lists every data file, and each listed file exists."""
    path = addon.path("__manifest__.py")
    manifest = ast.literal_eval(addon.files["__manifest__.py"])
    listed = {*manifest.get("data", ()), *manifest.get("demo", ())}
    for inside in sorted(listed - set(addon.files)):
        yield Finding("manifest-files", path, inside, 1, "listed but does not exist")
    data = r"(views|security|data|wizard|report|demo)/[^/]+\.(xml|csv)"
    for inside in sorted(set(addon.files) - listed):
        if re.fullmatch(data, inside):
            yield Finding("manifest-files", path, inside, 1, "exists but is not listed")


def read_addons() -> list[Addon]:
    """All addons of the repository."""
    return [Addon.read(path.parent) for path in sorted((ROOT / "addons").glob("*/__manifest__.py"))]
