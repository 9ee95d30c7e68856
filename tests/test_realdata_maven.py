"""The opportunities of a third party, imported as a user would, against published figures."""

import csv
import os
from pathlib import Path

import pytest
from realdata import maven
from realdata.run import find_files
from realdata.session import Session

from odoo import Command
from odoo.tests import TransactionCase, tagged

PRODUCT_NOTES = 1001


def expected_rows(folder, dataset):
    """The published rows of a data set: ``{(metric, slice): (value, tolerance)}``."""
    with (folder / "expected_figures.csv").open(encoding="utf-8") as file:
        return {
            (row["metric"], row["slice"]): (float(row["value"]), float(row["tolerance"]))
            for row in csv.DictReader(file)
            if row["dataset"] == dataset
        }


def disagreements(found, expected):
    """Rows that are missing, too many or out of tolerance, as ``(key, found, expected)``."""
    keys = [key for key in expected if key not in found]
    wrong = [(key, None, expected[key][0]) for key in keys]
    for key, value in found.items():
        if key not in expected:
            wrong.append((key, value, None))
            continue
        wanted, tolerance = expected[key]
        if abs(float(value) - wanted) > tolerance * max(1, abs(wanted)):
            wrong.append((key, value, wanted))
    return wrong


@pytest.mark.realdata
@tagged("post_install", "-at_install", "-standard", "realdata")
class TestMaven(TransactionCase):
    """Accounts, products, teams and 5,803 opportunities in a company of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(os.environ["CRM_REALDATA"])
        cls.paths = find_files(cls.folder, maven.FILES)
        company = cls.env["res.company"].create({"name": "Maven Import"})
        cls.env.ref("base.user_admin").company_ids = [Command.link(company.id)]
        context = {"allowed_company_ids": company.ids, "lang": "en_US"}
        cls.session = Session(cls.env(context=context))
        maven.load(cls.session, cls.paths)

    def _log(self, part):
        name = self.paths[part].name
        logs = self.session.manager["crm.import.log"]
        return logs.search([("name", "=", name)], order="id desc", limit=1)

    def test_the_reports_say_every_published_figure(self):
        found = {(metric, part): value for metric, part, value in maven.figures(self.session)}
        expected = expected_rows(self.folder, maven.NAME)
        self.assertGreater(len(expected), 200)
        self.assertEqual(disagreements(found, expected), [])

    def test_every_row_came_in_and_what_was_adjusted_is_listed(self):
        log = self._log("opportunities")
        self.assertEqual(
            (log.row_count, log.created_count, log.refused_count, log.adjusted_count, log.state),
            (5803, 5803, 0, PRODUCT_NOTES, "done"),
        )
        issues = log.issue_ids
        self.assertEqual(len(issues), PRODUCT_NOTES)
        self.assertEqual(set(issues.mapped("value")), {"GTXPro"})
        self.assertEqual(set(issues.mapped("used_value")), {"GTX Pro"})
        with self.paths["opportunities"].open(encoding="utf-8") as file:
            rows = [
                number
                for number, row in enumerate(csv.DictReader(file), 2)
                if row["product"] == "GTXPro"
            ]
        self.assertEqual(issues.mapped("row"), rows)

    def test_the_dirt_of_the_accounts_is_kept_or_listed(self):
        env = self.session.manager
        self.assertTrue(env["res.partner"].search_count([("industry_id.name", "=", "technolgy")]))
        noted = self._log("accounts").issue_ids
        self.assertIn(
            ("Philipines", "Philippines"), noted.mapped(lambda i: (i.value, i.used_value))
        )
        self.assertIn(
            "Korea", noted.filtered(lambda i: i.code == "unknown_country").mapped("value")
        )

    def test_offices_without_opportunities_came_in(self):
        west = self.session.manager["crm.team"].search([("name", "=", "West")])
        self.assertEqual(len(west.crm_child_ids.member_ids), 12)

    def test_nobody_can_log_in_or_was_written_to(self):
        users = self.env["crm.team"].search([("name", "in", ["Central", "East", "West"])])
        users = users.crm_child_ids.member_ids
        self.assertEqual(len(users), 35)
        self.assertFalse([user.login for user in users if user.email or user.login_date])

    def test_a_second_import_imports_nothing(self):
        count = self.env["crm.lead"].with_context(active_test=False).search_count([])
        maven.load(self.session, self.paths)
        for part, rows in (("teams", 35), ("products", 7), ("accounts", 85)):
            log = self._log(part)
            self.assertEqual((log.unchanged_count, log.created_count), (rows, 0), part)
        log = self._log("opportunities")
        self.assertEqual((log.unchanged_count, log.created_count, log.updated_count), (5803, 0, 0))
        self.assertEqual(
            self.env["crm.lead"].with_context(active_test=False).search_count([]), count
        )
