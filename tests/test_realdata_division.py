"""The divisions of China of a third party, imported as a user would, against published figures."""

import os
from pathlib import Path

import pytest
from realdata import china_division
from realdata.run import find_files
from realdata.session import Session
from test_realdata_maven import disagreements, expected_rows

from odoo.tests import TransactionCase, tagged


@pytest.mark.realdata
@tagged("post_install", "-at_install", "-standard", "realdata")
class TestChinaDivision(TransactionCase):
    """31 provinces, 342 cities, 2,978 districts."""

    def test_the_figures_agree(self):
        folder = Path(os.environ["CRM_REALDATA"])
        session = Session(self.env(context={"lang": "en_US"}))
        paths = find_files(folder, china_division.FILES)
        china_division.load(session, paths)
        found = {(metric, piece): value for metric, piece, value in china_division.figures(session)}
        self.assertFalse(disagreements(found, expected_rows(folder, china_division.NAME)))
