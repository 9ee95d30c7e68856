"""Telling mail written by people from mail written by machines.

Machines that answer machines are how loops begin, and an absence note is no customer reply. The
rules follow RFC 3834 (automatic responses), RFC 3464 (delivery reports), RFC 8098 (read receipts)
and the headers that the common mail systems really send.

All functions take an ``email.message.EmailMessage`` and never raise on broken mail.
"""

import re
from dataclasses import dataclass

BOUNCE = "bounce"
AUTO_SUBMITTED = "auto_submitted"
BULK = "bulk"
SUPPRESSED = "auto_response_suppress"
OUT_OF_OFFICE = "out_of_office"
RECEIPT = "receipt"

BULK_PRECEDENCES = {"bulk", "junk", "list", "auto_reply"}

# "OOF" alone is on mail that people wrote: it only asks not to be told about absences.
SUPPRESS_MARKS = {"all", "autoreply", "dr", "rn", "nrn"}

AUTO_REPLY_HEADERS = (
    "X-Autoreply",
    "X-Auto-Reply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-AutoReply-From",
    "X-Mail-Autoreply",
    "X-FC-MachineGenerated",
)

OUT_OF_OFFICE_SUBJECT = re.compile(
    r"""^\s*(?:(?:re|fwd?|aw|回复|答复)\s*[:：]\s*)*
    (?:auto(?:matic)?[\s-]?(?:reply|response|answer)
      |auto\s*[:：]
      |out\s+of\s+(?:the\s+)?office(?:\s+(?:auto\s?)?reply)?
      |away\s+from\s+(?:the\s+|my\s+)?(?:office|desk)
      |on\s+(?:vacation|holiday|leave)
      |abwesenheits(?:notiz|meldung)
      |absence\s+du\s+bureau
      |自动(?:回复|答复)|自動(?:回覆|回復|返信)
      |(?:休假|外出|不在办公室)(?:自动)?(?:回复|答复|通知)?
      |不在席)
    \s*(?:$|[:：,，。.!！()（）\[\]【】-])""",
    re.IGNORECASE | re.VERBOSE,
)

BOUNCE_SUBJECT = re.compile(
    r"""^\s*(?:mail\s+delivery\s+(?:failed|failure|system)
      |undeliver(?:ed|able)(?:\s+(?:mail|message))?\b
      |delivery\s+(?:status\s+notification|failure|has\s+failed)
      |returned\s+mail\b
      |failure\s+notice\s*$
      |(?:系统)?退信(?:通知)?
      |来自\s*postmaster@\S+\s*的退信
      |邮件(?:投递|发送)失败|无法投递)""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Verdict:
    """Who wrote a message: ``reason`` says why a machine did, None means a person."""

    reason: str | None
    failures: object  # crm_customers.tools.delivery.Failures


def judge(message, failures):
    """Return the verdict on a message, reached once and kept with it.

    It must be reached before the host parses the message, since parsing changes parts of it.

    :param failures: what the message says of mail that could not be delivered
        (``crm_customers.tools.delivery.Failures``)
    """
    verdict = getattr(message, "machine_verdict", None)
    if verdict is None:
        failed = failures.verdict != "none"
        verdict = Verdict(automatic_reason(message, failed), failures)
        message.machine_verdict = verdict
    return verdict


def automatic_reason(message, failed=False):
    """Return why a message was written by a machine, or None when a person wrote it.

    :param failed: whether it names addresses that mail could not be delivered to
    """
    checks = (
        (BOUNCE, lambda message: failed or _is_bounce(message)),
        (RECEIPT, _is_receipt),
        (OUT_OF_OFFICE, _is_out_of_office),
        (AUTO_SUBMITTED, _is_auto_submitted),
        (SUPPRESSED, _is_suppressed),
        (BULK, _is_bulk),
    )
    return next((reason for reason, check in checks if check(message)), None)


def header(message, name):
    """Return a header as one line of text, empty when missing or unreadable."""
    try:
        value = message.get(name)
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        return ""
    return " ".join(str(value or "").split())


def _is_bounce(message):
    if header(message, "Return-Path") == "<>":
        return True
    sender = header(message, "From").lower()
    if "mailer-daemon@" in sender:
        return True
    kind = _content_type(message)
    if kind == "multipart/report" and "disposition" not in header(message, "Content-Type").lower():
        return True
    return bool(BOUNCE_SUBJECT.match(header(message, "Subject")))


def _is_receipt(message):
    kind = header(message, "Content-Type").lower()
    return "disposition-notification" in kind


def _is_out_of_office(message):
    if any(header(message, name) for name in AUTO_REPLY_HEADERS):
        return True
    if header(message, "X-POST-MessageClass").startswith("9;"):
        return True
    return bool(OUT_OF_OFFICE_SUBJECT.match(header(message, "Subject")))


def _is_auto_submitted(message):
    value = header(message, "Auto-Submitted").lower()
    return bool(value) and value.split(";")[0].strip() != "no"


def _is_suppressed(message):
    marks = header(message, "X-Auto-Response-Suppress").lower().split(",")
    return bool(SUPPRESS_MARKS & {mark.strip() for mark in marks})


def _is_bulk(message):
    return header(message, "Precedence").lower() in BULK_PRECEDENCES


def _content_type(message):
    try:
        return message.get_content_type()
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        return ""


def rough_headers(raw):
    """Return the main headers of a message that cannot be parsed, as plain text.

    :param bytes raw: the message
    :return: a dict with the keys of the host's parsed mail that are needed to keep it
    """
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace")
    lines = re.sub(r"\n[ \t]+", " ", head).splitlines()
    found = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), []).append(value.strip())
    recipients = [one for name in ("delivered-to", "to", "cc") for one in found.get(name, [])]
    return {
        "message_id": " ".join(found.get("message-id", [])),
        "email_from": " ".join(found.get("from", [])),
        "subject": " ".join(found.get("subject", [])),
        "to": ", ".join(recipients),
        "recipients": ", ".join(recipients),
    }
