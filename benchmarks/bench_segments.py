"""Refreshing a segment of 200,000 customers, beside an addon that reads and writes records.

The members are a quarter of the customers. A night in which few of them changed writes only those.
"""

from functools import partial

from odoo import Command
from odoo.tools import SQL

CUSTOMERS = 200_000
CHANGED = 200


def run(env, measure) -> None:
    """Fill a segment, then refresh it when nothing and when little changed."""
    for divisor in (10, 1):
        with env.cr.savepoint() as savepoint:
            _run_at(env, measure, measure.size(CUSTOMERS // divisor))
            savepoint.rollback()
        env.invalidate_all()


def _run_at(env, measure, count):
    _fill(env, count)
    segment = env["crm.segment"].create(
        {
            "name": "Benchmark",
            "kind": "dynamic",
            "domain": "[('name', '=like', 'Benchmark %'), ('city', '=', 'Suzhou')]",
        }
    )
    # what a condition decides cannot be written by hand: the peer has a segment of its own
    chosen = env["crm.segment"].create(
        {"name": "Benchmark by hand", "kind": "static", "domain": segment.domain}
    )
    measure(
        f"first refresh of a segment of {count // 4} among {count} customers",
        partial(_undone, env, lambda: _refresh(segment)),
        partial(_undone, env, lambda: _refresh_by_orm(chosen)),
        "search, then unlink and create",
        "10",
    )
    segment._refresh()
    _refresh_by_orm(chosen)
    measure(
        f"a night in which {CHANGED} of {count} customers moved",
        partial(_undone, env, lambda: _move(segment, _refresh)),
        partial(_undone, env, lambda: _move(chosen, _refresh_by_difference)),
        "search, then unlink and create the difference",
        "1",
    )


def _fill(env, count):
    env.cr.execute(
        SQL(
            """
            INSERT INTO res_partner (name, complete_name, active, is_company, type, city,
                   create_date, write_date, autopost_bills, partner_share)
            SELECT 'Benchmark ' || n, 'Benchmark ' || n, TRUE, TRUE, 'contact',
                   CASE WHEN n %% 4 = 0 THEN 'Suzhou' ELSE 'Wuxi' END, now(), now(), 'ask', TRUE
              FROM generate_series(1, %s) n
            """,
            count,
        )
    )
    env.cr.execute(
        SQL("UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL")
    )
    env.cr.execute(SQL("ANALYZE res_partner"))
    env.invalidate_all()


def _refresh(segment):
    segment._refresh()
    return _members(segment)


def _wanted(segment):
    return segment._get_owner_partners().search(segment._parse_domain())


def _refresh_by_orm(segment):
    segment.member_ids.unlink()
    rows = [Command.create({"partner_id": partner.id}) for partner in _wanted(segment)]
    segment.write({"member_ids": rows})
    segment.env.flush_all()
    return _members(segment)


def _refresh_by_difference(segment):
    wanted = set(_wanted(segment).ids)
    known = {row.partner_id.id: row for row in segment.member_ids}
    segment.env["crm.segment.member"].union(
        *(row for partner_id, row in known.items() if partner_id not in wanted)
    ).unlink()
    rows = [Command.create({"partner_id": number}) for number in sorted(wanted - known.keys())]
    segment.write({"member_ids": rows})
    segment.env.flush_all()
    return _members(segment)


def _move(segment, refresh):
    """Move some customers to another city, then refresh."""
    segment.env.cr.execute(
        SQL(
            "UPDATE res_partner SET city = CASE city WHEN 'Suzhou' THEN 'Wuxi' ELSE 'Suzhou' END"
            " WHERE id IN (SELECT id FROM res_partner WHERE name LIKE 'Benchmark %%'"
            " ORDER BY id LIMIT %s)",
            CHANGED,
        )
    )
    segment.env.invalidate_all()
    return refresh(segment)


def _members(segment):
    return segment.env.execute_query(
        SQL(
            "SELECT COUNT(*), SUM(partner_id) FROM crm_segment_member WHERE segment_id = %s",
            segment.id,
        )
    )[0]


def _undone(env, work):
    """Run work and roll it back, so that every round starts from the same rows."""
    with env.cr.savepoint() as savepoint:
        result = work()
        savepoint.rollback()
    env.invalidate_all()
    return result
