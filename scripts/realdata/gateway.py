"""Mail through the real gateway, as the mailbox of a service team fetches it."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

TICKET = "crm.service.ticket"
LOG = "crm.service.mail.log"


def open_mailbox(session) -> None:
    """Make the team that answers the mailbox, once."""
    teams = session.service["crm.service.team"]
    if not teams.search_count([("name", "=", "Real Mail")]):
        teams.create({"name": "Real Mail"})
        session.after_step()


def deliver(session, archive: Path) -> Iterator[tuple[str, int]]:
    """Deliver every message of an archive; yield its name and the entry of the mail log.

    A message that leaves no entry stands with 0. The gateway runs as the server's own user, like
    the job that fetches mail; each message is a transaction of its own.
    """
    logs = session.env[LOG]
    last = logs.search([], order="id desc", limit=1).id or 0
    with zipfile.ZipFile(archive) as messages:
        for name in sorted(name for name in messages.namelist() if not name.endswith("/")):
            session.env["mail.thread"].message_process(TICKET, messages.read(name))
            session.after_step()
            entry = logs.search([("id", ">", last)], order="id", limit=1).id
            last = entry or last
            yield name, entry or 0
