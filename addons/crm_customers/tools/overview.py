"""What addons hand in for a customer's page: tiles and sources of the timeline."""

from typing import NamedTuple


class Tile(NamedTuple):
    """One figure of the page, and the records behind it.

    The figure is the sum of ``field`` over the records of ``domain`` that the user may read, or
    their number without a field. Amounts of several currencies are never added up.

    :ivar key: unique among all addons
    :ivar label: what is counted, translated
    :ivar icon: Font Awesome class
    :ivar model: where the records are
    :ivar domain: which they are, as a list of leaves
    :ivar field: stored numeric field to sum; empty: count
    :ivar currency: stored field with the currency of ``field``; empty: the company's
    :ivar note: second line: label of what ``note_domain`` finds
    :ivar note_domain: the records the second line counts or sums
    :ivar alert: whether the second line is bad news
    :ivar action: XML id whose views and name open the records; empty: list and form
    :ivar amounts: ``(figure, note figure)`` known already instead of read, company currency
    :ivar measure: field whose sum over the records is the figure, where ``field`` is not read
    :ivar sequence: place on the page
    """

    key: str
    label: str
    icon: str
    model: str
    domain: list
    field: str = ""
    currency: str = ""
    note: str = ""
    note_domain: list | None = None
    alert: bool = False
    action: str = ""
    amounts: tuple | None = None
    measure: str = ""
    sequence: int = 50


class TimelineSource(NamedTuple):
    """Records that happened to a customer at some moment, or that are still to come.

    Fields must be stored. Texts may be of type char, text, html, selection or many2one.

    :ivar kind: what the reader filters by; several sources may share one
    :ivar label: its name, translated
    :ivar icon: Font Awesome class
    :ivar model: where the records are
    :ivar domain: which they are, as a list of leaves; read with the rights of the user
    :ivar date: date or datetime field
    :ivar title: field that says what it is
    :ivar note: field that says more
    :ivar amount: monetary field
    :ivar currency: field of its currency
    :ivar person: many2one to a user or partner: who did it
    :ivar opens: what a click opens: ``id`` the record itself, else a many2one; empty: nothing
    :ivar method: method of the record to call instead of opening its form; it returns an action
    :ivar trusted: reading was decided by the domain, the model's own rules are not asked
    :ivar planned: the records are still to come; they stand above the past, the next one first
    :ivar key: unique among all addons; empty: the kind
    """

    kind: str
    model: str
    domain: list
    date: str
    title: str
    note: str = ""
    amount: str = ""
    currency: str = ""
    person: str = ""
    opens: str = "id"
    trusted: bool = False
    label: str = ""
    icon: str = ""
    method: str = ""
    planned: bool = False
    key: str = ""

    @property
    def name(self):
        """What tells this source from all others."""
        return self.key or self.kind
