"""Relations and groups of companies, changed by several sessions at the same moment."""

from types import SimpleNamespace

import pytest
from psycopg2 import IntegrityError
from test_concurrent_sessions import at_once, in_session

from odoo.exceptions import ValidationError
from odoo.tools import mute_logger


@pytest.fixture
def companies():
    """Three companies, committed; removed afterwards."""

    def create(env):
        records = env["res.partner"].create(
            [{"name": f"并发主数据 {number}", "is_company": True} for number in range(3)]
        )
        return SimpleNamespace(ids=records.ids)

    made = in_session(create)
    yield made
    in_session(lambda env: env["res.partner"].browse(made.ids).unlink())


def move(company_id, parent_id):
    """A session that puts one company below another."""

    def work(env):
        env["res.partner"].browse(company_id).write({"crm_parent_id": parent_id})
        return company_id

    return work


def read_parents(companies):
    def read(env):
        records = env["res.partner"].browse(companies.ids)
        return {record.id: record.crm_parent_id.id for record in records}

    return in_session(read)


def has_circle(parents):
    for start in parents:
        node, steps = parents[start], 0
        while node and steps <= len(parents):
            if node == start:
                return True
            node, steps = parents[node], steps + 1
    return False


@pytest.mark.parametrize("size", [2, 3])
def test_moves_at_the_same_moment_never_make_a_circle(companies, size):
    ring = companies.ids[:size]
    works = [move(own, ring[(place + 1) % size]) for place, own in enumerate(ring)]
    results = at_once(*works)
    refused = [result for result in results if not isinstance(result, int)]
    assert refused
    assert all(isinstance(error, ValidationError) for error in refused), refused
    parents = read_parents(companies)
    assert not has_circle(parents)
    assert sum(map(bool, parents.values())) == size - len(refused)


def test_the_same_relation_entered_by_ten_sessions_exists_once(companies):
    one, other, _third = companies.ids

    def relate(env):
        kind = env.ref("crm_customers.crm_relation_type_agent")
        row = {"partner_id": one, "other_id": other, "type_id": kind.id}
        return env["crm.relation"].create(row).id

    with mute_logger("odoo.sql_db"):  # what the database refuses is logged as an error
        results = at_once(*[relate] * 10)
    refused = [result for result in results if not isinstance(result, int)]
    assert len(refused) == 9
    assert all(isinstance(error, (IntegrityError, ValidationError)) for error in refused), refused
    count = in_session(lambda env: env["crm.relation"].search_count([("partner_id", "=", one)]))
    assert count == 1
