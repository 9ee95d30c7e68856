"""Two customers' browsers sign the same acceptance at the same moment, against a real server."""

import base64
import threading

import pytest
import requests
from kit import paths
from live_server import LiveServer

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
ROUNDS = 3
BROWSERS = 3
# What the losers read, in the customer's language: it is being signed, or it is signed already.
TOLD = {"该验收正在签署中。", "该验收已签署。"}


@pytest.fixture(scope="module")
def server():
    """A server of our own; what is signed in it goes with its database."""
    assert base64.b64decode(PNG).startswith(b"\x89PNG")
    output = paths.ROOT / "tests" / "output"
    output.mkdir(exist_ok=True)
    with LiveServer(output) as running:
        yield running


@pytest.fixture(scope="module")
def admin(server):
    """Call the server as the administrator."""
    return server.login("admin", "admin")


def make_acceptance(admin):
    """A contract in force of the demonstration's customer, with an acceptance handed to him."""
    [user] = admin("res.users", "search_read", [("login", "=", "customer")], ["partner_id"])
    person = user["partner_id"][0]
    [partner] = admin("res.partner", "read", [person], ["commercial_partner_id"])
    contract = admin(
        "crm.contract",
        "create",
        {
            "subject": "Signed by two at once",
            "partner_id": partner["commercial_partner_id"][0],
            "partner_signatory_id": person,
            "amount_total": 1000,
            "date_signed": "2026-09-28",
        },
    )
    admin("crm.contract", "action_sign", [contract])
    acceptance = admin(
        "crm.service.acceptance",
        "create",
        {
            "contract_id": contract,
            "date_delivered": "2026-10-09",
            "item_ids": [(0, 0, {"name": "数据导入"})],
        },
    )
    admin("crm.service.acceptance", "action_submit", [acceptance])
    return contract, acceptance


def log_in(server):
    """A browser session of the customer."""
    browser = requests.Session()
    answer = browser.post(
        f"{server.url}/web/session/authenticate",
        json={"params": {"db": server.database, "login": "customer", "password": "customer"}},
        timeout=60,
    )
    assert answer.json()["result"]["uid"]
    return browser


def sign_at_once(server, browsers, acceptance):
    """Let every browser send its signature at the same moment; return the answers."""
    barrier = threading.Barrier(len(browsers))
    answers = [None] * len(browsers)

    def sign(index):
        barrier.wait()
        answer = browsers[index].post(
            f"{server.url}/my/acceptances/{acceptance}/sign",
            json={"params": {"name": f"Signature {index}", "signature": PNG}},
            timeout=120,
        )
        answers[index] = answer.json()

    threads = [threading.Thread(target=sign, args=(index,)) for index in range(len(browsers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("number", range(ROUNDS))
def test_one_signature_counts_and_the_others_are_told_so(server, admin, number):
    contract, acceptance = make_acceptance(admin)
    browsers = [log_in(server) for _index in range(BROWSERS)]
    answers = sign_at_once(server, browsers, acceptance)
    assert not [answer["error"] for answer in answers if "error" in answer], "no server error"
    results = [answer["result"] for answer in answers]
    winners = [index for index, result in enumerate(results) if result.get("force_refresh")]
    assert len(winners) == 1
    losers = [result for result in results if not result.get("force_refresh")]
    assert {result["error"] for result in losers} <= TOLD
    [signed] = admin("crm.service.acceptance", "read", [acceptance], ["state", "signed_by"])
    assert (signed["state"], signed["signed_by"]) == ("accepted", f"Signature {winners[0]}")
    events = [("contract_id", "=", contract), ("event", "=", "accepted")]
    assert admin("crm.contract.event", "search_count", events) == 1
    about = [("model", "=", "crm.service.acceptance"), ("res_id", "=", acceptance)]
    messages = admin("mail.message", "search_count", [*about, ("body", "like", "Signed by")])
    assert messages == 1
