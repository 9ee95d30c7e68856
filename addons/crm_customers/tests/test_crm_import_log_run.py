import base64
import csv
import io

import openpyxl

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..models import crm_import_log_queue, crm_import_log_run
from .import_common import OPTIONS, ImportCase

CODE = "91330000MA27U0KD39"
COMPANIES = (
    "reference,company_name,credit_code,city,country,phone\n"
    "A-1,Aldermoor Mills Ltd,,Leeds,United Kingdom,\n"
    "A-2,Brackenfold Paper GmbH,,Bremen,Germany,+49 421 1234567\n"
)


@tagged("post_install", "-at_install")
class TestImportQueue(ImportCase):
    """Files of customers are looked through and imported in the background."""

    def setUp(self):
        super().setUp()
        self.patch(crm_import_log_run, "STEP", 4)

    def _enqueue(self, data, test=False, user=None, name="file.csv", **options):
        """Press "Test" or "Import" in the import screen; return the journal."""
        screen = self._screen("res.partner", data, user, name=name)
        preview, fields = self._preview(screen, **options)
        self.assertTrue(preview["crm_queued"])
        columns = [heading.strip().lower() for heading in preview["headers"]]
        chosen = {**OPTIONS, **preview["options"], **options}
        log_id = screen.crm_enqueue(fields, columns, chosen, test)
        return self._env(user)["crm.import.log"].browse(log_id)

    def _work(self):
        while self.env["crm.import.log"]._work():
            pass
        self.env.invalidate_all()

    def _numbers(self, log):
        return tuple(
            log[f"{name}_count"] for name in ("created", "updated", "unchanged", "refused")
        )

    def _outcomes(self, log):
        return [(row.number, row.outcome) for row in log.row_ids.sorted("number")]

    def _many(self, count, start=1):
        lines = [f"M-{n},Manifold Works {n} Ltd,Leeds\n" for n in range(start, start + count)]
        return "reference,company_name,city\n" + "".join(lines)

    def _customers(self, name):
        return self.env["res.partner"].search([("name", "=like", name)])

    # ------------------------------------------------------------
    # Looking through
    # ------------------------------------------------------------

    def test_a_short_file_is_looked_through_at_once_and_nothing_is_written(self):
        number = (
            self.env["ir.sequence"]
            .search([("code", "=", "crm.customer")])
            .mapped("number_next_actual")
        )
        log = self._enqueue(COMPANIES, test=True)
        self.assertEqual(log.state, "checked")
        self.assertEqual(self._numbers(log), (2, 0, 0, 0))
        self.assertEqual(self._outcomes(log), [(2, "created"), (3, "created")])
        self.assertEqual(
            log.row_ids.mapped("label"), ["Aldermoor Mills Ltd", "Brackenfold Paper GmbH"]
        )
        self.assertFalse(self._customers("Aldermoor%"))
        self.assertFalse(
            self.env["ir.model.data"].search([("name", "in", ("customer_A-1", "customer_A-2"))])
        )
        after = self.env["ir.sequence"].search([("code", "=", "crm.customer")])
        self.assertEqual(after.mapped("number_next_actual"), number)

    def test_each_error_has_row_column_value_and_reason(self):
        text = (
            "reference,company_name,credit_code,country\n"
            "E-1,,,\n"
            "E-2,Fernhollow Ltd,,Nowhereland\n"
            ",Gorsedale Ltd,,\n"
            "E-2,Hollinmere Ltd,,\n"
        )
        log = self._enqueue(text, test=True)
        self.assertEqual(self._numbers(log), (1, 0, 0, 3))
        found = {
            (issue.row, issue.column or "", issue.value or "", issue.refused)
            for issue in log.issue_ids
        }
        self.assertEqual(
            found,
            {
                (2, "company_name", "", True),
                (3, "country", "Nowhereland", False),
                (4, "reference", "", True),
                (5, "reference", "E-2", True),
            },
        )
        self.assertTrue(all(log.issue_ids.mapped("reason")))
        row = log.row_ids.filtered(lambda row: row.number == 5)
        self.assertIn("Row 3 of the file has the same value", row.finding_text)

    def test_changed_and_unchanged_rows_are_told_before_anything_is_written(self):
        self._enqueue(COMPANIES)
        changed = COMPANIES.replace("Leeds", "York") + "A-3,Corvendale Ltd,,,,\n"
        log = self._enqueue(changed, test=True)
        self.assertEqual(self._outcomes(log), [(2, "updated"), (3, "unchanged"), (4, "created")])
        self.assertEqual(self._customers("Aldermoor%").city, "Leeds")

    def test_duplicates_of_customers_are_told_with_what_may_be_revealed(self):
        owner = new_test_user(self.env, "import_owner", "sales_team.group_sale_salesman")
        self.env["res.partner"].create(
            {
                "name": "Aldermoor Mills Limited",
                "is_company": True,
                "city": "Leeds",
                "street": "1 Harbour Road",
                "country_id": self.env.ref("base.uk").id,
                "user_id": owner.id,
                "comment": "private",
            }
        )
        text = COMPANIES.replace("credit_code", "street").replace("Ltd,,", "Ltd,1 Harbour Rd,")
        log = self._enqueue(text, test=True, user=self.seller)
        row = log.row_ids.filtered(lambda row: row.number == 2)
        self.assertEqual((row.outcome, row.duplicate_level), ("created", "sure"))
        self.assertIn("Aldermoor Mills Limited", row.duplicate_text)
        self.assertIn(owner.name, row.duplicate_text)
        self.assertIn("same name", row.duplicate_text)
        self.assertEqual(log.duplicate_count, 1)

    def test_a_row_that_a_rule_refuses_is_told_and_the_rest_goes_on(self):
        china = self.env.ref("base.cn").id
        self.env["res.partner"].create(
            {"name": "甲", "is_company": True, "vat": CODE, "country_id": china}
        )
        heading = "reference,company_name,credit_code,country\n"
        text = f"{heading}C-1,乙有限公司,{CODE},CN\nC-2,丙丁有限公司,,CN\n"
        log = self._enqueue(text, test=True)
        self.assertEqual(self._outcomes(log), [(2, "refused"), (3, "created")])
        self.assertIn("“甲” exists already", log.row_ids.sorted("number")[0].finding_text)

    def test_a_duplicate_of_a_much_earlier_row_of_the_file_is_told(self):
        first = f"F-1,Ellerwick Ltd,{CODE}\n"
        between = "".join(f"F-{n},Intermede {n} Ltd,\n" for n in range(2, 9))
        last = f"F-9,Quite Another Ltd,{CODE}\nF-10,Ellerwick Ltd,\n"
        text = "reference,company_name,credit_code\n" + first + between + last
        log = self._enqueue(text, test=True)
        self._work()
        self.assertEqual(log.state, "checked")
        rows = {row.number: row for row in log.row_ids}
        self.assertEqual(rows[10].outcome, "refused")
        self.assertIn("Row 2 of the file, “Ellerwick Ltd”", rows[10].finding_text)
        self.assertEqual(rows[11].outcome, "created")
        self.assertIn("Row 2 of the file", rows[11].duplicate_text)
        log.action_import()
        self._work()
        self.assertEqual(self._numbers(log), (9, 0, 0, 1))
        self.assertEqual([row for row, how in self._outcomes(log) if how == "refused"], [10])

    def test_what_was_looked_through_is_imported_by_one_press_and_once(self):
        log = self._enqueue(COMPANIES, test=True)
        log.action_import()
        self.assertEqual(log.state, "done")
        self.assertEqual(self._numbers(log), (2, 0, 0, 0))
        self.assertEqual(len(self._customers("Aldermoor%")), 1)
        self.assertFalse(any(log.row_ids.mapped("cells")), "what came in is not kept twice")
        with self.assertRaises(UserError):
            log.action_import()

    def test_nobody_else_imports_with_my_rights(self):
        log = self._enqueue(COMPANIES, test=True, user=self.seller)
        with self.assertRaises(UserError):
            log.with_user(self.manager).action_import()
        self.assertEqual(log.state, "checked")

    # ------------------------------------------------------------
    # Importing
    # ------------------------------------------------------------

    def test_a_long_file_comes_in_step_by_step_and_shows_how_far_it_is(self):
        log = self._enqueue(self._many(10))
        self.assertEqual((log.state, log.row_count, log.row_read), ("running", 10, 4))
        self.assertEqual(log.progress, 40.0)
        self.env["crm.import.log"]._work()
        log.invalidate_recordset()
        self.assertEqual(log.row_read, 8)
        self._work()
        self.assertEqual(
            (log.state, log.progress, self._numbers(log)), ("done", 100.0, (10, 0, 0, 0))
        )
        self.assertEqual(len(self._customers("Manifold Works %")), 10)
        self.assertEqual(self._customers("Manifold Works %").create_uid, self.manager)

    def test_a_large_file_is_read_by_the_job(self):
        self.patch(crm_import_log_queue, "SMALL", 10)
        log = self._enqueue(self._many(3))
        self.assertEqual((log.state, log.row_count), ("running", 0))
        trigger = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.env.ref("crm_customers.crm_import_cron").id)]
        )
        self.assertTrue(trigger)
        self._work()
        self.assertEqual((log.state, self._numbers(log)), ("done", (3, 0, 0, 0)))
        self.assertFalse(log.file, "the file is not kept")

    def test_who_left_is_told_by_a_message(self):
        log = self._enqueue(self._many(6))
        self._work()
        message = self.env["mail.message"].search(
            [("model", "=", "crm.import.log"), ("res_id", "=", log.id)]
        )
        self.assertEqual(message.notified_partner_ids, self.manager.partner_id)
        self.assertIn("6 rows new", message.body)

    def test_files_take_turns(self):
        one, other = self._enqueue(self._many(10)), self._enqueue(self._many(10, start=50))
        self.env["crm.import.log"]._work()
        self.env["crm.import.log"]._work()
        self.env.invalidate_all()
        self.assertEqual((one.row_read, other.row_read), (8, 8))

    def test_the_same_file_again_changes_nothing(self):
        text = self._many(6)
        self._enqueue(text)
        self._work()
        log = self._enqueue(text)
        self._work()
        self.assertEqual(self._numbers(log), (0, 0, 6, 0))
        self.assertEqual(len(self._customers("Manifold Works %")), 6)

    def test_a_stopped_import_keeps_what_came_in_and_takes_no_more(self):
        log = self._enqueue(self._many(10))
        log.action_cancel()
        self._work()
        self.assertEqual((log.state, log.row_read), ("cancelled", 4))
        self.assertEqual(len(self._customers("Manifold Works %")), 4)
        again = self._enqueue(self._many(10))
        self._work()
        self.assertEqual(self._numbers(again), (6, 0, 4, 0))

    def test_an_importer_who_left_the_company_imports_no_more(self):
        log = self._enqueue(self._many(10), user=self.seller)
        self.seller.active = False
        with self.assertLogs("odoo.addons.crm_customers.models.crm_import_log_run", "ERROR"):
            # The failure undoes the transaction, which a test cannot: what is told counts here.
            self.patch(self.env.cr, "rollback", lambda: None)
            self.env["crm.import.log"]._work()
        log.invalidate_recordset()
        self.assertEqual(log.state, "failed")
        self.assertIn("no access any more", log.error)

    # ------------------------------------------------------------
    # Rows that did not come in
    # ------------------------------------------------------------

    def test_refused_rows_are_one_file_to_correct_and_import_as_it_is(self):
        text = (
            "company_name,reference,phone,note,city\n"
            "Inglethorpe Ltd,R-1,,a,Leeds\n"
            ",R-2,+44 20 7946 0000,=1+1,York\n"
            "Jackdawe Ltd,,,c,Hull\n"
        )
        log = self._enqueue(text)
        self.assertEqual(self._numbers(log), (1, 0, 0, 2))
        lines = list(
            csv.reader(io.StringIO(base64.b64decode(log.correction_csv).decode("utf-8-sig")))
        )
        self.assertEqual(
            lines[0],
            ["company_name", "reference", "phone", "note", "city", "import_row", "import_reason"],
        )
        self.assertEqual(lines[1][:6], ["", "R-2", "'+44 20 7946 0000", "'=1+1", "York", "3"])
        self.assertTrue(lines[1][6])
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(log.correction_xlsx)))
        cell = book.active["D2"]
        self.assertEqual((cell.value, cell.data_type), ("=1+1", "s"))
        lines[1][0] = "Kittiwake Ltd"
        lines[2][1] = "R-3"
        output = io.StringIO()
        csv.writer(output).writerows(lines)
        again = self._enqueue(output.getvalue())
        self.assertEqual(self._numbers(again), (2, 0, 0, 0))
        self.assertEqual(self._customers("Kittiwake%").phone, "+44 20 7946 0000")

    def test_a_workbook_is_read_row_by_row_like_a_text_file(self):
        book = openpyxl.Workbook()
        book.active.append(["Reference", "Company Name", "Founded On", "Zip"])
        book.active.append(["W-1", "Larkspur Ltd", None, 4021])
        book.active.append([None, None, None, None])
        book.active.append(["W-2", "Marlpit Ltd", "2001-02-03", "0815"])
        output = io.BytesIO()
        book.save(output)
        log = self._enqueue(output.getvalue(), name="file.xlsx")
        self.assertEqual(self._outcomes(log), [(2, "created"), (4, "created")])
        self.assertEqual(self._customers("Larkspur%").zip, "4021")
        self.assertEqual(str(self._customers("Marlpit%").crm_birthdate), "2001-02-03")

    # ------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------

    def test_a_step_costs_the_same_queries_for_few_rows_and_for_many(self):
        self.patch(crm_import_log_run, "STEP", 500)
        self.patch(crm_import_log_queue, "SMALL", 0)
        counts = []
        for rows, start in ((2, 1), (2, 100), (102, 200)):
            self._enqueue(self._many(rows, start))
            self.env["crm.import.log"]._work()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["crm.import.log"]._work()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2] - counts[1], 40, counts)


@tagged("post_install", "-at_install")
class TestImportRowSecurity(ImportCase):
    """Who sees the rows of a file."""

    def test_roles_and_operations(self):
        log = self.env["crm.import.log"].create(
            {
                "name": "x.csv",
                "profile": "crm.import.profile.customer.company",
                "res_model": "res.partner",
                "user_id": self.seller.id,
                "company_id": self.company.id,
                "queued": True,
                "state": "checked",
            }
        )
        row = self.env["crm.import.row"].create({"log_id": log.id, "number": 2})
        other = self.env["res.company"].create({"name": "Other Row Company"})
        stranger = new_test_user(
            self.env,
            "import_row_stranger",
            "sales_team.group_sale_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        portal = new_test_user(self.env, "import_row_portal", "base.group_portal")
        expected = {
            self.seller: ["read"],
            self.manager: ["read"],
            self.agent: [],
            stranger: [],
            portal: [],
        }
        for user, rights in expected.items():
            record = row.with_user(user)
            record.invalidate_recordset()
            with self.subTest(user=user.login):
                found = [
                    name
                    for name in ("read", "create", "write", "unlink")
                    if record.has_access(name)
                ]
                self.assertEqual(found, rights)
