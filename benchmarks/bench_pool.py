"""The public pool at 200,000 customers: judging all by the rules, and claiming.

Judging is compared with the ORM's own grouping, claiming with its floor in SQL, which checks no cap
and moves neither contacts nor documents.
"""

from odoo import fields
from odoo.tools import SQL

CUSTOMERS = 200_000
CLAIMS = 50
CHANGED = 200


def run(env, measure) -> None:
    """Fill a pool by SQL, then time the nightly judgement and the claims."""
    count = measure.size(CUSTOMERS)
    pool, member = _fill(env, count)
    measure(
        f"judging {count} owned customers by 2 rules",
        lambda: _deadlines(pool),
        lambda: _deadlines_by_orm(env, pool),
        "_read_group of leads and working days one by one",
    )
    measure_nights(env, measure, pool, count)
    pooled = env["res.partner"].search(
        [("crm_pool_id", "=", pool.id), ("crm_pooled", "=", True)], limit=CLAIMS
    )
    measure(
        f"{CLAIMS} claims, one by one",
        lambda: _undone(env, lambda: [_claim(pool, member, row) for row in pooled]),
        lambda: _undone(env, lambda: [_write(member, row) for row in pooled]),
        "bare SQL: lock, update, history",
    )


def measure_nights(env, measure, pool, count) -> None:
    """Time a night in which few customers changed, against judging all of them again."""
    pool._refresh_return_dates()
    changed = env["res.partner"].search(
        [("crm_pool_id", "=", pool.id), ("user_id", "!=", False)], limit=CHANGED
    )

    def night(work):
        env["crm.pool.queue"]._note(changed.ids)
        env.cr.flush()
        work()
        return changed.mapped("crm_return_date")

    measure(
        f"a night after {CHANGED} of {count} customers changed",
        lambda: night(pool._judge_changed),
        lambda: night(pool._refresh_return_dates),
        "judging all",
    )


def _fill(env, count):
    users = env["res.users"].search([("share", "=", False)], limit=1)
    pool = env["crm.pool"].create({"name": "Benchmark", "member_ids": [(6, 0, users.ids)]})
    env["crm.pool.rule"].create(
        [
            {"pool_id": pool.id, "trigger": trigger, "days": days, "date_start": "2020-01-01"}
            for trigger, days in (("followup", 30), ("opportunity", 60))
        ]
    )
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            INSERT INTO res_partner (name, complete_name, active, is_company, type, crm_pool_id,
                   user_id, crm_owner_id, crm_pooled, crm_pool_since, crm_owner_since,
                   crm_last_followup, create_date, write_date, autopost_bills)
            SELECT 'Benchmark ' || n, 'Benchmark ' || n, TRUE, TRUE, 'contact', %(pool)s,
                   CASE WHEN n %% 20 > 0 THEN %(user)s END, CASE WHEN n %% 20 > 0 THEN %(user)s END,
                   n %% 20 = 0, now() - n %% 90 * interval '1 day',
                   now() - n %% 90 * interval '1 day', now() - n %% 45 * interval '1 day',
                   now(), now(), 'ask'
              FROM generate_series(1, %(count)s) n
            """,
            pool=pool.id,
            user=users.id,
            count=count,
        )
    )
    env.cr.execute(
        SQL("UPDATE res_partner SET commercial_partner_id = id WHERE crm_pool_id = %s", pool.id)
    )
    env.cr.execute(SQL("ANALYZE res_partner"))
    env.invalidate_all()
    return pool, users


def _deadlines(pool):
    return {cid: verdict.deadline for cid, verdict in pool._evaluate().items()}


def _deadlines_by_orm(env, pool):
    """The same answer from the ORM: read the customers, group their leads, plan each day."""
    partners = env["res.partner"].search([("crm_pool_id", "=", pool.id), ("user_id", "!=", False)])
    newest = dict(
        env["crm.lead"]._read_group(
            [("type", "=", "opportunity"), ("partner_id", "in", partners.ids)],
            ["partner_id"],
            ["create_date:max"],
        )
    )
    zone = pool.with_context(tz=pool.calendar_id.tz)
    planned, result = {}, {}

    def local(moment):
        return fields.Datetime.context_timestamp(zone, moment).date()

    def plan(day, days):
        if (day, days) not in planned:
            planned[day, days] = pool.calendar_id._plan_working_days(day, days, pool.company_id)
        return planned[day, days]

    for partner in partners:
        floor = max(local(partner.crm_owner_since), local(partner.crm_pool_since))
        followed = max(floor, local(partner.crm_last_followup))
        lead = newest.get(partner)
        found = max(floor, local(lead)) if lead else floor
        result[partner.id] = min(plan(followed, 30), plan(found, 60))
    env.invalidate_all()
    return result


def _claim(pool, member, customer):
    pool.with_user(member)._claim(customer)
    customer.env.flush_all()
    return customer.user_id.id


def _write(member, customer):
    """The floor: lock the row, set its owner, write a row of history; nothing else is done."""
    env = customer.env
    env.execute_query(SQL("SELECT id FROM res_partner WHERE id = %s FOR UPDATE", customer.id))
    env.execute_query(
        SQL(
            "UPDATE res_partner SET user_id = %s, crm_pooled = FALSE WHERE id = %s RETURNING id",
            member.id,
            customer.id,
        )
    )
    env.execute_query(
        SQL(
            "INSERT INTO crm_owner_log (partner_id, to_user_id, user_id, how, date)"
            " VALUES (%s, %s, %s, 'claim', now()) RETURNING id",
            customer.id,
            member.id,
            member.id,
        )
    )
    return member.id


def _undone(env, work):
    """Run work and roll it back, so that every round starts from the same pool."""
    with env.cr.savepoint() as savepoint:
        result = work()
        savepoint.rollback()
    env.invalidate_all()
    return result
