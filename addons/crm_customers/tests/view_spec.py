"""What the web client asks for when it opens a view. No test lives here; benchmarks use it too."""

from lxml import etree


def get_specification(model, view, kind):
    """Return the specification of a view: every field of it, with those inside its lists.

    :param model: recordset of the model, with the user who opens it
    :param view: external ID of the view
    :param kind: ``form`` or ``list``
    """
    view_id = model.env.ref(view).id
    return _specify(model, etree.fromstring(model.get_view(view_id, kind)["arch"]))


def without_ours(model, specification):
    """Return a specification without the suite's fields, on the lists' own rows as well."""
    rest = {}
    for name, inside in specification.items():
        if name.startswith("crm_"):
            continue
        field = model._fields[name]
        if field.relational and "fields" in inside:
            rows = model.env[field.comodel_name]
            inside = inside | {"fields": without_ours(rows, inside["fields"])}
        rest[name] = inside
    return rest


def _specify(model, node):
    specification = {}
    for field in node.iterfind(".//field"):
        name = field.get("name")
        if name in specification or any(up.tag == "field" for up in _list_above(field, node)):
            continue
        described = model._fields[name]
        if described.type == "many2one":
            specification[name] = {"fields": {"display_name": {}}}
        elif described.type in ("one2many", "many2many"):
            rows = model.env[described.comodel_name]
            view = field.find("./list")
            if view is None:
                view = field.find("./kanban")
            inside = {"display_name": {}} if view is None else _specify(rows, view)
            specification[name] = {"fields": inside, "limit": 40}
        else:
            specification[name] = {}
    return specification


def _list_above(node, top):
    above = []
    parent = node.getparent()
    while parent is not None and parent is not top:
        above.append(parent)
        parent = parent.getparent()
    return above
