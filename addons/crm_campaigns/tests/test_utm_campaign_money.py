from datetime import date

from odoo import Command
from odoo.tests import tagged

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestUtmCampaignMoney(CampaignCommon):
    """From budget to cash, read from the ledger."""

    def _drill_total(self, action, user, field):
        """Return what the records behind a figure add up to, as ``user`` sees them."""
        records = self.env[action["res_model"]].with_user(user).search(action["domain"])
        return round(sum(records.mapped(field)), 2)

    def _ledger_field(self, action):
        return {
            "account.move": "amount_untaxed_signed",
            "account.move.line": "balance",
            "crm.campaign.money": "amount",
        }[action["res_model"]]

    # Cost

    def test_cost_is_posted_bill_lines_less_vendor_credits(self):
        self._bill(3000)
        self._bill(1200)
        self._bill(200, move_type="in_refund")
        campaign = self._fresh(self.campaign)
        self.assertEqual(campaign.crm_cost, 4000)
        self.assertEqual(campaign.crm_cost_committed, 0)

    def test_cost_is_untaxed(self):
        tax = self.env["account.tax"].create(
            {
                "name": "Input 6 %",
                "amount": 6,
                "type_tax_use": "purchase",
                "company_id": self.company.id,
            }
        )
        bill = self._bill(1000, post=False)
        bill.invoice_line_ids.tax_ids = tax
        bill.action_post()
        self.assertEqual(bill.amount_total, 1060)
        self.assertEqual(self._fresh(self.campaign).crm_cost, 1000)

    def test_a_draft_bill_is_committed_and_a_cancelled_one_nothing(self):
        bill = self._bill(500, post=False)
        self.assertEqual(self._fresh(self.campaign).crm_cost_committed, 500)
        bill.button_cancel()
        campaign = self._fresh(self.campaign)
        self.assertEqual((campaign.crm_cost, campaign.crm_cost_committed), (0, 0))

    def test_a_reversed_bill_carries_its_campaign_to_the_credit(self):
        bill = self._bill(500)
        bill._reverse_moves([{"invoice_date": date(2026, 3, 11), "date": date(2026, 3, 11)}])
        credit = bill.reversal_move_ids
        self.assertEqual(credit.invoice_line_ids.crm_campaign_id, self.campaign)
        credit.action_post()
        self.assertEqual(self._fresh(self.campaign).crm_cost, 0)

    def test_only_the_lines_of_the_campaign_count_in_a_mixed_bill(self):
        bill = self._bill(500, post=False)
        bill.write({"invoice_line_ids": [Command.create({"name": "Other", "price_unit": 70})]})
        bill.action_post()
        self.assertEqual(self._fresh(self.campaign).crm_cost, 500)

    def test_alert_at_80_and_at_100_percent_with_drafts_counted(self):
        self._budget(1000)
        self._bill(500)
        self.assertEqual(self._fresh(self.campaign).crm_budget_alert, "ok")
        draft = self._bill(300, post=False)
        campaign = self._fresh(self.campaign)
        self.assertEqual(campaign.crm_budget_alert, "warning")
        self.assertAlmostEqual(campaign.crm_budget_used, 0.8)
        self.assertEqual(campaign.crm_budget_left, 200)
        draft.invoice_line_ids.price_unit = 500
        self.assertEqual(self._fresh(self.campaign).crm_budget_alert, "over")

    def test_campaigns_are_found_by_their_alert(self):
        self._budget(1000)
        quiet = self._create_campaign("Quiet")
        self._bill(900)
        self._fresh(self.campaign)
        search = self.env["utm.campaign"].with_user(self.marketer).search
        self.assertIn(self.campaign, search([("crm_budget_alert", "=", "warning")]))
        self.assertNotIn(quiet, search([("crm_budget_alert", "in", ["warning", "over"])]))
        self.assertIn(quiet, search([("crm_budget_alert", "=", False)]))
        self.assertNotIn(self.campaign, search([("crm_budget_alert", "=", False)]))

    # Revenue

    def test_worked_example_of_invoiced_and_collected(self):
        """USD 1,130 at 7.00, credit note 226 at 7.10, payment 565 at 7.20."""
        customer = self._customer("Overseas")
        invoice, credit = self._foreign_documents(customer)
        self._pay(invoice, 565, payment_date=date(2026, 3, 20))
        campaign = self._fresh(self.campaign)
        self.assertEqual(campaign.crm_invoiced, 5580)
        self.assertEqual(campaign.crm_collected, 3500)
        lines = (invoice | credit).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        lines.reconcile()
        campaign = self._fresh(self.campaign)
        self.assertEqual(campaign.crm_collected, 3500)
        self.assertEqual(invoice.amount_residual, 339)

    def _foreign_documents(self, customer):
        usd = self.env.ref("base.USD")
        usd.active = True
        for day, rate in ((1, 7.0), (10, 7.1), (20, 7.2)):
            self.env["res.currency.rate"].create(
                {
                    "currency_id": usd.id,
                    "company_id": self.company.id,
                    "name": date(2026, 3, day),
                    "inverse_company_rate": rate,
                }
            )
        tax = self.env["account.tax"].create(
            {
                "name": "Output 13 %",
                "amount": 13,
                "type_tax_use": "sale",
                "company_id": self.company.id,
            }
        )
        documents = []
        for move_type, amount, day in (("out_invoice", 1000, 1), ("out_refund", 200, 10)):
            move = self._create_invoice(
                amount,
                move_type=move_type,
                post=False,
                partner_id=customer.id,
                currency_id=usd.id,
                invoice_date=date(2026, 3, day),
            )
            move.invoice_line_ids.tax_ids = tax
            move.action_post()
            documents.append(move)
        return documents

    def test_worked_example_of_return(self):
        self._bill(3000)
        self._bill(1200)
        self._bill(200, move_type="in_refund")
        self.env["crm.lead"].create(
            [{"name": f"Lead {i}", "campaign_id": self.campaign.id} for i in range(50)]
        )
        invoice = self._create_invoice(2790, partner_id=self._customer("Payer").id)
        self._pay(invoice, 1750)
        campaign = self._fresh(self.campaign).with_user(self.marketer)
        self.assertEqual(campaign.crm_cost, 4000)
        self.assertEqual(campaign.crm_collected, 1750)
        self.assertAlmostEqual(campaign.crm_roi, -0.5625)
        self.assertEqual(campaign.crm_cost_per_lead, 80)
        self.assertEqual(campaign.crm_cost_per_customer, 4000)
        self.assertEqual(campaign.crm_roas, 0.70)

    def test_without_cost_the_ratios_are_blank(self):
        self._pay(self._create_invoice(100, partner_id=self._customer("Payer").id))
        campaign = self._fresh(self.campaign)
        self.assertEqual(campaign.crm_collected, 100)
        for name in ("crm_roi", "crm_roas", "crm_cost_per_lead", "crm_cost_per_customer"):
            self.assertIs(campaign.read([name])[0][name], False, name)
            self.assertEqual(campaign._fields[name].convert_to_export(campaign[name], campaign), "")

    def test_an_invoice_of_a_contact_counts_for_his_company(self):
        customer = self._customer("Group")
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": customer.id})
        self._create_invoice(100, partner_id=contact.id)
        campaign = self._fresh(self.campaign)
        self.assertEqual(campaign.crm_invoiced, 100)
        self.assertEqual(campaign.crm_customer_count, 1)

    def test_a_write_off_is_not_collected(self):
        account = self.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)], limit=1
        )
        invoice = self._create_invoice(100, partner_id=self._customer("Short").id)
        self._pay(
            invoice,
            60,
            payment_difference_handling="reconcile",
            writeoff_account_id=account.id,
        )
        self.assertEqual(self._fresh(self.campaign).crm_collected, 60)

    def test_a_draft_invoice_is_no_revenue(self):
        self._create_invoice(100, post=False, partner_id=self._customer("Later").id)
        campaign = self._fresh(self.campaign)
        self.assertEqual(campaign.crm_invoiced, 0)
        self.assertEqual((campaign.crm_customer_count, campaign.crm_buyer_count), (1, 0))

    def test_documents_of_another_company_do_not_count(self):
        other = self._other_company()
        self.env.user.write({"company_ids": [Command.link(other.id)]})
        env = self.env(context=dict(self.env.context, allowed_company_ids=other.ids))
        invoice = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self._customer("Everywhere").id,
                "invoice_date": date(2026, 3, 5),
                "company_id": other.id,
                "invoice_line_ids": [
                    Command.create({"name": "X", "price_unit": 900, "tax_ids": [Command.clear()]})
                ],
            }
        )
        invoice.action_post()
        self.assertEqual(self._fresh(self.campaign).crm_invoiced, 0)

    def test_figures_as_of_a_past_day_ignore_what_came_later(self):
        self._bill(1000)
        invoice = self._create_invoice(
            500, partner_id=self._customer("Early").id, invoice_date=date(2026, 3, 5)
        )
        self._pay(invoice, payment_date=date(2026, 4, 2))
        figures = self.campaign.sudo()._crm_figures(as_of=date(2026, 3, 9))[self.campaign.id]
        self.assertEqual((figures.cost, figures.invoiced, figures.collected), (0, 500, 0))
        figures = self.campaign.sudo()._crm_figures()[self.campaign.id]
        self.assertEqual((figures.cost, figures.invoiced, figures.collected), (1000, 500, 500))

    # Parents

    def test_a_parent_adds_its_sub_campaigns_up_on_every_level(self):
        child = self._create_campaign("Child", crm_parent_id=self.campaign.id)
        grandchild = self._create_campaign("Grandchild", crm_parent_id=child.id)
        for campaign, amount in ((self.campaign, 1), (child, 10), (grandchild, 100)):
            self._bill(amount, campaign=campaign)
            self._budget(amount, campaign=campaign)
            customer = self._customer(f"Of {campaign.title}", campaign)
            self._pay(self._create_invoice(amount, partner_id=customer.id))
        self._fresh(self.campaign)
        for campaign, total in ((self.campaign, 111), (child, 110), (grandchild, 100)):
            self.assertEqual(campaign.crm_cost, total)
            self.assertEqual(campaign.crm_budget, total)
            self.assertEqual(campaign.crm_invoiced, total)
            self.assertEqual(campaign.crm_collected, total)

    # Drill-down

    def test_every_figure_opens_the_records_that_add_up_to_it(self):
        child = self._create_campaign("Child", crm_parent_id=self.campaign.id)
        self._bill(3000)
        self._bill(700, campaign=child)
        self._bill(50, post=False)
        self._bill(99, campaign=self._create_campaign("Elsewhere"))
        for amount, campaign in ((333.33, self.campaign), (200, child)):
            invoice = self._create_invoice(
                amount, partner_id=self._customer(f"C {amount}", campaign).id
            )
            self._pay(invoice, round(amount / 3, 2))
            self._pay(invoice, round(amount / 7, 2))
        self._fresh(self.campaign)
        for user in (self.marketer, self.biller):
            campaign = self.campaign.with_user(user)
            for method, figure in (
                ("action_view_crm_cost", "crm_cost"),
                ("action_view_crm_cost_committed", "crm_cost_committed"),
                ("action_view_crm_invoiced", "crm_invoiced"),
                ("action_view_crm_collected", "crm_collected"),
            ):
                action = getattr(campaign, method)()
                total = self._drill_total(action, user, self._ledger_field(action))
                self.assertTrue(total, f"{method} opens nothing for {user.login}")
                self.assertEqual(total, round(campaign[figure], 2), f"{method} {user.login}")

    def test_accountants_open_documents_and_marketers_the_rows_of_the_report(self):
        models = [
            self.campaign.with_user(user).action_view_crm_cost()["res_model"]
            for user in (self.biller, self.reader, self.marketer)
        ]
        self.assertEqual(models, ["account.move.line", "account.move.line", "crm.campaign.money"])

    def test_the_money_report_adds_up_by_kind(self):
        self._budget(5000)
        self._bill(3000)
        self._pay(self._create_invoice(1000, partner_id=self._customer("Buyer").id), 400)
        self._fresh(self.campaign)
        groups = (
            self.env["crm.campaign.money"]
            .with_user(self.marketer)
            ._read_group([("campaign_id", "=", self.campaign.id)], ["kind"], ["amount:sum"])
        )
        self.assertEqual(
            dict(groups), {"budget": 5000, "cost": 3000, "invoiced": 1000, "collected": 400}
        )

    # Cost of reading

    def test_the_number_of_queries_does_not_grow_with_the_campaigns(self):
        campaigns = self.env["utm.campaign"].create(
            [{"title": f"Campaign {i}", "company_id": self.company.id} for i in range(100)]
        )
        for campaign in campaigns[:3]:
            self._bill(10, campaign=campaign)
            customer = self._customer(f"Of {campaign.title}", campaign)
            self._pay(self._create_invoice(20, partner_id=customer.id), 5)
        names = ["crm_cost", "crm_collected", "crm_leads_actual", "crm_roi", "crm_budget_alert"]
        counts = []
        for some in (campaigns[:1], campaigns):
            some = some.sudo()
            some.read(names)  # warm the caches that do not belong to the figures
            self._fresh(some)
            some.fetch(["company_id", "parent_path"])
            before = self.cr.sql_log_count
            some.read(names)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        # descendants three times, budget, cost, revenue twice, customers, leads, touches
        self.assertLessEqual(counts[1], 12)
        self.assertEqual(sum(campaigns.mapped("crm_cost")), 30)
        self.assertEqual(sum(campaigns.mapped("crm_collected")), 15)
