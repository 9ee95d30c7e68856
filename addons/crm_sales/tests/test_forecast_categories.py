from odoo.tests import BaseCase, tagged

from ..tools.forecast import choose, default_category, moved


@tagged("post_install", "-at_install")
class TestForecastCategories(BaseCase):
    """Which category counts, and which way a deal moved; no database."""

    def test_the_default_follows_the_probability(self):
        for probability, expected in (
            (0, "pipeline"),
            (49.9, "pipeline"),
            (50, "best"),
            (80, "commit"),
        ):
            self.assertEqual(default_category(probability), expected)

    def test_a_manager_counts_before_the_seller_and_he_before_the_default(self):
        self.assertEqual(choose("pipeline", None, None), "pipeline")
        self.assertEqual(choose("pipeline", "commit", None), "commit")
        self.assertEqual(choose("pipeline", "commit", "best"), "best")

    def test_moves_have_a_direction(self):
        self.assertEqual(moved("best", "commit"), 1)
        self.assertEqual(moved("best", "omitted"), -1)
        self.assertEqual(moved("best", "best"), 0)
