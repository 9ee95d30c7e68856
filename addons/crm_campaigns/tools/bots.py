"""Tell clicks of mail scanners from clicks of people.

Gateways open every link of a mail within moments of its arrival, before a person could read it.
"""

SCANNER_SECONDS = 3


def is_automatic_click(sent, clicked):
    """Say whether a click came too soon after sending to be human.

    :param sent: datetime of sending, or None where unknown
    :param clicked: datetime of the click
    """
    return bool(sent) and (clicked - sent).total_seconds() < SCANNER_SECONDS
