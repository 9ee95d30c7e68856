"""Receivables that nobody here wrote: imported as invoices and payments, posted and reconciled."""

import pytest
from realdata import receivables
from realdata.session import Session
from realdata_figures import RealDataCase

from odoo import Command
from odoo.tests import tagged

ROWS = 1267


@pytest.mark.realdata
@tagged("post_install", "-at_install", "-standard", "realdata")
class TestReceivablesOfThirdParties(RealDataCase):
    """1,267 invoices of 50 customers, in a company of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.CNY").active = True
        cls.company = cls.env["res.company"].create(
            {
                "name": "Receivables Import",
                "country_id": cls.env.ref("base.cn").id,
                "currency_id": cls.env.ref("base.CNY").id,
            }
        )
        charts = cls.env["account.chart.template"]
        charts.try_loading("generic_coa", cls.company, install_demo=False)
        cls.company.currency_id = cls.env.ref("base.CNY")
        cls.env.ref("base.user_admin").company_ids = [Command.link(cls.company.id)]
        context = {"allowed_company_ids": cls.company.ids, "lang": "en_US"}
        cls.session = Session(cls.env(context=context))
        cls.paths, _loaded = cls.load(receivables)

    def _log(self):
        logs = self.session.accountant["crm.import.log"]
        return logs.search([("name", "=", self.paths["invoices"].name)], order="id desc", limit=1)

    def test_the_reports_say_every_published_figure(self):
        self.compare(receivables, None)

    def test_every_row_is_a_posted_invoice_paid_in_the_bank(self):
        log = self._log()
        self.assertEqual((log.created_count, log.refused_count), (ROWS, 0))
        invoices = self.env["account.move"].search(
            [("company_id", "=", self.company.id), ("move_type", "=", "out_invoice")]
        )
        self.assertEqual(len(invoices), ROWS)
        self.assertEqual(set(invoices.mapped("state")), {"posted"})
        self.assertEqual(set(invoices.mapped("amount_residual")), {0.0})
        received = sum(cash.amount_company for cash in invoices._cash_received().values())
        self.assertAlmostEqual(received, sum(invoices.mapped("amount_total")), 2)

    def test_a_second_import_imports_nothing(self):
        moves = self.env["account.move"].search_count([("company_id", "=", self.company.id)])
        self.load(receivables)
        log = self._log()
        self.assertEqual((log.unchanged_count, log.created_count, log.updated_count), (ROWS, 0, 0))
        again = self.env["account.move"].search_count([("company_id", "=", self.company.id)])
        self.assertEqual(again, moves)
