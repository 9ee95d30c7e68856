from datetime import date, datetime

from odoo.tests import BaseCase, tagged

from ..tools.import_rows import (
    Column,
    Formats,
    NameIndex,
    external_name,
    find_columns,
    fold,
    free_login,
    parse_date,
    parse_number,
    read_rows,
    refuse_repeated,
    shown,
)

NUMBER = Column("number", "id", required=True, identifies=True, aliases=("编号",))
DAY = Column("close_date", "date_closed", kind="date")
VALUE = Column("value", "amount", kind="amount")
COLUMNS = (NUMBER, DAY, VALUE)


@tagged("post_install", "-at_install")
class TestImportRows(BaseCase):
    """Rows of files of a known form, without a database."""

    def test_columns_are_found_in_any_order_among_others(self):
        found = find_columns(COLUMNS, ["extra", "Value", "\ufeffNUMBER ", "Close-Date"])
        self.assertEqual(found, {1: VALUE, 2: NUMBER, 3: DAY})

    def test_columns_are_known_by_their_other_names(self):
        self.assertEqual(find_columns(COLUMNS, ["编号"]), {0: NUMBER})

    def test_a_file_without_the_identifying_column_has_not_the_form(self):
        self.assertEqual(find_columns(COLUMNS, ["close date", "value"]), {})

    def test_a_repeated_heading_counts_once(self):
        self.assertEqual(find_columns(COLUMNS, ["number", "number"]), {0: NUMBER})

    def test_dates_are_read_in_the_chosen_format_then_the_iso_way(self):
        self.assertEqual(parse_date("31.12.2017", ["%d.%m.%Y"]), date(2017, 12, 31))
        self.assertEqual(parse_date(" 2017-12-31 ", ["%d.%m.%Y"]), date(2017, 12, 31))
        self.assertEqual(parse_date(datetime(2017, 12, 31, 23, 59)), date(2017, 12, 31))
        for wrong in ("2017-02-30", "soon", "31.12.2017"):
            self.assertIsNone(parse_date(wrong))

    def test_numbers_are_read_with_their_separators_and_signs(self):
        for text, expected in (
            ("1,054.50", 1054.5),
            ("¥ 26,768", 26768),
            ("１２３", 123),
            ("(100)", -100),
            ("5-", -5),
            (".5", 0.5),
            (7.25, 7.25),
        ):
            self.assertEqual(parse_number(text), expected, text)
        self.assertEqual(parse_number("1.054,5", ".", ","), 1054.5)
        self.assertEqual(parse_number("1054.5", ""), 1054.5)
        for wrong in ("12,5", "1,0545", "1e5", "ten", "1.2.3", "--1", ""):
            self.assertIsNone(parse_number(wrong), wrong)

    def test_each_bad_cell_is_a_finding_with_its_text(self):
        found = find_columns(COLUMNS, ["number", "close_date", "value"])
        rows = read_rows(
            found,
            [["A", "2017-01-05", "7"], ["", "soon", "-7"], ["B"]],
            [2, 3, 5],
            Formats(),
        )
        self.assertEqual([row.refused for row in rows], [False, True, False])
        self.assertEqual(
            rows[0].values, {"number": "A", "close_date": date(2017, 1, 5), "value": 7}
        )
        self.assertEqual(
            [(finding.code, finding.column, finding.value) for finding in rows[1].findings],
            [
                ("missing", "number", ""),
                ("not_a_date", "close_date", "soon"),
                ("negative", "value", "-7"),
            ],
        )
        self.assertEqual((rows[2].number, rows[2].values["value"]), (5, None))

    def test_the_first_of_repeated_keys_counts(self):
        rows = read_rows({0: NUMBER}, [["A"], ["B"], ["A"], [""]], [2, 3, 4, 5], Formats())
        refuse_repeated(rows, "number")
        self.assertEqual([row.refused for row in rows], [False, False, True, True])
        self.assertEqual(rows[2].findings[0].used, "2")

    def test_names_are_equal_without_spaces_and_letter_case(self):
        self.assertEqual(fold("GTX Pro"), fold("gtxＰＲＯ"))
        index = NameIndex([(1, "GTX Pro"), (2, "GTX Plus Pro"), (3, "Twin"), (4, "Twin")])
        self.assertEqual(index.match("GTXPro"), (1, "folded"))
        self.assertEqual(index.match("GTX Pro"), (1, "exact"))
        self.assertEqual(index.match("Twin"), (None, "ambiguous"))
        self.assertEqual(index.match("GTX"), (None, "unknown"))
        index.settle("Twin", 4)
        self.assertEqual(index.match("Twin"), (4, "exact"))

    def test_a_name_spelt_nearly_right_is_found_when_only_one_is_near(self):
        index = NameIndex([(1, "Philippines"), (2, "South Korea"), (3, "North Korea")])
        self.assertEqual(index.closest("Philipines"), 1)
        self.assertIsNone(index.closest("Korea"))

    def test_different_keys_never_share_an_external_name(self):
        keys = ["a b", "a_b", "a.b", "ab", "a-b", "A b", "东软 集团", "东软集团", "a=20=b"]
        names = {external_name("partner", key) for key in keys}
        self.assertEqual(len(names), len(keys))
        self.assertFalse([name for name in names if " " in name or "." in name])
        self.assertNotEqual(external_name("x", "a", "b_c"), external_name("x", "a_b", "c"))

    def test_logins_are_plain_and_free(self):
        self.assertEqual(free_login("Zoë O'Li", set()), "zoe.o.li")
        self.assertEqual(free_login("Zoë O'Li", {"zoe.o.li", "zoe.o.li2"}), "zoe.o.li3")
        self.assertEqual(free_login("王晓梅", set()), "王晓梅")
        self.assertEqual(free_login("!", set()), "user")

    def test_values_are_shown_as_written(self):
        self.assertEqual(
            [shown(value) for value in (None, 1234567.0, 1.5, date(2017, 1, 5), "x")],
            ["", "1234567", "1.5", "2017-01-05", "x"],
        )
