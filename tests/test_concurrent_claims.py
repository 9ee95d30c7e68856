"""Twenty sessions claim at the same moment: no cap is exceeded, no customer gets two owners."""

from types import SimpleNamespace

import pytest
from test_concurrent_sessions import at_once, in_session

from odoo.exceptions import UserError

SESSIONS = 20


@pytest.fixture
def pool():
    """A pool with three members and thirty customers, committed; removed afterwards."""

    def create(env):
        company = env.ref("base.main_company")
        group = env.ref("sales_team.group_sale_salesman")
        users = env["res.users"].create(
            [
                {
                    "name": f"Claimant {number}",
                    "login": f"parallel_claimant_{number}",
                    "group_ids": [(4, group.id)],
                    "company_id": company.id,
                    "company_ids": [(6, 0, company.ids)],
                }
                for number in range(3)
            ]
        )
        pool = env["crm.pool"].create(
            {
                "name": "并发公海",
                "company_id": company.id,
                "member_ids": [(6, 0, users.ids)],
                "daily_limit": 4,
                "holding_limit": 5,
            }
        )
        customers = env["res.partner"].create(
            [{"name": f"并发客户 {number}", "is_company": True} for number in range(30)]
        )
        customers._watch(pool)
        return SimpleNamespace(id=pool.id, users=users.ids, customers=customers.ids)

    def remove(env):
        env["res.partner"].browse(made.customers).unlink()
        env["crm.pool"].browse(made.id).unlink()
        users = env["res.users"].browse(made.users)
        partners = users.partner_id
        users.unlink()
        partners.unlink()

    made = in_session(create)
    yield made
    in_session(remove)


def claim(pool, customer_id, user_id):
    """A session of one member that claims one customer."""

    def work(env):
        rows = env["crm.pool.customer"].with_user(user_id)
        rows.browse(customer_id).action_claim()
        return user_id

    return work


def read_owners(pool):
    """What was committed: owners of customers, log rows, and counted claims."""

    def read(env):
        customers = env["res.partner"].browse(pool.customers)
        logs = env["crm.owner.log"].search(
            [("partner_id", "in", pool.customers), ("how", "=", "claim")]
        )
        quotas = env["crm.pool"].browse(pool.id).quota_ids
        return (
            {customer.id: customer.user_id.id for customer in customers if customer.user_id},
            [(log.partner_id.id, log.to_user_id.id) for log in logs],
            {quota.user_id.id: quota.claimed for quota in quotas},
        )

    return in_session(read)


def test_one_customer_claimed_by_twenty_sessions_has_one_owner(pool):
    target = pool.customers[0]
    works = [claim(pool, target, pool.users[number % 3]) for number in range(SESSIONS)]
    results = at_once(*works)
    winners = [result for result in results if isinstance(result, int)]
    losers = [result for result in results if not isinstance(result, int)]
    assert len(winners) == 1
    assert all(isinstance(error, UserError) for error in losers), losers
    owners, logs, counted = read_owners(pool)
    assert owners == {target: winners[0]}
    assert logs == [(target, winners[0])]
    assert sum(counted.values()) == 1


def test_twenty_sessions_of_one_member_never_exceed_his_caps(pool):
    member = pool.users[0]
    works = [claim(pool, pool.customers[number], member) for number in range(SESSIONS)]
    results = at_once(*works)
    owners, logs, counted = read_owners(pool)
    assert set(owners.values()) <= {member}
    assert 1 <= len(owners) <= 4
    assert len(owners) == len(logs) == counted[member]
    assert len([result for result in results if isinstance(result, int)]) == len(owners)


def test_twenty_sessions_of_three_members_never_share_a_customer(pool):
    works = [
        claim(pool, pool.customers[number % 8], pool.users[number % 3])
        for number in range(SESSIONS)
    ]
    at_once(*works)
    owners, logs, counted = read_owners(pool)
    assert sorted(logs) == sorted(owners.items())
    for user_id in pool.users:
        held = list(owners.values()).count(user_id)
        assert held <= 4
        assert held == counted.get(user_id, 0)


def test_a_claim_and_the_return_job_at_once_leave_one_owner(pool):
    def job(env):
        found = env["crm.pool"].browse(pool.id)
        found._return_batch(pool.customers, found._today())
        return "job"

    member = pool.users[0]
    results = at_once(claim(pool, pool.customers[0], member), job)
    assert "job" in results
    owners, _logs, _counted = read_owners(pool)
    assert owners in ({}, {pool.customers[0]: member})
