from odoo.tests import BaseCase, tagged

from ..tools.capitals import amount_in_capitals


@tagged("post_install", "-at_install")
class TestCapitals(BaseCase):
    """Chinese capital amounts, without a database."""

    def test_amounts_are_written_as_bills_write_them(self):
        for amount, expected in (
            (0, "零元整"),
            (0.05, "伍分"),
            (10, "壹拾元整"),
            (1002.5, "壹仟零贰元伍角"),
            (100000, "壹拾万元整"),
            (160000.01, "壹拾陆万元零壹分"),
        ):
            self.assertEqual(amount_in_capitals(amount), expected)

    def test_other_currencies_have_no_capitals(self):
        self.assertEqual(amount_in_capitals(10, "USD"), "")
