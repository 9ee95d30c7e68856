"""Real mail for tests: an SMTP server that delivers to maildirs, and an IMAP server on them.

Every address has the local part's mailbox: mail to ``support@supplier.example`` lands in
``support``. Log in to IMAP with that name and :data:`PASSWORD`.
"""

import mailbox
import os
import signal
import socket
import subprocess
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.controller import Controller
from pysasl.hashing import BuiltinHash

PASSWORD = "secret"
WAIT_SECONDS = 20
IMAP_PROGRAM = """
import os, sys
with open(sys.argv.pop(1), "w") as file:
    file.write(str(os.getpid()))
from pymap.main import main
main()
"""


class MailServers:
    """Both servers over one folder; use as a context manager.

    :ivar int smtp_port: takes mail for any address
    :ivar int imap_port: serves the mailboxes named at construction
    """

    def __init__(self, folder: Path, mailboxes: tuple[str, ...]):
        self.folder = folder
        self.mailboxes = mailboxes
        self.smtp_port = free_port()
        self.imap_port = free_port()

    def __enter__(self):
        self._write_accounts()
        self._smtp = Controller(self, hostname="127.0.0.1", port=self.smtp_port)
        self._smtp.start()
        self._start_imap()
        return self

    def __exit__(self, *_error):
        self._smtp.stop()
        pid = int(self._pid_file.read_text())
        os.kill(pid, signal.SIGTERM)

    async def handle_DATA(self, _server, _session, envelope):
        """Deliver one message to the mailbox of each recipient (called by the SMTP server)."""
        for address in envelope.rcpt_tos:
            self._maildir(address.split("@")[0]).add(envelope.content)
        return "250 Delivered"

    def received(self, name: str) -> list:
        """Return the messages delivered to mailbox ``name``, oldest first."""
        box = self._maildir(name)
        raw = [box.get_bytes(key) for key in sorted(box.keys())]
        return [message_from_bytes(content, policy=policy.default) for content in raw]

    def wait_for(self, name: str, matches) -> object:
        """Return the first message of mailbox ``name`` for which ``matches`` is true."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            for message in self.received(name):
                if matches(message):
                    return message
            time.sleep(0.2)
        subjects = [message["subject"] for message in self.received(name)]
        raise AssertionError(f"no such mail for {name} within {WAIT_SECONDS} s; there: {subjects}")

    # -- set-up --------------------------------------------------------------------------------

    @property
    def _pid_file(self) -> Path:
        return self.folder / "imap.pid"

    def _maildir(self, name: str) -> mailbox.Maildir:
        return mailbox.Maildir(self.folder / name, create=True)

    def _write_accounts(self):
        digest = BuiltinHash(rounds=1000).hash(PASSWORD).replace(":", "\\:")
        for name in self.mailboxes:
            self._maildir(name)
        (self.folder / "pymap-etc-passwd").write_text(
            "".join(f"{name}:x::::{name}:\r\n" for name in self.mailboxes)
        )
        (self.folder / "pymap-etc-shadow").write_text(
            "".join(f"{name}:{digest}:::::::\r\n" for name in self.mailboxes)
        )

    def _start_imap(self):
        # Detached: the host's test classes end every child of the test process.
        command = [
            "setsid", "--fork", sys.executable, "-c", IMAP_PROGRAM, str(self._pid_file),
            "--no-tls", "--no-service", "managesieve", "--host", "127.0.0.1",
            "--port", str(self.imap_port), "maildir", str(self.folder),
        ]  # fmt: skip
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        with open(self.folder / "imap.log", "wb") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, env=environment)
        wait_for_port(self.imap_port)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, seconds: float = WAIT_SECONDS) -> None:
    """Return once somebody listens on ``port``; raise TimeoutError otherwise."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nobody listens on port {port} after {seconds} s")
