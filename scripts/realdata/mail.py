"""A mailing-list archive with spam: real headers, broken parts, odd character sets."""

import re
from collections.abc import Iterator

from .formats import number
from .gateway import LOG, deliver, open_mailbox

NAME = "mail"
FILES = {"messages": "spamassassin_sample.zip"}
BULK = ("bulk", "list", "junk")
# The host gives a message that has no number one of this form.
GIVEN_NUMBER = re.compile(r"<\d+\.\d+@localhost>")


def load(session, paths) -> dict[str, int]:
    """Deliver every message to the service team's mailbox; return its entry in the mail log."""
    open_mailbox(session)
    return dict(deliver(session, paths["messages"]))


def figures(session, entries) -> Iterator[tuple[str, str, str]]:
    """What the log of incoming mail says, in all and by the folder the messages were in."""
    logs = session.service[LOG]
    yield from of(logs, "all", entries.values())
    for folder in sorted({name.rpartition("/")[0] for name in entries}):
        own = [entry for name, entry in entries.items() if name.rpartition("/")[0] == folder]
        yield from of(logs, f"folder={folder}", own)


def of(logs, piece: str, entries) -> Iterator[tuple[str, str, str]]:
    """Figures of some entries of the log."""
    mine = [("id", "in", list(entries))]
    numbers = [
        number
        for (number,) in logs._read_group(mine, ["message_id"])
        if number and not GIVEN_NUMBER.fullmatch(number)
    ]
    with_number = logs.search_count([*mine, ("message_id", "in", numbers)])
    count = logs.search_count(mine)
    bulk = [(*mine, ("precedence", "=ilike", word)) for word in BULK]
    yield "messages", piece, number(count)
    yield "messages_without_message_id", piece, number(count - with_number)
    yield "distinct_message_ids", piece, number(len(numbers))
    for metric, domain in (
        ("messages_with_in_reply_to", [("in_reply_to", "not in", (False, ""))]),
        ("messages_with_list_id", [("list_id", "not in", (False, ""))]),
        ("messages_multipart", [("is_multipart", "=", True)]),
    ):
        yield metric, piece, number(logs.search_count([*mine, *domain]))
    metric = "messages_with_precedence_bulk_list_junk"
    yield metric, piece, number(sum(logs.search_count(list(domain)) for domain in bulk))
    for outcome, found in sorted(logs._read_group(mine, ["outcome"], ["__count"])):
        yield "messages", join(piece, f"outcome={outcome}"), number(found)


def join(piece: str, condition: str) -> str:
    """A slice with one more condition."""
    return condition if piece == "all" else f"{piece};{condition}"
