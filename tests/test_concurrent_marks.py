"""A change during a refresh: its mark must outlive the refresh that did not see it."""

import pytest
from test_concurrent_sessions import in_session

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry


@pytest.fixture
def customer_id():
    """A customer of a pool with a rule, and its owner, committed; removed afterwards."""

    def create(env):
        env["crm.customer.metric.queue"]._take()
        pool = env["crm.pool"].create(
            {
                "name": "并发标记",
                "rule_ids": [(0, 0, {"trigger": "followup", "days": 5})],
            }
        )
        partner = env["res.partner"].create(
            {"name": "并发标记客户", "is_company": True, "user_id": env.ref("base.user_admin").id}
        )
        env.cr.execute(
            "UPDATE res_partner SET crm_pool_id = %s WHERE id = %s", [pool.id, partner.id]
        )
        return pool.id, partner.id

    pool_id, partner_id = in_session(create)
    yield partner_id

    def remove(env):
        env["res.partner"].browse(partner_id).unlink()
        env["crm.pool"].browse(pool_id).unlink()

    in_session(remove)


@pytest.mark.parametrize(
    ("model", "mark", "take"),
    [
        (
            "crm.customer.metric.queue",
            lambda queue, ids: queue._mark(ids),
            lambda queue, ids: queue._take(),
        ),
        (
            "crm.pool.queue",
            lambda queue, ids: queue._note(ids),
            lambda queue, ids: queue._drop(ids),
        ),
    ],
)
def test_a_mark_set_while_another_is_being_dealt_with_is_not_lost(customer_id, model, mark, take):
    ids = [customer_id]
    in_session(lambda env: mark(env[model], ids))
    registry = Registry(in_session(lambda env: env.cr.dbname))
    with registry.cursor() as reading, registry.cursor() as changing:
        reader = api.Environment(reading, SUPERUSER_ID, {})
        changer = api.Environment(changing, SUPERUSER_ID, {})
        # Both see the first mark; the reader takes it away before the change is committed.
        assert reader[model].search_count([("partner_id", "in", ids)])
        assert changer[model].search_count([("partner_id", "in", ids)])
        take(reader[model], ids)
        reading.commit()
        mark(changer[model], ids)
        changing.commit()
    assert in_session(lambda env: env[model].search_count([("partner_id", "in", ids)]))
