from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .commission_common import CommissionCommon


@tagged("post_install", "-at_install")
class TestCrmRevenueSplit(CommissionCommon):
    """Revenue split between sellers, sums to 100 %, feeds targets and commission."""

    def _shares(self, **percents):
        return [
            Command.create({"user_id": getattr(self, name).id, "percent": percent})
            for name, percent in percents.items()
        ]

    def _create_lead(self, **percents):
        lead = (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .create(
                {
                    "name": "Shared deal",
                    "type": "opportunity",
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "user_id": self.salesperson.id,
                    "crm_split_ids": self._shares(**percents),
                }
            )
        )
        self.env.cr.flush()
        return lead

    def _read(self, document):
        return {split.user_id: split.percent for split in document.sudo().crm_split_ids}

    def test_shares_that_do_not_add_up_to_100_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "add up to 90 %"):
            self._create_lead(salesperson=60, colleague=30)
        self.env.cr.precommit.data.pop("crm.revenue.split", None)
        with self.assertRaisesRegex(ValidationError, "add up to 110 %"):
            self._create_lead(salesperson=60, colleague=50)

    def test_shares_are_changed_in_one_go_and_thirds_add_up(self):
        lead = self._create_lead(salesperson=60, colleague=40)
        first, second = lead.crm_split_ids
        lead.crm_split_ids = [
            Command.update(first.id, {"percent": 33.3333}),
            Command.update(second.id, {"percent": 33.3333}),
            Command.create({"user_id": self.sales_manager.id, "percent": 33.3334}),
        ]
        self.env.cr.flush()
        self.assertEqual(len(lead.crm_split_ids), 3)

    def test_a_share_deleted_alone_is_refused_and_all_of_them_are_not(self):
        lead = self._create_lead(salesperson=60, colleague=40)
        with self.assertRaisesRegex(ValidationError, "add up to 40 %"):
            lead.crm_split_ids[0].unlink()
            self.env.cr.flush()
        self.env.cr.precommit.data.pop("crm.revenue.split", None)
        lead.crm_split_ids.unlink()
        self.env.cr.flush()
        self.assertFalse(lead.crm_split_ids)

    def test_the_opportunity_hands_its_shares_to_the_order_and_that_to_the_contract(self):
        lead = self._create_lead(salesperson=70, colleague=30)
        expected = {self.salesperson: 70, self.colleague: 30}
        order = self._create_order(opportunity_id=lead.id)
        self.assertEqual(self._read(order), expected)
        contract = self._create_planned_contract(order)
        self.assertEqual(self._read(contract), expected)
        direct = self._create_contract(lead_id=lead.id)
        self.assertEqual(self._read(direct), expected)

    def test_shares_feed_the_commission_of_each_seller_to_the_cent(self):
        self._create_plan(tiers=[(0, 1)])
        order = self._create_order(
            lines=[{"price_unit": 100.01, "tax_ids": [Command.clear()]}],
            crm_split_ids=self._shares(salesperson=50, colleague=50),
        )
        contract = self._create_planned_contract(order, percents=[100])
        self._pay(self._invoice(contract.plan_line_ids))
        self._process()
        credits = self.env["crm.sales.credit"].search(
            [("contract_id", "=", contract.id), ("basis", "=", "collected")]
        )
        self.assertEqual(sorted(credits.mapped("amount_taxed")), [50.0, 50.01])
        self.assertEqual(credits.user_id, self.salesperson | self.colleague)
        for seller in (self.salesperson, self.colleague):
            self.assertEqual(self._lines(seller).mapped("amount"), [0.5])

    def test_a_refund_is_taken_back_from_each_as_it_was_given(self):
        self._create_plan(basis="invoiced")
        order = self._create_order(
            lines=[{"price_unit": 1000, "tax_ids": [Command.clear()]}],
            crm_split_ids=self._shares(salesperson=66.67, colleague=33.33),
        )
        contract = self._create_planned_contract(order, percents=[100])
        invoice = self._invoice(contract.plan_line_ids)
        invoice._reverse_moves([{"invoice_date": invoice.invoice_date}]).action_post()
        for seller, base in ((self.salesperson, 666.7), (self.colleague, 333.3)):
            self.assertEqual(self._lines(seller).mapped("base"), [base, -base])

    def test_shares_agreed_late_move_what_was_counted(self):
        self._create_plan(basis="signed")
        contract = self._create_planned_contract()
        self.assertEqual(self._lines().mapped("base"), [100000])
        contract.with_user(self.sales_manager).crm_split_ids = self._shares(
            salesperson=75, colleague=25
        )
        self.assertEqual(self._lines().mapped("base"), [100000, -25000])
        self.assertEqual(self._lines(self.colleague).mapped("base"), [25000])

    def test_a_settled_deal_is_shared_out_anew_by_sales_managers_only(self):
        contract = self._create_planned_contract()
        with self.assertRaisesRegex(UserError, "Ask a sales manager"):
            contract.with_user(self.salesperson).crm_split_ids = self._shares(salesperson=100)

    def test_who_has_a_share_reads_it_and_cannot_raise_it(self):
        lead = self._create_lead(salesperson=60, colleague=40)
        own = lead.crm_split_ids.filtered(lambda row: row.user_id == self.colleague)
        seen = (
            self.env["crm.revenue.split"]
            .with_user(self.colleague)
            .search([("lead_id", "=", lead.id)])
        )
        self.assertEqual(seen, own)
        with self.assertRaises(AccessError):
            seen.percent = 100

    def test_merged_opportunities_keep_shares_that_add_up(self):
        leads = self._create_lead(salesperson=60, colleague=40) | self._create_lead(
            salesperson=50, colleague=50
        )
        merged = leads.with_user(self.sales_manager).merge_opportunity()
        self.env.cr.flush()
        self.assertEqual(sum(merged.crm_split_ids.mapped("percent")), 100)
