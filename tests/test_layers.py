"""The layers of docs/architecture.md: who may depend on, import and name whom."""

from graphlib import CycleError

import pytest
from house_rules.addon_rules import Addon, read_addons
from house_rules.layers import (
    BASE,
    LAYERS,
    LEAF,
    MIDDLE,
    install_order,
    layer_findings,
)

ADDONS = read_addons()


def manifest(*depends):
    return {"__manifest__.py": repr({"name": "x", "depends": list(depends)})}


def test_every_addon_of_the_repository_has_a_layer():
    assert {addon.name for addon in ADDONS} <= set(LAYERS)


def test_the_addons_install_from_the_base_up():
    order = install_order(ADDONS)
    assert order[0] == BASE
    assert LEAF not in order or order[-1] == LEAF


@pytest.mark.parametrize("name", [addon.name for addon in ADDONS])
def test_an_addon_knows_only_the_layers_below_it(name):
    findings = [f for f in layer_findings(ADDONS) if f"addons/{name}/" in f.path]
    assert not findings, "\n" + "\n".join(map(str, findings))


def test_the_manifests_hold_no_circle():
    assert not [f for f in layer_findings(ADDONS) if f.rule == "layer-cycle"]


BAD = {
    "layer-depends": ("crm_sales", {**manifest(BASE, MIDDLE[1])}),
    "layer-naming": ("crm_sales", {**manifest(BASE), "views/a.xml": "<a ref='crm_service.b'/>"}),
    "layer-import": (
        "crm_service",
        {**manifest(BASE), "models/a.py": "from odoo.addons import crm_reports\n"},
    ),
    "layer-model": (
        "crm_campaigns",
        {**manifest(BASE), "models/a.py": "x = self.env['crm.sold']\n"},
    ),
}
OWNER = Addon(
    "crm_sales",
    {
        **manifest(BASE),
        "models/crm_sold.py": "class Sold(models.Model):\n    _name = 'crm.sold'\n",
    },
)


@pytest.mark.parametrize("rule", sorted(BAD))
def test_a_broken_layer_is_found(rule):
    name, files = BAD[rule]
    findings = layer_findings([Addon(name, files), OWNER])
    assert rule in {finding.rule for finding in findings}


@pytest.mark.parametrize(
    "line",
    [
        "# see crm_sales for the plan",
        "menu = env.ref('crm_sales_menu_sales')",
        "text = 'install crm_sales first'",
    ],
)
def test_the_base_may_not_even_mention_an_addon_above_it(line):
    base = Addon(BASE, {**manifest(), "models/a.py": f"{line}\n"})
    assert [f for f in layer_findings([base]) if f.rule == "layer-naming"]


def test_a_field_whose_name_starts_alike_is_no_finding():
    base = Addon(BASE, {**manifest(), "models/a.py": "crm_sales_person = fields.Char()\n"})
    assert not layer_findings([base])


def test_a_circle_of_manifests_is_found():
    circle = [Addon(BASE, manifest(LEAF)), Addon(LEAF, manifest(BASE))]
    with pytest.raises(CycleError):
        install_order(circle)
    assert "layer-cycle" in {finding.rule for finding in layer_findings(circle)}
