from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import CrmCommon


@tagged("post_install", "-at_install")
class TestResPartnerGroup(CrmCommon):
    """A group over all levels, its revenue and overdue rolled up from the ledger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.holding, cls.plant, cls.shop = cls.env["res.partner"].create(
            [
                {"name": name, "is_company": True, "user_id": cls.salesperson.id}
                for name in ("集团控股", "集团工厂", "集团门店")
            ]
        )
        cls.customer.crm_parent_id = cls.holding
        cls.plant.crm_parent_id = cls.customer
        cls.shop.crm_parent_id = cls.holding

    def _as(self, user, partner):
        self.env.flush_all()
        self.env.invalidate_all()
        return partner.with_user(user).with_company(self.company)

    def _figures(self, partner, user=None):
        partner = self._as(user or self.reader, partner)
        names = ("revenue", "collected", "open", "overdue")
        return (
            [partner[f"crm_own_{name}"] for name in names],
            [partner[f"crm_group_{name}"] for name in names],
        )

    def _bill_all(self):
        past = date(2026, 10, 28)
        first = self._create_invoice(1000, invoice_date_due=past)
        self._pay(first, 300)
        self._create_invoice(500, partner_id=self.plant.id, invoice_date_due=date(2099, 1, 1))
        refund = self._create_invoice(
            50, partner_id=self.plant.id, move_type="out_refund", invoice_date_due=past
        )
        self._create_invoice(70, partner_id=self.shop.id, post=False)
        return first, refund

    def test_figures_of_a_company_and_of_all_below(self):
        self._bill_all()
        self.assertEqual(
            self._figures(self.customer), ([1000, 300, 700, 700], [1450, 300, 1150, 650])
        )
        self.assertEqual(self._figures(self.holding), ([0, 0, 0, 0], [1450, 300, 1150, 650]))
        self.assertEqual(self._figures(self.plant)[0], [450, 0, 450, -50])
        self.assertEqual(self._figures(self.shop), ([0] * 4, [0] * 4))

    def test_what_is_open_agrees_with_the_open_receivable(self):
        self._bill_all()
        everybody = self.holding | self.customer | self.plant | self.shop
        known = everybody._open_receivable()
        for partner in everybody:
            self.assertEqual(self._figures(partner)[0][2], known[partner.id])

    def test_a_write_off_settles_but_is_not_collected(self):
        invoice = self._create_invoice(100)
        self._pay(
            invoice,
            60,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.env["account.account"].search(
                [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)], limit=1
            ),
        )
        self.assertEqual(self._figures(self.customer)[0], [100, 60, 0, 0])

    def test_the_tree_stands_in_order_on_every_page_of_the_group(self):
        order = self.holding | self.customer | self.plant | self.shop
        names = {"集团控股": 0, "集团门店": 1, "上海试点机械有限公司": 1, "集团工厂": 2}
        for partner in order:
            page = self._as(self.salesperson, partner)
            self.assertEqual(set(page.crm_group_ids.ids), set(order.ids))
            self.assertEqual(page.crm_group_ids[0], self.holding)
            place = page.crm_group_ids.ids.index
            self.assertEqual(place(self.plant.id), place(self.customer.id) + 1)
            for row in page.crm_group_ids:
                self.assertEqual(row.crm_group_label.count("\u3000"), names[row.name])

    def test_a_company_without_group_shows_itself(self):
        alone = self.env["res.partner"].create({"name": "独立公司", "is_company": True})
        self.assertEqual(self._as(self.salesperson, alone).crm_group_ids, alone)

    def test_no_company_stands_below_itself(self):
        for partner in (self.holding, self.customer, self.plant):
            with self.assertRaisesRegex(ValidationError, "stands below it"), self.cr.savepoint():
                self.holding.with_user(self.salesperson).crm_parent_id = partner
        with self.assertRaisesRegex(ValidationError, "stands below it"), self.cr.savepoint():
            (self.holding | self.shop).write({"crm_parent_id": self.plant.id})

    def test_a_group_consists_of_companies(self):
        with self.assertRaisesRegex(ValidationError, "consists of companies"):
            self.signatory.crm_parent_id = self.holding
        with self.assertRaisesRegex(ValidationError, "consists of companies"):
            self.shop.crm_parent_id = self.signatory

    def test_a_subtree_moves_as_a_whole(self):
        self._bill_all()
        self.customer.with_user(self.salesperson).crm_parent_id = self.shop
        self.assertEqual(self._figures(self.shop)[1], [1450, 300, 1150, 650])
        self.customer.with_user(self.salesperson).crm_parent_id = False
        self.assertEqual(self._figures(self.holding)[1], [0] * 4)
        self.assertEqual(self._figures(self.customer)[1], [1450, 300, 1150, 650])

    def test_a_salesperson_sees_the_part_of_the_tree_that_is_visible(self):
        self._bill_all()
        self.company.crm_customer_visibility = "own"
        self.plant.user_id = self.colleague
        page = self._as(self.salesperson, self.holding)
        self.assertNotIn(self.plant, page.crm_group_ids)
        self.assertEqual(page.crm_group_hidden, 1)
        for user in (self.reader, self.biller):
            self.assertEqual(self._figures(self.holding, user)[1], [1450, 300, 1150, 650])
            self.assertFalse(self._as(user, self.holding).crm_group_hidden)

    def test_amounts_of_the_ledger_are_for_who_may_read_the_ledger(self):
        employee = self._create_user("suite_employee", "base.group_user")
        for user in (employee, self.salesperson, self.sales_manager):
            for name in ("crm_own_revenue", "crm_group_overdue"):
                with self.assertRaises(AccessError):
                    self._as(user, self.holding).read([name])

    def test_the_figures_are_those_of_the_customer_s_page(self):
        self._bill_all()
        self.env["crm.customer.metric"]._cron_refresh_all()
        for partner in (self.customer, self.plant):
            stored = self.env["crm.customer.metric"].search(
                [("partner_id", "=", partner.id), ("company_id", "=", self.company.id)]
            )
            self.assertEqual(
                self._figures(partner)[0],
                [
                    stored.invoiced_total,
                    stored.collected_total,
                    stored.open_amount,
                    stored.overdue_amount,
                ],
            )

    def test_only_documents_of_the_company_count(self):
        self._bill_all()
        other = self._create_company("Another Suite Company")
        self.reader.company_ids |= other
        page = self._as(self.reader, self.holding).with_company(other)
        self.assertEqual(page.crm_group_revenue, 0)
        self.assertEqual(page.crm_figures_currency_id, other.currency_id)

    def test_the_documents_behind_a_figure_add_up_to_it(self):
        self._bill_all()
        page = self._as(self.reader, self.holding)
        action = page.action_view_group_invoices()
        moves = self.env["account.move"].with_user(self.reader).search(action["domain"])
        self.assertEqual(sum(moves.mapped("amount_untaxed_signed")), page.crm_group_revenue)
        action = page.action_view_group_open()
        lines = self.env["account.move.line"].with_user(self.reader).search(action["domain"])
        self.assertEqual(sum(lines.mapped("amount_residual")), page.crm_group_open)

    def test_a_hundred_companies_cost_the_queries_of_one(self):
        def read(partners):
            page = self._as(self.reader, partners)
            before = self.cr.sql_log_count
            page.mapped("crm_group_revenue")
            page.mapped("crm_group_overdue")
            page.mapped("crm_group_label")
            return self.cr.sql_log_count - before

        alone, below = self.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("独立公司", "独立公司的子公司")]
        )
        below.crm_parent_id = alone
        many = self.env["res.partner"].create(
            [{"name": f"分公司 {number}", "is_company": True} for number in range(100)]
        )
        many.crm_parent_id = self.holding
        read(many)  # warm the caches of rights
        cost = read(alone | below)
        self.assertEqual(read(self.holding | many), cost)
        self.assertEqual(read(self.holding), cost)

    def test_a_merge_leaves_a_tree(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        top = self.env["res.partner"].create({"name": "最上层", "is_company": True})
        self.holding.crm_parent_id = top
        # the survivor stands two levels below the one that goes
        wizard._merge([self.holding.id, self.plant.id], self.plant)
        self.env.invalidate_all()
        self.assertEqual(self.plant.crm_parent_id, top)
        self.assertEqual(self.customer.crm_parent_id, self.plant)
        self.assertEqual(self.shop.crm_parent_id, self.plant)
        # and two levels above
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([top.id, self.shop.id], top)
        self.env.invalidate_all()
        self.assertFalse(top.crm_parent_id)
        self.assertEqual(self.plant.crm_parent_id, top)
        self.assertEqual(self.customer.crm_parent_id, self.plant)
