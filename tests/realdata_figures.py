"""Published figures of the third-party data, and where ours disagree. No test lives here."""

import csv
import os
from pathlib import Path

from realdata.run import find_files
from realdata.session import Session

from odoo.tests import TransactionCase


def expected_rows(folder, dataset):
    """The published rows of a data set: ``{(metric, slice): (value, tolerance)}``."""
    with (folder / "expected_figures.csv").open(encoding="utf-8") as file:
        return {
            (row["metric"], row["slice"]): (float(row["value"]), float(row["tolerance"]))
            for row in csv.DictReader(file)
            if row["dataset"] == dataset
        }


def disagreements(found, expected):
    """Published rows that are missing or out of tolerance, as ``(key, found, expected)``."""
    return [
        (key, found.get(key), value)
        for key, (value, tolerance) in expected.items()
        if key not in found or abs(found[key] - value) > tolerance * max(1, abs(value))
    ]


class RealDataCase(TransactionCase):
    """Loads data sets through the product and compares its figures with the published ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(os.environ["CRM_REALDATA"])
        cls.session = Session(cls.env(context={"lang": "en_US"}))

    @classmethod
    def load(cls, dataset):
        """Load a data set; return its paths and what loading returned."""
        paths = find_files(cls.folder, dataset.FILES)
        return paths, dataset.load(cls.session, paths)

    def compare(self, dataset, loaded, own=()):
        """Compare with every published row; return the figures that are the product's own.

        :param own: names of the metrics that are ours, none else may be left over
        """
        found = {
            (metric, piece): float(value)
            for metric, piece, value in dataset.figures(self.session, loaded)
        }
        expected = expected_rows(self.folder, dataset.NAME)
        self.assertTrue(expected)
        self.assertEqual(disagreements(found, expected), [])
        ours = {key: value for key, value in found.items() if key not in expected}
        self.assertEqual({metric for metric, _piece in ours} - set(own), set())
        return ours
