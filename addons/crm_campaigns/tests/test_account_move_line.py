from datetime import date

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestAccountMoveLine(CampaignCommon):
    """Only vendor bills cost a campaign money."""

    def test_the_biller_sets_the_campaign_on_the_bill(self):
        form = Form(
            self.env["account.move"]
            .with_user(self.biller)
            .with_context(default_move_type="in_invoice", default_company_id=self.company.id)
        )
        form.partner_id = self.vendor
        form.invoice_date = date(2026, 3, 10)
        with form.invoice_line_ids.new() as line:
            line.name = "Stand"
            line.price_unit = 750
            line.crm_campaign_id = self.campaign
            line.tax_ids.clear()
        bill = form.save()
        bill.action_post()
        self.assertEqual(self._fresh(self.campaign).crm_cost, 750)

    def test_a_customer_invoice_is_no_cost(self):
        with self.assertRaisesRegex(ValidationError, "vendor bill"):
            self._create_invoice(
                100,
                invoice_line_ids=[
                    Command.create({"name": "X", "crm_campaign_id": self.campaign.id})
                ],
            )

    def test_a_tax_line_of_a_bill_is_no_cost(self):
        bill = self._bill(100)
        payable = bill.line_ids.filtered(lambda line: line.display_type == "payment_term")
        with self.assertRaisesRegex(ValidationError, "vendor bill"):
            payable.crm_campaign_id = self.campaign

    def test_the_campaign_belongs_to_the_company_of_the_bill(self):
        other = self._other_company()
        foreign = (
            self.env["utm.campaign"].sudo().create({"title": "Foreign", "company_id": other.id})
        )
        with self.assertRaisesRegex(ValidationError, "another company"):
            self._bill(100, campaign=foreign)

    def test_a_campaign_with_bills_stays_in_its_company(self):
        self._bill(100)
        other = self._other_company()
        with self.assertRaisesRegex(ValidationError, "are booked"):
            self.campaign.sudo().company_id = other

    def test_a_posted_line_may_still_be_given_its_campaign(self):
        bill = self._bill(100, campaign=self.env["utm.campaign"])
        bill.invoice_line_ids.with_user(self.biller).crm_campaign_id = self.campaign
        self.assertEqual(self._fresh(self.campaign).crm_cost, 100)

    def test_the_campaign_is_locked_with_its_period(self):
        bill = self._bill(100)
        self.company.sudo().fiscalyear_lock_date = date(2026, 3, 31)
        with self.assertRaises(UserError):
            bill.invoice_line_ids.crm_campaign_id = False

    def test_a_campaign_with_costs_is_not_deleted(self):
        self._bill(100)
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.campaign.with_user(self.marketing_manager).unlink()
