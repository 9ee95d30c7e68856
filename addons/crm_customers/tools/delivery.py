"""Reading delivery reports: which addresses mail could not be brought to, and for good or not.

Delivery failures are recognised by flufl.bounce, which knows the formats of the mail servers that
follow no standard.
"""

import logging
from dataclasses import dataclass

from flufl.bounce import all_failures

# The library logs a stack trace for every header it cannot read; broken mail is everyday here.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Failures:
    """Addresses a delivery report says mail could not be brought to."""

    permanent: tuple[str, ...] = ()
    temporary: tuple[str, ...] = ()

    @property
    def verdict(self):
        """``permanent`` when any failure is, else ``temporary``, else ``none``."""
        return "permanent" if self.permanent else "temporary" if self.temporary else "none"


def delivery_failures(message):
    """Return the addresses that a delivery report names, permanent and temporary.

    Found once and kept with the message; it must be asked for before the host parses the message,
    since parsing changes parts of it. Never raises on broken mail.

    :param message: ``email.message.EmailMessage``
    """
    found = getattr(message, "delivery_failures", None)
    if found is None:
        found = message.delivery_failures = _read(message)
    return found


def _read(message):
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - the library parses hostile input; no verdict is an answer
        return Failures()
    return Failures(_addresses(permanent), _addresses(temporary))


def _addresses(found):
    texts = (one.decode("ascii", "replace") if isinstance(one, bytes) else one for one in found)
    return tuple(sorted(texts))
