"""Delivery failures of a quarter of a century: what the gateway makes of each."""

from collections.abc import Iterator

from .dedupe import read_rows
from .formats import number
from .gateway import LOG, deliver, open_mailbox

NAME = "bounces"
FILES = {"messages": "bounces.zip", "expected": "bounces_expected.csv"}
VERDICTS = {"permanent": "bounced_permanent", "temporary": "bounced_temporary"}


class Bounces:
    """The entries of the mail log by file, and what the file of verdicts says."""

    def __init__(self, entries: dict[str, int], rows: list[dict]):
        """Take the entries of the log and the rows of the published verdicts."""
        self.entries = entries
        self.rows = rows


def load(session, paths) -> Bounces:
    """Deliver every message to the service team's mailbox."""
    open_mailbox(session)
    return Bounces(dict(deliver(session, paths["messages"])), read_rows(paths["expected"]))


def figures(session, bounces) -> Iterator[tuple[str, str, str]]:
    """Verdicts and addresses as the log of incoming mail has them, and how many agree."""
    logs = session.service[LOG]
    mine = [("id", "in", list(bounces.entries.values()))]
    permanent, temporary = (
        logs.search_count([*mine, ("bounce_verdict", "=", verdict)]) for verdict in VERDICTS
    )
    count = logs.search_count(mine)
    yield "messages", "all", number(count)
    yield "messages", "verdict=permanent", number(permanent)
    yield "messages", "verdict=temporary", number(temporary)
    yield "messages", "verdict=none", number(count - permanent - temporary)
    for verdict, field in VERDICTS.items():
        # As for the host, letter case makes no other address.
        named = [
            address.lower() for log in logs.search(mine) for address in (log[field] or "").split()
        ]
        yield "addresses", f"verdict={verdict}", number(len(named))
        yield "distinct_addresses", f"verdict={verdict}", number(len(set(named)))
    yield (
        "agreeing_messages",
        "all",
        number(sum(agrees(logs, bounces, row) for row in bounces.rows)),
    )


def agrees(logs, bounces, row) -> bool:
    """Whether the log names the addresses that the published verdict names."""
    log = logs.browse(bounces.entries.get(row["file"], 0)).exists()
    return all(
        sorted((log[field] or "").split()) == sorted(row[verdict].split())
        for verdict, field in VERDICTS.items()
    )
