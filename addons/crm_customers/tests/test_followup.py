from unittest import TestCase

from ..tools.followup import says_something, substance


class TestFollowup(TestCase):
    """Whether a note on a follow-up says something; without a database."""

    def test_only_letters_digits_and_characters_count(self):
        self.assertEqual(substance("好的， ok 1 !"), 5)
        self.assertEqual(substance(None), 0)

    def test_a_note_says_something_when_long_enough_and_not_one_key_held_down(self):
        for text, expected in (
            ("客户同意下周签合同", True),
            ("客户同意", False),
            ("Agreed on price", True),
            ("aaaaaaaaaaaa", False),
            ("哈哈哈哈哈哈哈哈哈", False),
            ("........ -----", False),
            ("", False),
        ):
            self.assertIs(says_something(text, 8), expected, text)

    def test_a_company_may_take_every_note(self):
        self.assertTrue(says_something("", 0))
        self.assertTrue(says_something("ok", 2))
