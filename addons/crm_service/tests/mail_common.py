"""What the tests of the mail gateway share."""

from email.message import EmailMessage
from email.utils import make_msgid

from .common import ServiceCommon

TICKET = "crm.service.ticket"
HELP = "help@service.example.com"


class MailCommon(ServiceCommon):
    """Sends raw messages through the gateway. No test lives here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Outgoing mail is kept in the queue; nothing leaves a test.
        cls.env["ir.mail_server"].search([]).active = False

    def receive(self, sender="chen@pilot.example.com", subject="The import stops", **options):
        """Hand a message to the gateway and return the tickets and log rows it made."""
        raw = self.compose(sender, subject, **options)
        tickets = self.env[TICKET].search([])
        logs = self.env["crm.service.mail.log"].search([])
        self.env["mail.thread"].message_process(options.get("model"), raw)
        return (
            self.env[TICKET].search([]) - tickets,
            self.env["crm.service.mail.log"].search([]) - logs,
        )

    def compose(
        self,
        sender,
        subject,
        *,
        body="It stops at row 12.",
        to=HELP,
        reply_to=None,
        headers=(),
        message_id=None,
        model=None,
    ):
        message = EmailMessage()
        message["From"] = sender
        message["To"] = to
        message["Subject"] = subject
        message["Message-ID"] = message_id or make_msgid(domain="pilot.example.com")
        # The sender's clock is wrong by years; ours counts.
        message["Date"] = "Mon, 01 Jan 2001 00:00:00 +0000"
        if reply_to is not None:
            message["In-Reply-To"] = reply_to
            message["References"] = reply_to
        for name, value in headers:
            message[name] = value
        message.set_content(body)
        return message.as_bytes()

    def public_message(self, ticket):
        """Return the Message-ID of an answer of ours, to be replied to."""
        return self.reply(ticket, self.agent).message_id
