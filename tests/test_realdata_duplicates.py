"""Data that nobody here wrote: persons, restaurants, companies, codes, numbers, amounts."""

import csv
import os
from pathlib import Path

import pytest
from realdata import (
    cn_listed,
    company_pairs,
    febrl1,
    febrl4,
    gleif,
    phones,
    restaurants,
    rmb,
    uscc,
)
from realdata.run import find_files
from realdata.session import Session

from odoo.tests import TransactionCase, tagged

QUALITY = {"found_pairs", "true_found_pairs", "precision", "recall", "f1", "seconds"}
SUGGESTED = {"suggested_first_pct", "suggested_in_three_pct"}


def expected_rows(folder, dataset):
    """The published rows of a data set: ``{(metric, slice): (value, tolerance)}``."""
    with (folder / "expected_figures.csv").open(encoding="utf-8") as file:
        return {
            (row["metric"], row["slice"]): (float(row["value"]), float(row["tolerance"]))
            for row in csv.DictReader(file)
            if row["dataset"] == dataset
        }


@pytest.mark.realdata
@tagged("post_install", "-at_install", "-standard", "realdata")
class TestDuplicatesOfThirdParties(TransactionCase):
    """Each set is imported in the product's screen and scanned with the rules as shipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(os.environ["CRM_REALDATA"])
        cls.session = Session(cls.env)
        while cls.env["crm.dup.scan"]._scan_step():
            pass  # what the database holds already is not part of the data

    def _figures(self, dataset, own=QUALITY):
        """Load a set, compare with the published figures, and return the product's own."""
        paths = find_files(self.folder, dataset.FILES)
        loaded = dataset.load(self.session, paths)
        found = {
            (metric, piece): float(value)
            for metric, piece, value in dataset.figures(self.session, loaded)
        }
        expected = expected_rows(self.folder, dataset.NAME)
        self.assertTrue(expected)
        wrong = [
            (key, found.get(key), value)
            for key, (value, tolerance) in expected.items()
            if key not in found or abs(found[key] - value) > tolerance * max(1, abs(value))
        ]
        self.assertEqual(wrong, [])
        ours = {key[0]: value for key, value in found.items() if key not in expected}
        self.assertEqual(set(ours), set(own))
        return ours

    def test_febrl_1_is_deduplicated(self):
        self.assertGreaterEqual(self._figures(febrl1)["f1"], 0.985)

    def test_febrl_4_is_linked(self):
        self.assertGreaterEqual(self._figures(febrl4)["f1"], 0.99)

    def test_restaurants_are_linked(self):
        self.assertGreaterEqual(self._figures(restaurants)["f1"], 0.97)

    def test_no_two_different_companies_are_called_one(self):
        ours = self._figures(company_pairs)
        self.assertEqual(ours["precision"], 1.0)
        # The rest are tickers, initials, brands and names in two scripts, which no letters connect.
        self.assertGreaterEqual(ours["recall"], 0.5)

    def test_short_names_suggest_listed_companies(self):
        ours = self._figures(cn_listed, QUALITY | SUGGESTED)
        self.assertGreaterEqual(ours["suggested_first_pct"], 96)
        self.assertGreaterEqual(ours["suggested_in_three_pct"], 98)
        self.assertEqual(ours["precision"], 1.0)

    def test_every_pair_of_legal_entities_called_sure_is_explained(self):
        ours = self._figures(gleif)
        self.assertLessEqual(ours["found_pairs"], 1)
        pairs = self.session.manager["crm.dup.pair"].search([("level", "=", "sure")])
        pairs = pairs.filtered(lambda pair: (pair.partner_id.ref or "").startswith("gleif/"))
        self.assertEqual(len(pairs), ours["found_pairs"])
        for pair in pairs:
            self.assertIn("same name", pair.reason_text)
            self.assertIn("same country", pair.reason_text)

    def test_credit_codes_are_judged_like_the_library(self):
        self._figures(uscc, ())

    def test_telephone_numbers_are_judged_like_the_library(self):
        self._figures(phones, ())

    def test_amounts_in_capitals_agree_with_both_opinions(self):
        self._figures(rmb, ())
