"""Opening customers as the web client does, at 200,000 of them, for a salesperson who sees his own.

The peer reads the same screens without the suite's fields, so the ratio says what our section adds:
at most 10 % and three queries. The customers are watched by a pool, and judged.
"""

from lxml import etree

from odoo.tools import SQL

CUSTOMERS = 200_000
ROWS = 80
LIST, FORM = "crm_customers.res_partner_view_list", "base.view_partner_form"


def run(env, measure) -> None:
    """Fill a pool by SQL, judge it, then open a form, a list and a searched list."""
    user = _fill(env)
    partners = env["res.partner"].with_user(user).with_context(lang="en_US")
    own = partners.search([("user_id", "=", user.id)], limit=1, order="id desc")
    domain = [("is_company", "=", True)]
    for view in (FORM, LIST):
        kind = "form" if view == FORM else "list"
        full = _get_specification(partners, view, kind)
        bare = _without_ours(env, full)
        print(f"{kind}: {len(full)} fields, {len(full) - len(bare)} of them of the suite")
        if kind == "form":
            _compare(env, measure, "form", lambda spec: own.web_read(spec), full, bare)
            continue
        for label, searched in (
            (f"list of {ROWS}", domain),
            (f"list of {ROWS}, name searched", [*domain, ("name", "ilike", "chmark 19")]),
        ):

            def read(spec, searched=searched):
                return partners.web_search_read(searched, spec, limit=ROWS, order="id desc")

            _compare(env, measure, label, read, full, bare)


def _compare(env, measure, label, read, full, bare):
    """Time a screen with and without the suite's fields, and say how many queries each makes."""

    def count(spec):
        env.invalidate_all()
        before = env.cr.sql_log_count
        read(spec)
        return env.cr.sql_log_count - before

    def cold(spec):
        env.invalidate_all()
        found = read(spec)
        rows = found if isinstance(found, list) else found["records"]
        return [{name: row[name] for name in bare} for row in rows]

    count(full)  # the rights of the user are read once
    more = count(full) - count(bare)
    print(f"{label}: {count(bare)} queries without the suite's fields, {more} more with them")
    measure(label, lambda: cold(full), lambda: cold(bare), "without the suite's fields")


def _get_specification(partners, view, kind):
    """Return what the web client asks for: every field of the view, with those inside."""
    view_id = partners.env.ref(view).id
    arch = etree.fromstring(partners.get_view(view_id, kind)["arch"])
    return _specify(partners, arch)


def _specify(model, node):
    spec = {}
    for field in node.iterfind(".//field"):
        name = field.get("name")
        if any(above.tag == "field" for above in _above(field, node)) or name in spec:
            continue
        kind = model._fields[name].type
        inside = (
            model.env[model._fields[name].comodel_name] if model._fields[name].relational else None
        )
        if kind == "many2one":
            spec[name] = {"fields": {"display_name": {}}}
        elif kind in ("one2many", "many2many"):
            lists = field.find("./list")
            sub = lists if lists is not None else field.find("./kanban")
            below = _specify(inside, sub) if sub is not None else {"display_name": {}}
            spec[name] = {"fields": below, "limit": 40}
        else:
            spec[name] = {}
    return spec


def _above(node, top):
    parent = node.getparent()
    while parent is not None and parent is not top:
        yield parent
        parent = parent.getparent()


def _without_ours(env, spec):
    fields = env["res.partner"]._fields
    return {name: sub for name, sub in spec.items() if not _is_ours(fields[name])}


def _is_ours(field):
    return field.name.startswith("crm_")


def _fill(env):
    """Return a salesperson who owns every fiftieth of the customers and sees his own only."""
    company = env.company
    company.crm_customer_visibility = "own"
    user, colleague = env["res.users"].create(
        [
            {
                "name": name,
                "login": f"bench_{name}",
                "company_id": company.id,
                "company_ids": [(6, 0, company.ids)],
                "group_ids": [(6, 0, env.ref("sales_team.group_sale_salesman").ids)],
            }
            for name in ("seller", "colleague")
        ]
    )
    pool = env["crm.pool"].create(
        {"name": "Benchmark", "member_ids": [(6, 0, (user | colleague).ids)]}
    )
    env["crm.pool.rule"].create(
        {"pool_id": pool.id, "trigger": "followup", "days": 30, "date_start": "2020-01-01"}
    )
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            INSERT INTO res_partner (name, complete_name, active, is_company, type, crm_pool_id,
                   user_id, crm_owner_id, crm_pooled, crm_pool_since, crm_owner_since,
                   crm_last_followup, crm_lifecycle, phone, city, create_date, write_date,
                   autopost_bills, partner_share, lang)
            SELECT 'Benchmark ' || n, 'Benchmark ' || n, TRUE, TRUE, 'contact', %(pool)s,
                   owner.id, owner.id, FALSE, now() - n %% 20 * interval '1 day',
                   now() - n %% 20 * interval '1 day', now() - n %% 10 * interval '1 day',
                   'active', '+86 21 5080 ' || n, 'Shanghai', now(), now(), 'ask', TRUE, 'en_US'
              FROM generate_series(1, %(count)s) n
              JOIN LATERAL (
                SELECT CASE WHEN n %% 50 = 0 THEN %(user)s ELSE %(other)s END AS id
              ) owner ON TRUE
            """,
            pool=pool.id,
            user=user.id,
            other=colleague.id,
            count=CUSTOMERS,
        )
    )
    env.cr.execute(
        SQL("UPDATE res_partner SET commercial_partner_id = id WHERE crm_pool_id = %s", pool.id)
    )
    env.cr.execute(SQL("ANALYZE res_partner"))
    env.invalidate_all()
    pool._refresh_return_dates()
    env.flush_all()
    return user
