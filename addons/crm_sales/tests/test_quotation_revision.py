from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, tagged

from ..tools.quotation_compare import Line, compare_lines
from .common import SalesCommon


@tagged("post_install", "-at_install")
class TestQuotationRevision(SalesCommon):
    """Revisions numbered, earlier ones frozen and comparable; only the latest counts."""

    def setUp(self):
        super().setUp()
        self.lead = (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .create(
                {
                    "name": "Deal",
                    "type": "opportunity",
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                }
            )
        )
        self.order = self._create_order(
            confirm=False, opportunity_id=self.lead.id, client_order_ref="PO 7"
        )
        self.order.action_quotation_sent()

    def _revise(self, order):
        return order.browse(order.action_crm_revise()["res_id"])

    def test_revisions_are_numbered_and_carry_the_content(self):
        second = self._revise(self.order)
        second.order_line.price_unit = 90000
        third = self._revise(second)
        name = self.order.name
        self.assertEqual(
            [(row.name, row.crm_revision) for row in (second, third)],
            [(f"{name}-R1", 1), (f"{name}-R2", 2)],
        )
        self.assertEqual(third.order_line.price_unit, 90000)
        self.assertEqual(third.order_line.tax_ids, self.tax_13)
        self.assertEqual(
            (third.opportunity_id, third.client_order_ref, third.state),
            (self.lead, "PO 7", "draft"),
        )
        self.assertEqual(self.order.crm_replaced_by_id, second)
        self.assertEqual(self.order._get_latest_revision(), third)
        self.assertEqual(self.order.crm_revision_count, 3)

    def test_an_earlier_revision_is_frozen_with_its_lines_for_everybody(self):
        second = self._revise(self.order)
        line = self.order.order_line
        for order in (self.order, self.order.with_user(self.sales_manager), self.order.sudo()):
            for work in (
                lambda order: order.write({"payment_term_id": False}),
                lambda order: order.write({"order_line": [Command.create({"name": "Late"})]}),
                lambda order: order.order_line.write({"price_unit": 1}),
                lambda order: order.order_line.unlink(),
                lambda order: order.order_line.create(
                    {"order_id": order.id, "product_id": self.product.id}
                ),
                lambda order: order.action_draft(),
            ):
                with self.assertRefused(f"was replaced by {second.name}"):
                    work(order)
        self.env.flush_all()
        self.assertEqual((line.price_unit, self.order.state), (100000, "cancel"))
        with self.assertRefused("Revisions of a quotation are kept"):
            self.order.with_user(self.sales_manager).unlink()
        with self.assertRefused("Revisions of a quotation are kept"):
            second.with_user(self.sales_manager).unlink()
        self.order.message_post(body="Talk goes on")

    def test_what_is_confirmed_or_replaced_is_not_revised(self):
        second = self._revise(self.order)
        with self.assertRefused("was replaced by"):
            self.order.action_crm_revise()
        second.action_confirm()
        with self.assertRefused("neither confirmed nor cancelled"):
            second.action_crm_revise()
        with self.assertRaises(AccessError):
            self._create_order(confirm=False).with_user(self.colleague).action_crm_revise()

    def test_only_the_latest_counts_in_pipeline_and_reports(self):
        second = self._revise(self.order)
        self.lead.invalidate_recordset()
        self.assertEqual(self.lead.quotation_count, 1)
        self.assertEqual(self.lead.action_view_sale_quotation()["res_id"], second.id)
        self.env.flush_all()
        rows = self.env["sale.report"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(rows.mapped("name"), [second.name])

    def test_two_revisions_are_compared_side_by_side(self):
        self.order.order_line.purchase_price = 60000
        second = self._revise(self.order)
        second.write(
            {
                "payment_term_id": self.env.ref("account.account_payment_term_30days").id,
                "order_line": [
                    Command.update(second.order_line.id, {"discount": 10}),
                    Command.create(
                        {"product_id": self.product.id, "name": "More", "price_unit": 5}
                    ),
                ],
            }
        )
        action = second.action_crm_compare()
        wizard = Form(
            self.env["crm.quotation.compare"]
            .with_user(self.salesperson)
            .with_context(**action["context"])
        )
        self.assertEqual((wizard.before_id, wizard.after_id), (self.order, second))
        for text in ("Added", "Changed", "90,000.00", "100,000.00", "30 Days", "Margin", "30,000"):
            self.assertIn(text, wizard.html)
        self.assertNotIn("Removed", wizard.html)
        turned = (self.order | second).action_crm_compare()
        self.assertEqual(turned["context"]["default_before_id"], self.order.id)
        with self.assertRefused("two revisions of the same"):
            (second | self._create_order(confirm=False)).action_crm_compare()

    def test_lines_are_paired_by_what_they_sell(self):
        def line(key, price):
            return Line(key, str(key), {"price": price})

        pairs = compare_lines(
            [line("a", 1), line("a", 2), line("b", 3)], [line("a", 2), line("a", 5), line("c", 4)]
        )
        self.assertEqual(
            [(pair.status, pair.before and pair.before.figures["price"]) for pair in pairs],
            [("same", 2), ("changed", 1), ("added", None), ("removed", 3)],
        )
        self.assertEqual(pairs[1].changed, {"price"})


@tagged("post_install", "-at_install")
class TestQuotationRevisionPortal(HttpCase, SalesCommon):
    """An old link says it was replaced and leads to the latest revision."""

    def test_the_portal_shows_the_latest_and_the_old_link_says_so(self):
        order = self._create_order(confirm=False, require_signature=True, require_payment=False)
        order.action_quotation_sent()
        old_link = order.get_portal_url()
        second = order.browse(order.action_crm_revise()["res_id"])
        self.env.flush_all()
        page = self.url_open(old_link).text
        self.assertIn("This quotation was replaced", page)
        self.assertIn("being prepared", page)
        self.assertNotIn("This quotation has been cancelled", page)
        self.assertFalse(order.sudo()._has_to_be_signed())
        second.action_quotation_sent()
        self.env.flush_all()
        page = self.url_open(old_link).text
        self.assertIn(second.name, page)
        link = second.get_portal_url()
        self.assertIn(link.split("?")[0], page)
        self.assertNotIn("This quotation was replaced", self.url_open(link).text)
