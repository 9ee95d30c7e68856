"""The house rules over every addon, and a proof for each rule that it can fail."""

import struct

import pytest
from house_rules.addon_rules import ADDON_RULES, Addon, read_addons
from house_rules.base import ALLOW_FILE, AllowList, Source, our_addons, sources
from house_rules.python_rules import PYTHON_RULES
from house_rules.xml_rules import XML_RULES

NAMES = [path.name for path in our_addons()]


def all_findings():
    found = []
    for source in sources("**/*.py"):
        found += PYTHON_RULES.run(source)
    for source in sources("**/*.xml"):
        if source.folder != "static":
            found += XML_RULES.run(source)
    for addon in read_addons():
        found += ADDON_RULES.run(addon)
    return found


@pytest.fixture(scope="module")
def findings():
    return AllowList.read(ALLOW_FILE.read_text(encoding="utf-8")).split(all_findings())


@pytest.mark.parametrize("name", NAMES)
def test_an_addon_keeps_the_house_rules(findings, name):
    kept = [finding for finding in findings[0] if finding.path.startswith(f"addons/{name}/")]
    assert not kept, f"{len(kept)} broken rules\n" + "\n".join(map(str, kept))


def test_every_exception_is_still_needed(findings):
    assert not findings[1], f"remove from {ALLOW_FILE.name}: {sorted(findings[1])}"


# --- Every rule is proven on a bad snippet, and stays silent on the good one beside it.

MODEL = "from odoo import api, models\n\n\nclass Thing(models.Model):\n"
HEAD = f'{MODEL}    """A thing."""\n\n    _name = "crm.thing"\n'

PYTHON_SNIPPETS = {
    "one-model-per-file": (
        f'{HEAD}\n\nclass Other(models.Model):\n    """O."""\n\n    _name = "crm.thing.other"\n',
        f'{HEAD}\n\nclass Plain:\n    """No model."""\n',
    ),
    "file-named-after-model": (
        HEAD.replace("crm.thing", "crm.else"),
        HEAD.replace('_name = "crm.thing"', '_inherit = "crm.thing"'),
    ),
    "file-length": ("x = 1\n" * 401, "x = 1\n" * 400),
    "compute-depends": (
        f"{HEAD}\n    def _compute_a(self):\n        self.a = self.b\n",
        f'{HEAD}\n    @api.depends("b")\n    def _compute_a(self):\n        self.a = self.b\n',
    ),
    "create-multi": (
        f"{HEAD}\n    def create(self, vals):\n        return super().create(vals)\n",
        f"{HEAD}\n    @api.model_create_multi\n"
        "    def create(self, vals_list):\n        return super().create(vals_list)\n",
    ),
    "query-in-loop": (
        f"{HEAD}\n    def _sum(self):\n        for one in self:\n"
        '            one.n = self.env["x"].search_count([("a", "=", one.id)])\n',
        f"{HEAD}\n    def _sum(self, sheet):\n        found = self.search([])\n"
        "        for one in found:\n            sheet.write(0, 1, one.n)\n",
    ),
    "no-sql-constraints": (
        f'{HEAD}    _sql_constraints = [("a", "unique(b)", "c")]\n',
        f'{HEAD}    _a = models.Constraint("UNIQUE(b)", "c")\n',
    ),
    "sudo-reason": (
        f"{HEAD}\n    def _get(self):\n        return self.sudo().name\n",
        f"{HEAD}\n    def _get(self):\n        # The portal user may not read it.\n"
        "        return self.sudo().name\n",
    ),
    "docstring": (
        f"{HEAD}\n    def action_go(self):\n        return True\n",
        f'{HEAD}\n    def action_go(self):\n        """Go."""\n        return True\n\n'
        "    def write(self, vals):\n        return super().write(vals)\n",
    ),
    "pure-tools": ("from odoo.tools import SQL\n", "from fractions import Fraction\n"),
    "no-skipped-test": (
        "class T:\n    def test_a(self):\n        self.skipTest('later')\n",
        "class T:\n    def test_a(self):\n        assert self\n",
    ),
}
PYTHON_PLACES = {"pure-tools": "tools/x.py", "no-skipped-test": "tests/test_x.py"}

QUERY_LOOPS = {
    "comprehension": "[self.env['x'].search([('a', '=', r.id)]) for r in self]",
    "lambda": "self.filtered(lambda r: r.env['x'].search_count([]))",
    "write": "[r.write({'a': 1}) for r in self]",
    "sql": "[self.env.cr.execute(q) for q in queries]",
}
NO_QUERY_LOOPS = {
    "literal": "[self.env[m].search([]) for m in ('a.b', 'c.d')]",
    "iterated once": "[r.name for r in self.search([])]",
    "sheet": "[sheet.write(1, 2, r.name) for r in self]",
    "file": "[out.write(r.name) for r in self]",
}


def python_findings(name, text):
    place = PYTHON_PLACES.get(name, "models/crm_thing.py")
    found = PYTHON_RULES.run(Source(f"addons/crm_demo/{place}", text))
    return [finding for finding in found if finding.rule == name]


def test_every_rule_has_a_proof():
    assert set(PYTHON_SNIPPETS) == set(PYTHON_RULES)
    assert set(XML_SNIPPETS) == set(XML_RULES)
    assert set(BAD_ADDON_FILES) == set(ADDON_RULES)


@pytest.mark.parametrize("name", sorted(PYTHON_SNIPPETS))
def test_a_python_rule_finds_the_bad_and_passes_the_good(name):
    bad, good = PYTHON_SNIPPETS[name]
    assert python_findings(name, bad)
    assert not python_findings(name, good)


def test_a_compute_from_the_id_alone_has_nothing_to_name():
    code = (
        f"{HEAD}\n    def _compute_a(self):\n        super()._compute_a()\n"
        '        for one in self:\n            one.a = f"/my/{one.%s}"\n'
    )
    assert not python_findings("compute-depends", code % "id")
    assert python_findings("compute-depends", code % "name")


@pytest.mark.parametrize("kind", sorted(QUERY_LOOPS))
def test_a_query_is_found_in_every_kind_of_loop(kind):
    code = f"{HEAD}\n    def _go(self, queries):\n        return {QUERY_LOOPS[kind]}\n"
    assert python_findings("query-in-loop", code)


@pytest.mark.parametrize("kind", sorted(NO_QUERY_LOOPS))
def test_a_loop_without_queries_per_record_is_no_finding(kind):
    code = f"{HEAD}\n    def _go(self, sheet, out):\n        return {NO_QUERY_LOOPS[kind]}\n"
    assert not python_findings("query-in-loop", code)


def test_a_linter_comment_is_no_reason_for_sudo():
    code = f"{HEAD}\n    def _get(self):\n        return self.sudo().name  # noqa: B009 here\n"
    assert python_findings("sudo-reason", code)


def test_sudo_inside_a_try_is_judged_by_its_own_statement():
    code = (
        f"{HEAD}\n    def _get(self):\n        # A comment about the whole attempt.\n"
        "        try:\n            pass\n        except KeyError:\n            x = 1\n"
        "            self.sudo().a = x\n"
    )
    assert python_findings("sudo-reason", code)


def record(model, xml_id, fields):
    lines = "".join(
        f'<field name="{name}" ref="{value}"/>'
        if name.endswith("_id")
        else f'<field name="{name}">{value}</field>'
        for name, value in fields.items()
    )
    return f'<record model="{model}" id="{xml_id}">{lines}</record>'


def view(xml_id, arch, **fields):
    return record("ir.ui.view", xml_id, {"model": "crm.thing", **fields, "arch": arch})


def action(xml_id):
    return record("ir.actions.act_window", xml_id, {"res_model": "crm.thing"})


XML_SNIPPETS = {
    "view-id": (view("view_thing", "<form/>"), view("crm_thing_view_form_short", "<form/>")),
    "action-id": (action("action_thing"), action("crm_thing_action_mine")),
    "menu-id": ('<menuitem id="menu_thing"/>', '<menuitem id="crm_demo_menu_thing"/>'),
    "rule-id": (
        record("ir.rule", "thing_company", {"model_id": "model_crm_thing"}),
        record("ir.rule", "crm_thing_rule_company", {"model_id": "model_crm_thing"}),
    ),
    "group-id": (record("res.groups", "boss", {}), record("res.groups", "group_boss", {})),
    "no-replace": (
        view("crm_thing_view_form_a", '<field name="a" position="replace"/>'),
        view("crm_thing_view_form_a", '<field name="a" position="after"/>'),
    ),
    "no-tree-view": (
        view("crm_thing_view_list", "<tree/>"),
        view("crm_thing_view_list", "<list/>"),
    ),
}


def xml_findings(name, text):
    found = XML_RULES.run(Source("addons/crm_demo/views/x.xml", f"<odoo>{text}</odoo>"))
    return [finding for finding in found if finding.rule == name]


@pytest.mark.parametrize("name", sorted(XML_SNIPPETS))
def test_an_xml_rule_finds_the_bad_and_passes_the_good(name):
    bad, good = XML_SNIPPETS[name]
    assert xml_findings(name, bad)
    assert not xml_findings(name, good)


def test_a_view_that_says_another_type_than_it_has_is_found():
    assert xml_findings("view-id", view("crm_thing_view_form", "<list/>"))


def test_an_extension_may_keep_the_id_of_the_view_it_extends():
    kept = view("view_odd_name", "<data/>", inherit_id="host.view_odd_name")
    assert not xml_findings("view-id", kept)


def test_records_of_other_modules_keep_their_ids():
    assert not xml_findings("menu-id", '<menuitem id="crm_customers.crm_customers_menu_root"/>')


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + struct.pack(">II", 128, 128)
ACCESS = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
LINE = "access_crm_thing_user,t,model_crm_thing,base.group_user,1,0,0,0\n"
RULE = record("ir.rule", "crm_thing_rule_company", {"model_id": "model_crm_thing"}).replace(
    "</record>",
    "<field name=\"domain_force\">[('company_id', 'in', company_ids)]</field></record>",
)
PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Thing"\nmsgstr "%s"\n'
GOOD_ADDON = {
    "__manifest__.py": repr({"name": "x", "data": ["security/rule.xml"], "demo": []}),
    "README.md": "What it is for. " * 30 + "中文",
    "static/description/icon.png": PNG,
    "static/description/index.html": "<h2>东西</h2>".encode(),
    "tests/__init__.py": "from . import test_thing\n",
    "tests/test_thing.py": "",
    "models/crm_thing.py": f'{HEAD}    company_id = fields.Many2one("res.company")\n',
    "security/ir.model.access.csv": ACCESS + LINE,
    "security/rule.xml": f"<odoo>{RULE}</odoo>",
    "i18n/crm_demo.pot": PO % "",
    "i18n/zh_CN.po": PO % "东西",
}
GOOD_ADDON["__manifest__.py"] = repr(
    {"name": "x", "data": ["security/ir.model.access.csv", "security/rule.xml"]}
)
BAD_ADDON_FILES = {
    "model-access": {"security/ir.model.access.csv": ACCESS},
    "access-id": {"security/ir.model.access.csv": ACCESS + LINE.replace("access_crm", "a_crm")},
    "outsiders-never-write": {
        "security/ir.model.access.csv": ACCESS
        + LINE.replace("base.group_user,1,0", "base.group_portal,1,1"),
    },
    "company-rule": {"security/rule.xml": "<odoo/>"},
    "translation": {"i18n/zh_CN.po": PO % ""},
    "chinese-punctuation": {"i18n/zh_CN.po": PO % "名称,东西"},
    "addon-parts": {"README.md": "English alone. " * 30},
    "tests-imported": {"tests/__init__.py": ""},
    "manifest-files": {"views/forgotten.xml": "<odoo/>"},
}


def addon_findings(name, changes):
    found = ADDON_RULES.run(Addon("crm_demo", {**GOOD_ADDON, **changes}))
    return [finding for finding in found if finding.rule == name]


@pytest.mark.parametrize("name", sorted(BAD_ADDON_FILES))
def test_an_addon_rule_finds_the_bad_and_passes_the_good(name):
    assert addon_findings(name, BAD_ADDON_FILES[name])
    assert not addon_findings(name, {})


def test_a_missing_page_for_the_app_list_is_found():
    assert addon_findings("addon-parts", {"static/description/index.html": b""})


def test_a_fuzzy_translation_counts_as_none():
    fuzzy = (PO % "东西").replace('msgid "Thing"', '#, fuzzy\nmsgid "Thing"')
    assert addon_findings("translation", {"i18n/zh_CN.po": fuzzy})


def test_an_exception_needs_a_reason():
    with pytest.raises(ValueError, match="line 1"):
        AllowList.read("docstring | addons/a/models/b.py | C | because")


def test_an_exception_excuses_its_finding_and_shows_when_it_is_stale():
    bad = python_findings("docstring", PYTHON_SNIPPETS["docstring"][0])
    entry = f"docstring | {bad[0].path} | {bad[0].where} | long enough to be understood"
    stale = "docstring | addons/gone.py | Gone | long enough to be understood"
    kept, unused = AllowList.read(f"{entry}\n{stale}").split(bad)
    assert kept == []
    assert unused == {("docstring", "addons/gone.py", "Gone")}
