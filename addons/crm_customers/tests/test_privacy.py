import re

from odoo.tests import BaseCase, tagged

from ..tools.privacy import address_patterns


@tagged("post_install", "-at_install")
class TestPrivacyPatterns(BaseCase):
    """What is taken for a person's address or name in a text, without a database."""

    def _find(self, text, emails=(), phones=(), names=()):
        return [
            found.group()
            for pattern in address_patterns(emails, phones, names)
            for found in re.finditer(pattern, text, re.IGNORECASE)
        ]

    def test_an_address_is_not_found_inside_a_longer_one(self):
        text = "To: Li@Firm.example, xli@firm.example, li@firm.example.org"
        self.assertEqual(self._find(text, emails=["li@firm.example"])[:1], ["Li@Firm.example"])
        self.assertNotIn("xli", " ".join(self._find("xli@firm.example", ["li@firm.example"])))

    def test_a_number_is_found_however_it_is_written(self):
        for text in (
            "13800001111",
            "138 0000 1111",
            "+86 138-0000-1111",
            "+8613800001111",
            "008613800001111",
            "(138)00001111",
        ):
            self.assertTrue(self._find(text, phones=["+8613800001111"]), text)
        self.assertFalse(self._find("913800001111", phones=["+8613800001111"]))
        self.assertFalse(self._find("call 110 now", phones=["110"]))

    def test_names_of_letters_are_whole_words_and_chinese_ones_are_not(self):
        self.assertEqual(self._find("Ann Lee, Joann Leeds", names=["Ann Lee"]), ["Ann Lee"])
        self.assertEqual(self._find("请联系王小明先生", names=["王小明"]), ["王小明"])
        self.assertFalse(self._find("x", names=["x"]))
