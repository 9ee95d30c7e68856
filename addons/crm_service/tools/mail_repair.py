"""Making broken mail readable instead of losing it.

The standard library refuses a body in a character set it does not know and headers it cannot fold
again, PostgreSQL refuses NUL bytes, the host stumbles over a year of three digits. All occur in
real mail; all are mended so that the words survive.
"""

import codecs
import email.policy
from datetime import datetime

FALLBACK_CHARSETS = ("utf-8", "gb18030", "latin-1")


class UnreadableMailError(ValueError):
    """A message that could not be parsed even after mending."""


def without_nul(raw):
    """Return the raw message without NUL bytes."""
    return raw.replace(b"\x00", b"")


def source(message):
    """Return a parsed message as bytes again, broken headers as they came.

    :param email.message.EmailMessage message: parsed by the gateway
    """
    return message.as_bytes(policy=email.policy.compat32)


def is_readable_date(text):
    """Whether the text of a date is one that can be stored; no date at all is."""
    if not text:
        return True
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").year > 1900
    except ValueError:
        return False


def mend_charsets(message):
    """Give every text part whose character set is unknown one that can decode it.

    :param email.message.EmailMessage message: changed in place
    """
    for part in message.walk():
        if part.get_content_maintype() != "text":
            continue
        charset = part.get_param("charset")
        if charset and not _known(str(charset)):
            part.set_param("charset", _readable_as(part))


def _known(charset):
    try:
        codecs.lookup(charset)
    except (LookupError, ValueError):
        return False
    return True


def _readable_as(part):
    payload = part.get_payload(decode=True) or b""
    for charset in FALLBACK_CHARSETS:
        try:
            payload.decode(charset)
        except UnicodeDecodeError:
            continue
        return charset
    return FALLBACK_CHARSETS[-1]
