import base64
import datetime
import io
from unittest.mock import patch

import openpyxl

from odoo.tests import tagged
from odoo.tools import file_open, mute_logger

from .import_common import ImportCase

HEADINGS = "opportunity_id,sales_agent,account,deal_stage,engage_date,close_date,close_value\n"
WON = "W1,Ada Voss,Kiln & Co,Won,2016-10-20,2017-03-01,1054\n"
LOST = "L1,Ada Voss,Kiln & Co,Lost,2016-11-04,2017-01-03,0\n"
ENGAGING = "E1,Ada Voss,,Engaging,2017-11-01,,\n"
PROSPECTING = "P1,Ada Voss,,Prospecting,,,\n"
GOOD = HEADINGS + WON + LOST + ENGAGING + PROSPECTING
BAD_ROWS = (
    ("B1,Ada Voss,,Dreaming,2017-01-01,,", "deal_stage", "Dreaming"),
    ("B2,Ada Voss,,Won,2017-01-01,someday,5", "close_date", "someday"),
    ("B3,Nobody Known,,Engaging,2017-01-01,,", "sales_agent", "Nobody Known"),
    ("B4,Ada Voss,,Won,2017-01-01,2017-02-01,-5", "close_value", "-5"),
    ("B5,Ada Voss,,Won,2017-01-01,2017-02-01,five", "close_value", "five"),
    ("B6,Ada Voss,Nowhere Inc,Engaging,2017-01-01,,", "account", "Nowhere Inc"),
    ("B7,Ada Voss,,Won,2017-01-01,,5", "close_date", ""),
    ("B8,Ada Voss,,Won,2017-03-01,2017-02-01,5", "close_date", "2017-02-01"),
    (",Ada Voss,,Engaging,2017-01-01,,", "opportunity_id", ""),
    ("W1,Ada Voss,,Engaging,2017-01-01,,", "opportunity_id", "W1"),
    ("B9,Ada Voss,,Engaging,2017-01-01,,,surplus", "", ""),
)


@tagged("post_install", "-at_install")
class TestImportScreen(ImportCase):
    """The host's import screen with a file of a known form, opportunities as the example."""

    def test_the_columns_are_recognised_at_once(self):
        _preview, fields = self._preview(self._screen("crm.lead", GOOD))
        self.assertEqual(
            fields,
            [
                "id",
                "user_id",
                "partner_id",
                "stage_id",
                "date_open",
                "date_closed",
                "expected_revenue",
            ],
        )

    def test_the_screen_knows_every_field_it_suggests(self):
        preview, fields = self._preview(self._screen("crm.lead", GOOD))
        known = {entry["name"] for entry in preview["fields"]}
        self.assertFalse(set(fields) - known)

    def test_what_was_chosen_before_does_not_hide_the_form(self):
        self.env["base_import.mapping"].create(
            {"res_model": "crm.lead", "column_name": "account", "field_name": "referred"}
        )
        _preview, fields = self._preview(self._screen("crm.lead", GOOD))
        self.assertEqual(fields[2], "partner_id")

    def test_order_marks_separators_and_further_columns_do_not_matter(self):
        text = (
            "\ufeffClose Value;Notes;DEAL STAGE;Opportunity ID;Sales Agent;close_date;engage_date\n"
            "1,054.50;;Won;X1;Ada Voss;2017-03-01;2016-10-20\n"
        )
        answer = self._import("crm.lead", text)
        self.assertEqual(self._counts(answer), (1, 0, 0, 0))
        self.assertEqual(self._lead("X1").expected_revenue, 1054.5)

    def test_chinese_headings_and_words_are_known(self):
        text = (
            "商机编号,销售员,客户,阶段,接洽日期,关闭日期,成交金额\n"
            "甲-1,Ada Voss,Kiln & Co,赢单,2026/1/5,2026/2/6,8800\n"
        )
        answer = self._import("crm.lead", text)
        self.assertEqual(self._counts(answer), (1, 0, 0, 0))
        self.assertEqual(self._lead("甲-1").won_status, "won")

    def test_workbooks_with_real_dates_come_in_alike(self):
        day = datetime.date
        lines = [
            HEADINGS.strip().split(","),
            ["W1", "Ada Voss", "Kiln & Co", "Won", day(2016, 10, 20), day(2017, 3, 1), 1054],
        ]
        screen = self._screen(
            "crm.lead",
            self._workbook(lines),
            name="deals.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        self.assertEqual(self._counts(self._import("crm.lead", None, screen=screen)), (1, 0, 0, 0))
        answer = self._import("crm.lead", HEADINGS + WON)
        self.assertEqual(self._counts(answer), (0, 0, 1, 0))

    def test_a_further_column_goes_to_the_field_the_user_gives_it(self):
        text = HEADINGS.strip() + ",referred\n" + WON.strip() + ",Jo\n" + LOST.strip() + ",\n"
        self._import("crm.lead", text)
        self.assertEqual(self._lead("W1").referred, "Jo")
        self.assertFalse(self._lead("L1").referred)

    def test_a_further_column_that_cannot_be_read_keeps_only_its_row_out(self):
        text = HEADINGS.strip() + ",priority\n" + WON.strip() + ",High\n" + LOST.strip() + ",Huge\n"
        answer = self._import("crm.lead", text)
        self.assertEqual(self._counts(answer), (1, 0, 0, 1))
        self.assertEqual(self._lead("W1").priority, "2")

    def test_other_files_take_the_hosts_way(self):
        screen = self._screen("res.partner", "Name,Email\nKiln Annex,annex@kiln.example.com\n")
        answer = self._import("res.partner", None, screen=screen)
        self.assertNotIn("crm_import", answer)
        self.assertEqual(len(answer["ids"]), 1)
        self.assertFalse(screen.crm_log_id)

    def test_a_form_whose_key_is_not_imported_takes_the_hosts_way(self):
        screen = self._screen("res.partner", "account,email\nKiln Annex,annex@kiln.example.com\n")
        # the host tries the row, and the database refuses a contact without a name
        with mute_logger("odoo.sql_db"):
            answer = screen.execute_import(
                [False, "email"],
                ["account", "email"],
                {
                    "has_headers": True,
                    "quoting": '"',
                    "separator": ",",
                },
            )
        self.assertNotIn("crm_import", answer)

    def test_a_template_is_offered_beside_the_hosts(self):
        for model, count in (
            ("crm.lead", 2),
            ("res.partner", 2),
            ("product.template", 2),
            ("crm.team", 1),
        ):
            templates = self._env()[model].get_import_templates()
            self.assertGreaterEqual(len(templates), count, model)
            self.assertIn("Repeated", templates[-1]["label"])

    def test_the_templates_come_in_one_after_the_other_without_a_finding_that_refuses(self):
        for model, user in (
            ("crm.team", self.administrator),
            ("product.template", self.manager),
            ("res.partner", self.manager),
            ("crm.lead", self.manager),
        ):
            path = self._env()[model].get_import_templates()[-1]["template"]
            with file_open(path.removeprefix("/"), "rb") as file:
                answer = self._import(model, file.read(), user=user)
            self.assertEqual(answer["crm_import"]["refused"], 0, path)
            self.assertGreater(answer["crm_import"]["created"], 0, path)


@tagged("post_install", "-at_install")
class TestImportJournal(ImportCase):
    """Nothing is silently dropped, nothing comes in twice."""

    def _bad_file(self):
        return GOOD + "".join(row + "\n" for row, _column, _value in BAD_ROWS)

    def _make_foreign_customer(self):
        """A customer of another company, who cannot have opportunities in this one."""
        other = self.env["res.company"].create({"name": "Far Company"})
        self.manager.company_ids += other
        self.env["res.partner"].create(
            {"name": "Far Away Ltd", "is_company": True, "company_id": other.id}
        )

    def test_bad_rows_are_listed_and_good_ones_come_in(self):
        answer = self._import("crm.lead", self._bad_file())
        self.assertEqual(self._counts(answer), (4, 0, 0, len(BAD_ROWS)))
        expected = [
            (number, column, value) for number, (_row, column, value) in enumerate(BAD_ROWS, 6)
        ]
        self.assertEqual(self._refused(answer), expected)
        self.assertTrue(all(issue.reason for issue in self._log(answer).issue_ids))
        self.assertFalse(answer["messages"])

    def test_rows_are_numbered_as_in_the_file_when_some_are_empty(self):
        text = HEADINGS + "\n" + WON + ",,,,,,\n" + "B1,Ada Voss,,Dreaming,,,\n"
        answer = self._import("crm.lead", text)
        self.assertEqual(self._refused(answer), [(5, "deal_stage", "Dreaming")])

    def test_a_row_the_host_refuses_is_listed_with_its_words(self):
        self._make_foreign_customer()
        answer = self._import("crm.lead", GOOD + "F1,,Far Away Ltd,Engaging,2017-01-01,,\n")
        self.assertEqual(self._counts(answer), (4, 0, 0, 1))
        issue = self._log(answer).issue_ids.filtered("refused")
        self.assertEqual((issue.row, issue.code), (6, "host"))
        self.assertIn("Far Away Ltd", issue.reason)

    def test_when_the_host_refuses_too_many_rows_the_rest_is_refused_untried(self):
        self._make_foreign_customer()
        row = "F{},,Far Away Ltd,Engaging,2017-01-01,,\n"
        text = HEADINGS + WON + "".join(row.format(number) for number in range(5))
        path = "odoo.addons.crm_customers.models.crm_import_profile"
        with patch(f"{path}.MAX_FAULTS", 2), patch(f"{path}.PART", 2):
            answer = self._import("crm.lead", text)
        self.assertEqual(self._counts(answer), (1, 0, 0, 5))
        codes = self._log(answer).issue_ids.mapped("code")
        self.assertEqual(codes, ["host"] * 2 + ["not_tried"] * 3)
        self.assertTrue(self._lead("W1"))

    def test_a_repeat_imports_nothing_twice(self):
        first = self._import("crm.lead", self._bad_file())
        leads = self.env["crm.lead"].with_context(active_test=False)
        count = leads.search_count([])
        again = self._import("crm.lead", self._bad_file())
        self.assertEqual(self._counts(again), (0, 0, 4, len(BAD_ROWS)))
        self.assertEqual(leads.search_count([]), count)
        self.assertEqual(again["ids"], [])
        self.assertNotEqual(self._log(again), self._log(first))

    def test_only_changed_rows_are_updated(self):
        self._import("crm.lead", GOOD)
        stamp = self._lead("L1").write_date
        answer = self._import("crm.lead", GOOD.replace("1054", "2054"))
        self.assertEqual(self._counts(answer), (0, 1, 3, 0))
        self.assertEqual(self._lead("W1").expected_revenue, 2054)
        self.assertEqual(self._lead("L1").write_date, stamp)

    def test_the_rows_kept_out_can_be_corrected_and_imported(self):
        answer = self._import("crm.lead", self._bad_file())
        log = self._log(answer)
        self.assertIn("/web/content/crm.import.log/", log.action_download_corrections()["url"])
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(log.correction_xlsx)))
        lines = [["" if cell is None else cell for cell in line] for line in book.active.values]
        headings = HEADINGS.strip().split(",")
        self.assertEqual(lines[0][:9], [*headings, "import_row", "import_reason"])
        self.assertEqual(len(lines), 1 + len(BAD_ROWS))
        self.assertEqual(lines[1][7], "6")
        lines[1][3] = "Engaging"
        screen = self._screen(
            "crm.lead",
            self._workbook(lines),
            name="corrected.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        _preview, fields = self._preview(screen)
        self.assertEqual(fields[7:9], [False, False])
        answer = self._import("crm.lead", None, screen=screen)
        self.assertEqual(answer["crm_import"]["created"], 1)
        self.assertIn((12, "", ""), self._refused(answer))
        self.assertEqual(self._lead("B1").stage_id.name, "Engaging")

    def test_a_formula_in_a_cell_stays_text_in_the_correction_xlsx(self):
        answer = self._import("crm.lead", HEADINGS + "B1,=1+1,,Engaging,,,\n")
        file = base64.b64decode(self._log(answer).correction_xlsx)
        cell = openpyxl.load_workbook(io.BytesIO(file)).active["B2"]
        self.assertEqual((cell.value, cell.data_type), ("=1+1", "s"))

    def test_a_test_says_the_same_and_writes_nothing(self):
        counts = [self.env[model].search_count([]) for model in ("crm.lead", "crm.import.log")]
        answer = self._import("crm.lead", self._bad_file(), test=True)
        self.assertEqual(self._counts(answer), (4, 0, 0, len(BAD_ROWS)))
        told = {
            (number, finding["column"])
            for finding in answer["crm_import"]["findings"]
            for number in finding["rows"]
        }
        self.assertEqual(
            [self.env[model].search_count([]) for model in ("crm.lead", "crm.import.log")], counts
        )
        real = self._import("crm.lead", self._bad_file())
        issues = self._log(real).issue_ids
        self.assertEqual(told, {(issue.row, issue.column or "") for issue in issues})

    def test_the_steps_of_one_import_share_a_journal(self):
        screen = self._screen("crm.lead", self._bad_file())
        answer = self._import("crm.lead", None, screen=screen, limit=3)
        log = self._log(answer)
        self.assertEqual((log.row_count, log.row_read, log.state), (15, 15, "done"))
        self.assertEqual((log.created_count, log.refused_count), (4, len(BAD_ROWS)))
        self.assertIn((15, "opportunity_id", "W1"), self._refused(answer))

    def test_an_import_that_stops_says_so(self):
        screen = self._screen("crm.lead", GOOD)
        preview, fields = self._preview(screen)
        answer = screen.execute_import(
            fields, preview["headers"], {**preview["options"], "limit": 2, "skip": 0}
        )
        self.assertEqual(answer["nextrow"], 2)
        self.assertEqual(self._log(answer).state, "partial")
        self.assertEqual(self._counts(self._import("crm.lead", GOOD)), (2, 0, 2, 0))

    def test_the_journal_opens_the_records_lost_ones_too(self):
        log = self._log(self._import("crm.lead", GOOD))
        action = log.action_open_records()
        found = self.env["crm.lead"].with_context(**action["context"]).search(action["domain"])
        self.assertEqual(len(found), 4)

    def test_a_salesperson_may_not_take_over_the_deals_of_others(self):
        self._import("crm.lead", GOOD)
        answer = self._import("crm.lead", GOOD.replace("1054", "1"), user=self.seller)
        self.assertEqual(self._counts(answer), (0, 0, 0, 4))
        self.assertEqual(self._lead("W1").expected_revenue, 1054)

    def test_a_hundred_rows_need_hardly_more_queries_than_one(self):
        def text(count):
            row = "Q{},Ada Voss,Kiln & Co,Engaging,2017-01-01,,5"
            return HEADINGS + "\n".join(row.format(number) for number in range(count))

        def queries(count):
            screen = self._screen("crm.lead", text(count))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._import("crm.lead", None, screen=screen)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertLess(queries(101) - queries(1), 40)
