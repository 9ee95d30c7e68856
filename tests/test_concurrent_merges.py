"""Two sessions merge the same customers at the same moment: one does it, the other is told."""

from types import SimpleNamespace

import pytest
from test_concurrent_sessions import at_once, in_session

from odoo.exceptions import UserError


@pytest.fixture
def customers():
    """Three customers with a lead each and somebody who may merge, committed; then removed."""

    def create(env):
        company = env.ref("base.main_company")
        merger = env["res.users"].create(
            {
                "name": "Parallel Merger",
                "login": "parallel_merger",
                "group_ids": [(4, env.ref("crm_customers.group_merge").id)],
                "company_id": company.id,
                "company_ids": [(6, 0, company.ids)],
            }
        )
        partners = env["res.partner"].create(
            [{"name": f"并发合并 {number}", "is_company": True} for number in range(3)]
        )
        leads = env["crm.lead"].create(
            [{"name": "并发商机", "partner_id": partner.id} for partner in partners]
        )
        return SimpleNamespace(ids=partners.ids, leads=leads.ids, merger=merger.id)

    def remove(env):
        env["crm.lead"].browse(made.leads).unlink()
        env["res.partner"].browse(made.ids).exists().unlink()
        env.cr.execute("DELETE FROM crm_merge_log WHERE survivor_key = ANY(%s)", (made.ids,))
        env.invalidate_all()
        merger = env["res.users"].browse(made.merger)
        person = merger.partner_id
        merger.unlink()
        person.unlink()

    made = in_session(create)
    yield made
    in_session(remove)


def merge(made, survivor, *others):
    """A session that merges some of the customers."""

    def work(env):
        env = env(user=made.merger)
        partners = env["res.partner"].browse([survivor, *others])
        wizard = env["base.partner.merge.automatic.wizard"]
        return wizard._merge_customers(partners, partners[0], {}).id

    return work


def read_leads(made):
    """Whom the leads belong to, as committed."""
    return in_session(
        lambda env: [lead.partner_id.id for lead in env["crm.lead"].browse(made.leads)]
    )


def test_two_sessions_that_merge_the_same_two_customers_merge_them_once(customers):
    one, two, _third = customers.ids
    results = at_once(merge(customers, one, two), merge(customers, two, one))
    done = [result for result in results if isinstance(result, int)]
    refused = [result for result in results if not isinstance(result, int)]
    assert len(done) == 1, results
    assert len(refused) == 1
    assert type(refused[0]) is UserError, refused
    assert "Somebody else" in str(refused[0])
    assert len(set(read_leads(customers))) == 2


def test_chains_that_meet_in_one_customer_lose_nothing(customers):
    one, two, three = customers.ids
    results = at_once(merge(customers, one, two), merge(customers, two, three))
    done = [result for result in results if isinstance(result, int)]
    assert done, results
    owners = read_leads(customers)
    exist = in_session(lambda env: env["res.partner"].browse(customers.ids).exists().ids)
    assert set(owners) <= set(exist)
    assert len(owners) == 3


def test_two_sessions_that_undo_the_same_merge_undo_it_once(customers):
    one, two, three = customers.ids
    number = in_session(merge(customers, one, two, three))

    def undo(env):
        return env["crm.merge.log"].with_user(customers.merger).browse(number).action_undo()

    results = at_once(undo, undo)
    assert results.count(True) == 1, results
    refused = next(result for result in results if result is not True)
    assert "undone already" in str(refused), refused
    assert read_leads(customers) == customers.ids
