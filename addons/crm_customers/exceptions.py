"""Errors of this addon that callers tell apart."""

from odoo.exceptions import ValidationError


class DuplicateCustomerError(ValidationError):
    """A rule refuses customers because they exist already.

    ``refused`` holds for each refused partner's id the sentence that says why, ``others`` the id
    of the customer it would double; ``places`` are the refused ones' positions in the batch.
    """

    def __init__(self, refused: dict[int, str], others: dict[int, int], places: list[int]):
        super().__init__("\n".join(dict.fromkeys(refused.values())))
        self.refused = refused
        self.others = others
        self.places = places
