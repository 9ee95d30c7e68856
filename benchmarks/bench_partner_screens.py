"""Opening customers as the web client does, at 200,000 of them, for a salesperson who sees his own.

The peer reads the same screens without the suite's fields, so the ratio says what our section adds:
at most 10 % and three queries. The customers are watched by a pool, judged, and have their keys for
finding duplicates. The leanest reading of a form is key columns, contacts and five totals by bare
SQL without any rule. One customer has 6,441 invoices besides those of each other one.
"""

from ledger import fill_ledger

from odoo.tools import SQL

from odoo.addons.crm_customers.tests.view_spec import get_specification, without_ours

CUSTOMERS = 200_000
INVOICES = 300_000
BIGGEST = 6_441
ROWS = 80
LIST, FORM = "crm_customers.res_partner_view_list", "base.view_partner_form"
# Lists whose rows the suite adds columns to.
LISTS = {"child_ids"}
MORE = "at most 3"
PART = "0.91 (10 % more)"


def run(env, measure) -> None:
    """Fill a pool by SQL, judge it, then open a form, a list and a searched list."""
    count = measure.size(CUSTOMERS)
    user = _fill(env, count)
    partners = env["res.partner"].with_user(user).with_context(lang="en_US")
    own = partners.search([("user_id", "=", user.id)], limit=1, order="id desc")
    _compare_forms(env, measure, own)
    _compare_biggest(env, measure, own)
    full = get_specification(partners, LIST, "list")
    bare = without_ours(partners, full)
    domain = [("is_company", "=", True)]
    for label, searched in (
        (f"list of {ROWS} among {count}", domain),
        (f"list of {ROWS}, name searched", [*domain, ("name", "ilike", "chmark 19")]),
    ):

        def read(spec, searched=searched):
            return partners.web_search_read(searched, spec, limit=ROWS, order="id desc")

        _compare(env, measure, label, read, full, bare)


def _compare_forms(env, measure, own):
    full = get_specification(own, FORM, "form")
    bare = without_ours(own, full)
    fields = f"{len(full)} fields, {len(full) - len(bare)} of them of the suite"
    measure.note("form", fields)
    own.web_read(full)  # what a session reads once
    ratio = _compare(env, measure, "form", lambda spec: own.web_read(spec), full, bare)
    lean = _compare_lean(env, measure, own, bare)
    section = lean * (1 / ratio - 1)
    measure.note("the section of a form", f"{section:.1f} x the leanest form", "at most 3")


def _compare_lean(env, measure, own, bare):
    """Return how many times the leanest reading the host's form costs."""

    def form():
        env.invalidate_all()
        return bool(own.web_read(bare))

    def lean():
        return bool(_read_lean(env, own.id))

    return 1 / measure("form without the suite's fields", form, lean, "leanest SQL")


def _read_lean(env, partner_id):
    """Key columns, contacts and five totals, in three queries."""
    execute = env.execute_query
    found = execute(
        SQL(
            "SELECT name, phone, email, street, city, zip, vat, user_id, parent_id, crm_lifecycle,"
            " crm_pool_id, crm_return_date, crm_last_followup, crm_next_followup FROM res_partner"
            " WHERE id = %s",
            partner_id,
        )
    )
    execute(SQL("SELECT id, name, phone FROM res_partner WHERE parent_id = %s", partner_id))
    execute(
        SQL(
            """
            SELECT (SELECT COUNT(*) FROM crm_lead WHERE partner_id = %(id)s),
                   (SELECT COUNT(*) FROM crm_contract WHERE partner_id = %(id)s),
                   (SELECT COUNT(*) FROM mail_activity WHERE crm_customer_id = %(id)s),
                   (SELECT COUNT(*) FROM sale_order WHERE partner_id = %(id)s),
                   (SELECT SUM(amount_untaxed_signed) FROM account_move
                     WHERE commercial_partner_id = %(id)s AND state = 'posted'
                       AND move_type IN ('out_invoice', 'out_refund', 'out_receipt'))
            """,
            id=partner_id,
        )
    )
    return found


def _compare_biggest(env, measure, own):
    """Compare the customer with most invoices with another one, page included."""
    # the same rows for all: the salesperson owns the biggest customer as well
    first = env["res.partner"].search([("name", "=", "Benchmark 1")]).with_env(own.env)
    first.sudo().user_id = own.env.user
    fill_ledger(env, measure.size(CUSTOMERS), measure.size(INVOICES), measure.size(BIGGEST))
    env["crm.customer.metric"]._refresh(env["res.company"].search([], limit=1))
    specification = get_specification(own, FORM, "form")

    def read(customer):
        env.invalidate_all()
        values = customer.web_read(specification)
        page = customer.crm_get_overview()
        return bool(values and page)

    measure(
        "form and page: a usual customer",
        lambda: read(own),
        lambda: read(first),
        f"the one with {measure.size(BIGGEST)} invoices more",
        "at most 1.2",
    )


def _compare(env, measure, label, read, full, bare):
    """Time a screen with and without the suite's fields, and say how many queries each makes."""

    def cold(spec):
        env.invalidate_all()
        found = read(spec)
        rows = found if isinstance(found, list) else found["records"]
        return [{name: row[name] for name in bare if name not in LISTS} for row in rows]

    count = measure.count(lambda: cold(full)) - measure.count(lambda: cold(bare))
    measure.note(f"{label}: queries of our section", str(count), MORE)
    return measure(
        label, lambda: cold(full), lambda: cold(bare), "without the suite's fields", PART
    )


def _fill(env, count):
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
            count=count,
        )
    )
    env.cr.execute(
        SQL("UPDATE res_partner SET commercial_partner_id = id WHERE crm_pool_id = %s", pool.id)
    )
    env.cr.execute(
        SQL(
            "INSERT INTO crm_dup_key (partner_id, kind, key) SELECT id, kind, key FROM res_partner,"
            " LATERAL (VALUES ('name', replace(lower(name), ' ', '')), ('start', 'bench'),"
            " ('phone', regexp_replace(phone, '[^0-9]', '', 'g'))) own(kind, key)"
            " WHERE crm_pool_id = %s",
            pool.id,
        )
    )
    env.cr.execute(SQL("ANALYZE res_partner"))
    env.cr.execute(SQL("ANALYZE crm_dup_key"))
    env.invalidate_all()
    pool._refresh_return_dates()
    env.flush_all()
    return user
