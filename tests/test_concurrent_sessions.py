"""What two sessions do at the same moment happens once. Real transactions, real commits."""

import threading
from datetime import date
from types import SimpleNamespace

import pytest

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests.common import get_db_name

from odoo.addons.crm_customers.exceptions import DuplicateCustomerError


def in_session(work, barrier=None):
    """Run ``work(env)`` in a transaction of its own, retried and committed as the host does."""
    with Registry(get_db_name()).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["res.users"].search_count([])  # take the snapshot before the others start
        if barrier:
            barrier.wait()
        return retrying(lambda: work(env), env)


def at_once(*works):
    """Run each work in a session of its own, all at the same moment; return their results."""
    barrier = threading.Barrier(len(works))
    results = [None] * len(works)

    def run(index):
        try:
            results[index] = in_session(works[index], barrier)
        except Exception as error:  # noqa: BLE001  the caller asserts on what came out
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def contract():
    """A signed contract with a plan, committed; removed afterwards."""

    def create(env):
        company = env.ref("base.main_company")
        partner = env["res.partner"].create({"name": "并发测试有限公司", "is_company": True})
        contract = env["crm.contract"].create(
            {
                "subject": "Two at once",
                "partner_id": partner.id,
                "company_id": company.id,
                "amount_total": 1000,
                "plan_line_ids": [
                    (0, 0, {"name": "One", "percent": 40, "event": "signed", "sequence": 1}),
                    (0, 0, {"name": "Two", "percent": 60, "event": "delivered", "sequence": 2}),
                ],
            }
        )
        contract._raise_event("signed", date(2026, 9, 28))
        return SimpleNamespace(id=contract.id, partner_id=partner.id)

    def remove(env):
        env["crm.contract"].browse(made.id)._write({"state": "draft"})
        env["crm.payment.plan.line"].search([("contract_id", "=", made.id)]).unlink()
        env["crm.contract"].browse(made.id).unlink()
        env["res.partner"].browse(made.partner_id).unlink()

    made = in_session(create)
    yield made
    in_session(remove)


def test_an_event_raised_by_two_sessions_at_once_happens_once(contract):
    def deliver(day):
        return lambda env: env["crm.contract"].browse(contract.id)._raise_event("delivered", day)

    results = at_once(*(deliver(date(2026, 10, day)) for day in (8, 9, 10)))
    assert sorted(results, key=str) == [False, False, True]

    def read(env):
        record = env["crm.contract"].browse(contract.id)
        events = record.event_ids.filtered(lambda row: row.event == "delivered")
        second = record.plan_line_ids.filtered(lambda line: line.event == "delivered")
        messages = record.message_ids.filtered(lambda row: "Delivered" in (row.body or ""))
        return len(events), events.date == second.date_event, len(messages)

    assert in_session(read) == (1, True, 1)


def test_two_contracts_made_at_once_get_different_numbers(contract):
    def make(env):
        record = env["crm.contract"].browse(contract.id).copy()
        name = record.name
        record.plan_line_ids.unlink()
        record.unlink()
        return name

    names = at_once(make, make, make)
    assert len(set(names)) == 3


@pytest.fixture
def numbering():
    """The code of a sequence that no company has yet; what was made of it is removed afterwards."""
    code = "crm.test.two.sessions"

    def remove(env):
        env["ir.sequence"].search([("code", "=", code)]).unlink()

    in_session(remove)
    yield code
    in_session(remove)


def draw(code, count, day=None):
    def work(env):
        company = env.ref("base.main_company").with_context(ir_sequence_date=day)
        return company._next_crm_numbers(code, "N%(range_year)s-", count)

    return work


def test_the_first_numbers_of_a_company_come_from_one_sequence(numbering):
    results = at_once(*(draw(numbering, 5) for _session in range(3)))
    numbers = [number for result in results for number in result]
    assert len(set(numbers)) == 15

    def count(env):
        return env["ir.sequence"].search_count([("code", "=", numbering)])

    assert in_session(count) == 1


def test_the_first_numbers_of_a_year_come_from_one_range(numbering):
    in_session(draw(numbering, 1, date(2026, 12, 31)))
    results = at_once(*(draw(numbering, 5, date(2027, 1, 1)) for _session in range(3)))
    numbers = [number for result in results for number in result]
    assert sorted(numbers) == [f"N2027-{number:05d}" for number in range(1, 16)]


def test_two_sessions_that_create_one_customer_end_in_one_and_a_refusal():
    code = "91440300708461136T"

    def create(name):
        return lambda env: (
            env["res.partner"].create({"name": name, "is_company": True, "vat": code}).id
        )

    results = at_once(create("并发一号有限公司"), create("并发二号有限公司"))
    refusals = [error for error in results if isinstance(error, DuplicateCustomerError)]
    made = [partner_id for partner_id in results if isinstance(partner_id, int)]

    def read(env):
        found = env["res.partner"].search([("vat", "=", code)])
        names, ids = found.mapped("name"), found.ids
        found.unlink()
        return names, ids

    names, ids = in_session(read)
    assert (len(made), len(refusals)) == (1, 1), results
    assert ids == made
    assert names[0] in str(refusals[0])


@pytest.fixture
def change():
    """A change of a name that waits for approval, committed; removed with its customer."""

    def create(env):
        partner = env["res.partner"].create({"name": "并发审批有限公司", "is_company": True})
        wish = partner._as_wish("name", "并发审批集团有限公司")
        return SimpleNamespace(id=env["crm.change.request"]._ask([wish]).id, partner_id=partner.id)

    def remove(env):
        env["crm.change.request"].browse(made.id).unlink()
        env["res.partner"].browse(made.partner_id).unlink()

    made = in_session(create)
    yield made
    in_session(remove)


def test_two_approvers_at_once_decide_once(change):
    def approve(env):
        return bool(env["crm.change.request"].browse(change.id).action_approve())

    def refuse(env):
        env["crm.change.request"].browse(change.id)._refuse("wrong")
        return True

    results = at_once(approve, refuse, approve)
    refused = [result for result in results if isinstance(result, UserError)]
    assert len(refused) == 2
    assert all("decided already" in str(error) for error in refused)

    def read(env):
        request = env["crm.change.request"].browse(change.id)
        return request.state, request.partner_id.name

    assert in_session(read) in (
        ("approved", "并发审批集团有限公司"),
        ("refused", "并发审批有限公司"),
    )


def test_two_who_ask_at_once_leave_one_request(change):
    def ask(name):
        def work(env):
            partner = env["res.partner"].browse(change.partner_id)
            return bool(env["crm.change.request"]._ask([partner._as_wish("name", name)]))

        return work

    results = at_once(ask("甲"), ask("乙"))
    assert True in results

    def count(env):
        found = env["crm.change.request"].search([("partner_id", "=", change.partner_id)])
        return len(found.filtered(lambda request: request.state == "waiting"))

    assert in_session(count) == 1
