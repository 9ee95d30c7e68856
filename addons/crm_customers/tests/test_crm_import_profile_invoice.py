from datetime import date

from odoo.tests import tagged

from .common import CrmCommon
from .import_common import ImportCase

HEADINGS = "invoice_number,customer,invoice_date,due_date,amount,disputed,settled_date\n"
OPEN = "A-1,上海试点机械有限公司,2026-01-10,2026-02-09,1000,no,\n"
LATE = "A-2,C-77,2026-01-10,2026-02-09,500.50,yes,2026-02-19\n"
EARLY = "A-3,C-77,2026-01-10,2026-02-09,200,,2026-01-30\n"


@tagged("post_install", "-at_install")
class TestImportReceivables(CrmCommon):
    """Finance people take over receivables of another system, open ones and settled ones."""

    _screen = ImportCase._screen
    _preview = ImportCase._preview
    _import = ImportCase._import
    _log = ImportCase._log
    _counts = ImportCase._counts
    _refused = ImportCase._refused

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.partner"].create(
            {"name": "Nordlys AS", "is_company": True, "ref": "C-77"}
        )

    def _env(self, user=None):
        context = {"lang": "en_US", "tracking_disable": True}
        return self.env(user=user or self.biller, context=context)

    def _take_over(self, *lines, **options):
        return self._import("account.move", HEADINGS + "".join(lines), **options)

    def _invoice(self, number):
        return self.env["account.move"].search(
            [
                ("ref", "=", number),
                ("move_type", "=", "out_invoice"),
                ("company_id", "=", self.company.id),
            ]
        )

    def test_a_row_becomes_a_posted_invoice_with_its_own_due_date(self):
        answer = self._take_over(OPEN)
        self.assertEqual(self._counts(answer), (1, 0, 0, 0))
        invoice = self._invoice("A-1")
        self.assertEqual(
            (invoice.state, invoice.move_type, invoice.partner_id, invoice.amount_total),
            ("posted", "out_invoice", self.customer, 1000),
        )
        self.assertEqual(
            (invoice.invoice_date, invoice.invoice_date_due, invoice.amount_residual),
            (date(2026, 1, 10), date(2026, 2, 9), 1000),
        )
        self.assertFalse(invoice.line_ids.tax_ids)
        self.assertEqual(invoice.invoice_user_id, self.salesperson)
        usual = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )
        self.assertNotEqual(invoice.journal_id, usual)
        self.assertEqual(
            self.customer._open_receivable(date(2026, 3, 1), self.company)[self.customer.id], 1000
        )

    def test_a_settled_row_is_paid_in_the_bank_on_its_day(self):
        answer = self._take_over(LATE, EARLY)
        self.assertEqual(self._counts(answer), (2, 0, 0, 0))
        invoices = self._invoice("A-2") | self._invoice("A-3")
        cash = invoices._cash_received()
        self.assertEqual(sum(one.amount_company for one in cash.values()), 700.50)
        self.assertEqual(invoices.mapped("amount_residual"), [0, 0])
        self.assertEqual(invoices._cash_received(date(2026, 2, 18))[invoices[0].id][1] > 0, False)
        self.assertEqual(invoices.mapped("crm_disputed"), [True, False])
        self.assertFalse(invoices.invoice_user_id)
        self.other.invalidate_recordset()
        other = self.other.with_user(self.biller).with_company(self.company)
        self.assertEqual(
            (other.crm_settled_count, other.crm_days_to_settle, other.crm_days_late), (2, 30, 5)
        )

    def test_a_repeated_file_changes_nothing(self):
        self._take_over(OPEN, LATE)
        count = self.env["account.move"].search_count([("company_id", "=", self.company.id)])
        self.assertEqual(self._counts(self._take_over(OPEN, LATE)), (0, 0, 2, 0))
        self.assertEqual(
            self.env["account.move"].search_count([("company_id", "=", self.company.id)]), count
        )

    def test_a_later_file_that_says_it_was_settled_pays_it(self):
        self._take_over(OPEN)
        answer = self._take_over(OPEN.replace(",no,", ",no,2026-03-01"))
        self.assertEqual(self._counts(answer), (0, 1, 0, 0))
        self.assertEqual(self._invoice("A-1").amount_residual, 0)

    def test_a_later_dispute_is_noted(self):
        self._take_over(OPEN)
        self.assertEqual(self._counts(self._take_over(OPEN.replace(",no,", ",是,"))), (0, 1, 0, 0))
        self.assertTrue(self._invoice("A-1").crm_disputed)

    def test_the_ledger_is_not_changed_by_a_file_that_says_otherwise(self):
        self._take_over(OPEN)
        answer = self._take_over(OPEN.replace("1000", "900"))
        self.assertEqual(self._counts(answer), (0, 0, 0, 1))
        self.assertEqual(self._refused(answer), [(2, "amount", "900")])
        self.assertEqual(self._invoice("A-1").amount_total, 1000)

    def test_rows_at_fault_are_kept_out_and_the_others_come_in(self):
        self.company.sale_lock_date = date(2025, 12, 31)
        answer = self._take_over(
            OPEN,
            "A-4,Nobody Ltd,2026-01-10,2026-02-09,10,,\n",
            "A-5,C-77,2026-01-10,2026-02-09,10,perhaps,\n",
            "A-6,C-77,2026-01-10,soon,10,,\n",
        )
        self.assertEqual(self._counts(answer), (1, 0, 0, 3))
        self.assertEqual(
            self._refused(answer),
            [(3, "customer", "Nobody Ltd"), (4, "disputed", "perhaps"), (5, "due_date", "soon")],
        )

    def test_a_test_leaves_nothing(self):
        self._take_over(OPEN, LATE, test=True)
        self.assertFalse(self._invoice("A-1") | self._invoice("A-2"))

    def test_a_salesperson_cannot_take_over_receivables(self):
        answer = self._take_over(OPEN, user=self.salesperson)
        self.assertEqual(answer["crm_import"]["created"], 0)
        self.assertFalse(self._invoice("A-1"))

    def test_what_was_settled_by_a_draft_is_not_settled(self):
        self._take_over(LATE)
        payment = self.env["account.payment"].search([("memo", "=", "A-2")])
        payment.action_draft()
        self.other.invalidate_recordset()
        other = self.other.with_user(self.biller).with_company(self.company)
        self.assertEqual(other.crm_settled_count, 0)

    def test_a_hundred_rows_cost_few_queries_more_than_one(self):
        self._take_over(OPEN)
        lines = [LATE.replace("A-2", f"B-{number}") for number in range(100)]
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        self._take_over(*lines[:10])
        few = self.env.cr.sql_log_count - start
        start = self.env.cr.sql_log_count
        self._take_over(*lines[10:])
        many = self.env.cr.sql_log_count - start
        self.assertLess(many / few, 6, f"{few} queries for 10 rows, {many} for 90")
