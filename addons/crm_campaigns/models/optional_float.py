from odoo import fields


class OptionalFloat(fields.Float):
    """A number that may be blank, for ratios without meaning (the host shows those as 0.00).

    For computed fields that are not stored: assign False or None for blank, read False.
    """

    aggregator = None

    def convert_to_cache(self, value, record, validate=True):
        if value is None or value is False:
            return None
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        """Return False where there is no figure, so that views show nothing instead of zero."""
        return False if value is None else value

    def convert_to_export(self, value, record):
        """Return an empty cell where there is no figure."""
        return "" if value is None or value is False else value
