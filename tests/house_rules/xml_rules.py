"""House rules on XML files: ids, no replacing, no dead syntax."""

import re
from collections.abc import Iterator

from lxml import etree

from .base import Finding, Registry, Source

XML_RULES = Registry()

VIEW_TYPES = (
    "form",
    "list",
    "kanban",
    "search",
    "pivot",
    "graph",
    "calendar",
    "activity",
    "hierarchy",
    "gantt",
    "cohort",
    "map",
)
ACTION_MODELS = {
    "ir.actions.act_window": "res_model",
    "ir.actions.server": "model_id",
    "ir.actions.report": "model",
}


def parse(source: Source) -> etree._Element:
    """The root element, comments kept out."""
    return etree.fromstring(source.text.encode(), etree.XMLParser(remove_comments=True))


def field_of(record: etree._Element, name: str) -> str:
    """The value of a record's field: its text, its reference or its eval."""
    for item in record.findall("field"):
        if item.get("name") == name:
            return item.get("ref") or item.get("eval") or (item.text or "").strip()
    return ""


def local(xml_id: str) -> str:
    """An XML id without its module."""
    return xml_id.rpartition(".")[2]


def dotted(model: str) -> str:
    """A model's name as XML ids spell it; `module.model_x_y` gives `x_y`."""
    return local(model).removeprefix("model_") if "model_" in model else model.replace(".", "_")


def records(source: Source, model: str) -> Iterator[etree._Element]:
    """The records of a model that this file creates or changes."""
    for record in parse(source).iter("record"):
        if record.get("model") == model:
            yield record


def _foreign(source: Source, xml_id: str) -> bool:
    """Whether an id belongs to another module (the file then changes a record it found)."""
    return "." in xml_id and not xml_id.startswith(f"{source.addon}.")


@XML_RULES.register("view-id")
def view_id(source: Source) -> Iterator[Finding]:
    """A view is `<model>_view_<type>[_suffix]`; an extension may keep its parent's id."""
    for record in records(source, "ir.ui.view"):
        xml_id = record.get("id", "")
        parent = local(field_of(record, "inherit_id"))
        if _foreign(source, xml_id) or field_of(record, "type") == "qweb":
            continue
        if parent and local(xml_id) == parent:
            continue
        prefix = f"{dotted(field_of(record, 'model'))}_view_"
        types = VIEW_TYPES
        arch = next((f for f in record.findall("field") if f.get("name") == "arch"), None)
        if arch is not None and len(arch) and not parent:
            types = (arch[0].tag,)
        pattern = rf"{re.escape(prefix)}({'|'.join(types)})(_\w+)?"
        if not re.fullmatch(pattern, local(xml_id)):
            yield Finding(
                "view-id",
                source.path,
                xml_id,
                record.sourceline,
                f"call it {prefix}<type>[_suffix] with type {'/'.join(types)}",
            )


@XML_RULES.register("action-id")
def action_id(source: Source) -> Iterator[Finding]:
    """An action is `<model>_action[_suffix]`; a printed report may be `<model>_report[_suffix]`."""
    for model, field in ACTION_MODELS.items():
        for record in records(source, model):
            xml_id = record.get("id", "")
            if _foreign(source, xml_id):
                continue
            target = dotted(field_of(record, field))
            kinds = "action|report" if model == "ir.actions.report" else "action"
            if not re.fullmatch(rf"{re.escape(target)}_({kinds})(_\w+)?", local(xml_id)):
                yield Finding(
                    "action-id",
                    source.path,
                    xml_id,
                    record.sourceline,
                    f"call it {target}_action[_suffix]",
                )


@XML_RULES.register("menu-id")
def menu_id(source: Source) -> Iterator[Finding]:
    """A menu is `<module>_menu_<name>`."""
    menus = [*parse(source).iter("menuitem"), *records(source, "ir.ui.menu")]
    for menu in menus:
        xml_id = menu.get("id", "")
        if not _foreign(source, xml_id) and not local(xml_id).startswith(f"{source.addon}_menu_"):
            yield Finding(
                "menu-id",
                source.path,
                xml_id,
                menu.sourceline,
                f"call it {source.addon}_menu_<name>",
            )


@XML_RULES.register("rule-id")
def rule_id(source: Source) -> Iterator[Finding]:
    """A record rule is `<model>_rule_<group>`."""
    for record in records(source, "ir.rule"):
        xml_id = record.get("id", "")
        prefix = f"{dotted(field_of(record, 'model_id'))}_rule_"
        if not _foreign(source, xml_id) and not local(xml_id).startswith(prefix):
            yield Finding(
                "rule-id",
                source.path,
                xml_id,
                record.sourceline,
                f"call it {prefix}<group>",
            )


@XML_RULES.register("group-id")
def group_id(source: Source) -> Iterator[Finding]:
    """A group is `group_<name>`."""
    for record in records(source, "res.groups"):
        xml_id = record.get("id", "")
        if not _foreign(source, xml_id) and not local(xml_id).startswith("group_"):
            yield Finding(
                "group-id",
                source.path,
                xml_id,
                record.sourceline,
                "call it group_<name>",
            )


@XML_RULES.register("no-replace")
def no_replace(source: Source) -> Iterator[Finding]:
    """`position="replace"` takes a view away from every other addon that extends it."""
    for node in parse(source).iter():
        if node.get("position") == "replace":
            yield Finding(
                "no-replace",
                source.path,
                _record_of(node),
                node.sourceline,
                'position="replace" breaks other addons; add, move or set attributes',
            )


@XML_RULES.register("no-tree-view")
def no_tree_view(source: Source) -> Iterator[Finding]:
    """The host's list views are `<list>`."""
    for node in parse(source).iter():
        is_mode = node.tag == "field" and node.get("name") == "view_mode"
        if node.tag == "tree" or (is_mode and "tree" in (node.text or "")):
            yield Finding(
                "no-tree-view",
                source.path,
                _record_of(node),
                node.sourceline,
                "Odoo 19 refuses tree; write list",
            )


def _record_of(node: etree._Element) -> str:
    """The id of the record or template around a node."""
    for parent in [node, *node.iterancestors()]:
        if parent.tag in {"record", "template", "menuitem"}:
            return parent.get("id", "")
    return ""
