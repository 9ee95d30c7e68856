"""What addons hand in for the facts of a customer's form."""

from collections.abc import Callable
from typing import NamedTuple

from odoo.tools import SQL


class FactSource(NamedTuple):
    """A figure of the form that obeys the rights of the user.

    :ivar rows: query on the rows that it can be made of, of the partner ``own``, whoever may read
        them; without any, ``read`` is not asked
    :ivar read: returns the query of the figure: ``partner_id`` and ``value`` (jsonb)
    """

    rows: SQL
    read: Callable[[], SQL]
