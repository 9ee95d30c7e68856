from datetime import datetime

from odoo.tests import tagged

from odoo.addons.crm_customers.tests.import_common import ImportCase

HEADINGS = "opportunity_id,sales_agent,product,deal_stage,engage_date,close_date,close_value\n"
WON = "W1,Ada Voss,KilnTwo,Won,2016-10-20,2017-03-01,4500\n"


@tagged("post_install", "-at_install")
class TestImportOpportunityProducts(ImportCase):
    """Imported opportunities carry their product and their history."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product, cls.other = cls.env["product.product"].create(
            [{"name": "Kiln Two", "list_price": 4821}, {"name": "Kiln One", "list_price": 550}]
        )

    def test_the_product_column_is_recognised(self):
        _preview, fields = self._preview(self._screen("crm.lead", HEADINGS + WON))
        self.assertEqual(fields[2], "crm_line_ids/product_id")

    def test_a_product_equal_but_for_spaces_and_case_is_used_and_noted(self):
        answer = self._import("crm.lead", HEADINGS + WON)
        line = self._lead("W1").crm_line_ids
        self.assertEqual((line.product_id, line.quantity), (self.product, 1))
        self.assertEqual((line.list_price, line.price_unit), (4821, 4821))
        self.assertEqual(self._lead("W1").expected_revenue, 4500)
        issue = self._log(answer).issue_ids
        self.assertEqual(
            (issue.row, issue.key, issue.column, issue.value, issue.used_value, issue.refused),
            (2, "W1", "product", "KilnTwo", "Kiln Two", False),
        )

    def test_an_unknown_product_keeps_the_row_out(self):
        answer = self._import("crm.lead", HEADINGS + WON.replace("KilnTwo", "Oven"))
        self.assertEqual(self._refused(answer), [(2, "product", "Oven")])

    def test_an_imported_product_goes_before_its_namesakes(self):
        self._import("product.template", "product,series,sales_price\nTwin Kiln,,100\n")
        imported = self.env["product.product"].search([("name", "=", "Twin Kiln")])
        self.env["product.product"].create({"name": "Twin Kiln"})
        self._import("crm.lead", HEADINGS + WON.replace("KilnTwo", "Twin Kiln"))
        self.assertEqual(self._lead("W1").crm_line_ids.product_id, imported)

    def test_a_repeat_adds_no_line_and_a_changed_product_changes_the_line(self):
        self._import("crm.lead", HEADINGS + WON)
        again = self._import("crm.lead", HEADINGS + WON)
        self.assertEqual(self._counts(again), (0, 0, 1, 0))
        changed = self._import("crm.lead", HEADINGS + WON.replace("KilnTwo", "Kiln One"))
        self.assertEqual(self._counts(changed), (0, 1, 0, 0))
        line = self._lead("W1").crm_line_ids
        self.assertEqual((line.product_id, line.list_price), (self.other, 550))

    def test_a_row_without_product_has_no_line_and_leaves_lines_alone(self):
        row = WON.replace("KilnTwo", "")
        self._import("crm.lead", HEADINGS + row)
        self.assertFalse(self._lead("W1").crm_line_ids)
        self._import("crm.lead", HEADINGS + WON)
        self._import("crm.lead", HEADINGS + row)
        self.assertEqual(self._lead("W1").crm_line_ids.product_id, self.product)

    def test_the_stage_history_tells_the_days_of_the_file(self):
        self._import("crm.lead", HEADINGS + WON)
        log = self._lead("W1").crm_stage_log_ids
        self.assertEqual((log.to_status, log.date), ("won", datetime(2017, 3, 1, 4)))

    def test_a_later_file_closes_the_history_on_its_day_too(self):
        engaging = WON.replace("Won,2016-10-20,2017-03-01,4500", "Engaging,2016-10-20,,")
        self._import("crm.lead", HEADINGS + engaging)
        self.assertEqual(self._lead("W1").crm_stage_log_ids.date, datetime(2016, 10, 20, 4))
        self._import("crm.lead", HEADINGS + WON)
        log = self._lead("W1").crm_stage_log_ids.filtered(lambda row: row.to_status == "won")
        self.assertEqual(log.date, datetime(2017, 3, 1, 4))
