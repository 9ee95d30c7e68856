from datetime import timedelta

from markupsafe import Markup

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CrmCommon

LEDGER_KEYS = {"invoiced", "collected", "overdue"}


@tagged("post_install", "-at_install")
class TestResPartnerPage(CrmCommon):
    """The customer's page: figures that open to their records, and nobody sees more than his."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.metrics = cls.env["crm.customer.metric"]
        cls.today = cls.metrics._get_today(cls.company)
        cls.roles = {
            "salesperson": cls.salesperson,
            "colleague": cls.colleague,
            "manager": cls.sales_manager,
            "biller": cls.biller,
            "reader": cls.reader,
        }
        late, due = cls.today - timedelta(days=75), cls.today - timedelta(days=45)
        cls.invoice = cls._create_invoice(
            12000,
            invoice_date=late,
            invoice_payment_term_id=False,
            invoice_date_due=due,
            invoice_user_id=cls.salesperson.id,
        )
        cls.paid = cls._create_invoice(
            8000, invoice_date=late, invoice_date_due=due, invoice_user_id=cls.colleague.id
        )
        cls._pay(cls.paid, 3000, payment_date=cls.today - timedelta(days=50))
        cls._create_invoice(500, move_type="out_refund", invoice_date=late, invoice_date_due=due)
        cls.contract = cls._create_contract()
        cls.contract.action_sign()
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "扩建二期",
                "type": "opportunity",
                "partner_id": cls.signatory.id,
                "user_id": cls.salesperson.id,
                "expected_revenue": 45000,
                "company_id": cls.company.id,
            }
        )
        cls.env.flush_all()

    def _page(self, user, partner=None):
        self.env.invalidate_all()
        return (partner or self.customer).with_user(user).crm_get_overview()

    def _tiles(self, user):
        return {tile["key"]: tile for tile in self._page(user)["tiles"]}

    def _check_ties(self, user):
        """Every figure of the user's page is the sum of the records its click opens."""
        customer = self.customer.with_user(user)
        for key, tile in self._tiles(user).items():
            action = customer.crm_open_tile(key)
            model = self.env[action["res_model"]].with_user(user).with_context(active_test=False)
            records = model.search(action["domain"])
            if not tile["monetary"]:
                self.assertEqual(sum(row["count"] for row in tile["figures"]), len(records), key)
                continue
            shown = sum(row["amount"] for row in tile["figures"])
            self.assertAlmostEqual(shown, sum(records.mapped(tile["measure"])), 2, key)

    def test_figures_are_the_sum_of_the_records_they_open_for_each_role(self):
        for role, user in self.roles.items():
            with self.subTest(role=role):
                self._check_ties(user)

    def test_they_tie_from_stored_figures_as_well(self):
        self.metrics._cron_refresh_all()
        self.env.flush_all()
        for role, user in self.roles.items():
            with self.subTest(role=role):
                self._check_ties(user)

    def test_accounting_sees_the_ledger(self):
        for user in (self.biller, self.reader):
            tiles = self._tiles(user)
            self.assertEqual(tiles["invoiced"]["figures"][0]["amount"], 19500)
            self.assertEqual(tiles["collected"]["figures"][0]["amount"], 3000)
            self.assertEqual(tiles["overdue"]["figures"][0]["amount"], 12000 + 5000 - 500)
            self.assertTrue(tiles["overdue"]["alert"])

    def test_sales_sees_pipeline_and_contracts(self):
        tiles = self._tiles(self.salesperson)
        self.assertEqual(tiles["pipeline"]["figures"][0]["amount"], 45000)
        self.assertEqual(tiles["contracts"]["figures"][0]["amount"], 100000)
        self.assertNotIn("collected", tiles)

    def test_a_colleague_s_leads_are_not_in_ones_figure(self):
        self.lead.user_id = self.colleague
        self.env.flush_all()
        self.assertFalse(self._tiles(self.salesperson)["pipeline"]["figures"])
        self.assertEqual(self._tiles(self.sales_manager)["pipeline"]["figures"][0]["amount"], 45000)

    def test_figures_posted_a_second_ago_are_on_the_page(self):
        self.metrics._cron_refresh_all()
        self._create_invoice(1, invoice_date=self.today)
        self.env.flush_all()
        self.assertEqual(self._tiles(self.reader)["invoiced"]["figures"][0]["amount"], 19501)

    def test_health_names_amounts_to_accounting_only(self):
        reader = self._page(self.reader)["health"]
        seller = self._page(self.salesperson)["health"]
        self.assertEqual((reader["score"], reader["level"]), (60, "watch"))
        self.assertEqual(seller["score"], 60)
        self.assertIn("16,500.00", reader["reasons"][0]["text"])
        self.assertIn("45 days", reader["reasons"][0]["text"])
        self.assertEqual(reader["reasons"][0]["points"], -30)
        words = " ".join(reason["text"] for reason in seller["reasons"])
        self.assertFalse([letter for letter in words if letter.isdigit()], words)

    # No side door

    def test_a_salesperson_reaches_no_figure_of_the_ledger(self):
        self.metrics._cron_refresh_all()
        self.salesperson.group_ids += self.env.ref("base.group_allow_export")
        self.env.flush_all()
        customer = self.customer.with_user(self.salesperson)
        rows = self.metrics.with_user(self.salesperson)
        row = rows.search([("partner_id", "=", customer.id)])
        self.assertEqual(row.score, 60, "scores are for everybody")
        for name in ("overdue_amount", "collected_total", "invoiced_year", "overdue_since"):
            with self.subTest(name=name):
                with self.assertRaises(AccessError):
                    row.read([name])
                with self.assertRaises(AccessError):
                    rows.search([(name, "!=", False)])
                with self.assertRaises(AccessError):
                    row.export_data([name])
                with self.assertRaises(AccessError):
                    rows._read_group([], ["partner_id"], [f"{name}:max"])
                with self.assertRaises(AccessError):
                    rows.search([], order=name)
                with self.assertRaises(AccessError):
                    customer.search([(f"crm_metric_ids.{name}", "!=", False)])
        for reach in (
            lambda: customer.read(["crm_overdue_amount"]),
            lambda: customer.search([("crm_overdue_amount", ">", 0)]),
            lambda: customer.export_data(["crm_overdue_amount"]),
            lambda: row.write({"score": 1}),
            lambda: rows.create({"partner_id": 1, "company_id": 1}),
        ):
            with self.assertRaises(AccessError):
                reach()
        with self.assertRaises(UserError):
            customer.crm_open_tile("collected")

    def test_the_page_is_for_who_may_see_the_customer(self):
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "suite_page_portal",
                "partner_id": self.signatory.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        for method in ("crm_get_overview", "crm_get_timeline"):
            with self.assertRaises(AccessError):
                getattr(self.customer.with_user(portal), method)()
        self.company.crm_customer_visibility = "own"
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self._page(self.colleague)
        with self.assertRaises(AccessError):
            self.customer.with_user(self.colleague).crm_get_timeline()
        self.assertFalse(self.metrics.with_user(self.colleague).search([]))

    # Timeline

    def _timeline(self, user, **options):
        self.env.invalidate_all()
        return self.customer.with_user(user).crm_get_timeline(**options)

    def _kinds(self, user):
        return {row["kind"] for row in self._timeline(user)["timeline"]}

    def test_accounting_sees_payments_and_sales_only_its_own_invoices(self):
        self.assertLessEqual({"invoice", "payment"}, self._kinds(self.reader))
        self.assertNotIn("payment", self._kinds(self.salesperson))
        rows = self._timeline(self.salesperson, kinds=["invoice"])["timeline"]
        self.assertFalse(
            [row for row in rows if row["title"] == self.paid.name], "a colleague's invoice"
        )

    def test_events_notes_and_changes_of_owner_are_in_it(self):
        self.customer.with_user(self.salesperson).message_post(
            body=Markup("<p>要求 <b>报价</b></p>"), message_type="comment"
        )
        self.customer._change_owner(self.colleague, "assign", "休假")
        self.env.flush_all()
        rows = self._timeline(self.sales_manager)["timeline"]
        found = {row["kind"]: row for row in reversed(rows)}
        self.assertEqual(found["message"]["note"], "要求 报价")
        self.assertEqual(found["owner"]["title"], self.colleague.name)
        self.assertEqual(found["contract"]["opens"], ["crm.contract", self.contract.id])

    def test_a_private_meeting_of_a_colleague_stays_private(self):
        for name, privacy in (("公开会议", "public"), ("私密会议", "private")):
            self.env["calendar.event"].with_user(self.colleague).create(
                {
                    "name": name,
                    "privacy": privacy,
                    "start": fields.Datetime.now() - timedelta(days=1),
                    "stop": fields.Datetime.now() - timedelta(hours=23),
                    "partner_ids": [Command.set((self.customer | self.colleague.partner_id).ids)],
                }
            )
        self.env.flush_all()

        def titles(user):
            rows = self._timeline(user, kinds=["meeting"])["timeline"]
            return {row["title"] for row in rows}

        self.assertEqual(titles(self.salesperson), {"公开会议"})
        self.assertEqual(titles(self.colleague), {"公开会议", "私密会议"})

    def test_pages_follow_one_another_without_gap_or_repetition(self):
        for number in range(7):
            self.customer.message_post(body=f"记录 {number}", message_type="comment")
        self.env.flush_all()
        whole = self._timeline(self.reader, limit=100)
        self.assertIsNone(whole["cursor"])
        rows, cursor = [], None
        while True:
            page = self._timeline(self.reader, cursor=cursor, limit=3)
            rows += page["timeline"]
            cursor = page["cursor"]
            if not cursor:
                break
            self.assertEqual(len(page["timeline"]), 3)
        self.assertEqual([row["key"] for row in rows], [row["key"] for row in whole["timeline"]])
        moments = [row["date"][:10] for row in rows]
        self.assertEqual(moments, sorted(moments, reverse=True))

    def test_the_list_of_kinds_filters(self):
        rows = self._timeline(self.reader, kinds=["payment"])["timeline"]
        self.assertEqual({row["kind"] for row in rows}, {"payment"})
        self.assertEqual(rows[0]["amount"], 3000)

    # Cost

    def test_the_page_costs_the_same_with_many_invoices(self):
        self.metrics._cron_refresh_all()
        self.env.flush_all()

        def count():
            self.env.invalidate_all()
            customer = self.customer.with_user(self.reader)
            customer.name  # noqa: B018 - read by the form before
            before = self.cr.sql_log_count
            customer.crm_get_overview()
            return self.cr.sql_log_count - before

        count()
        few = count()
        for _number in range(20):
            self._create_invoice(10, invoice_date=self.today)
        self.metrics._cron_refresh_all()
        self.env.flush_all()
        count()
        self.assertEqual(count(), few)

    def test_a_list_reads_health_and_overdue_by_sets(self):
        partners = self.env["res.partner"].create(
            [{"name": f"列表客户{n}", "is_company": True} for n in range(100)]
        )
        self.metrics.create(
            [
                {"partner_id": partner.id, "company_id": self.company.id, "overdue_amount": 5}
                for partner in partners | self.customer
            ]
        )
        self.env.flush_all()
        fields_read = ["crm_health", "crm_health_level", "crm_rfm_class", "crm_overdue_amount"]

        def count(records):
            self.env.invalidate_all()
            records = records.with_user(self.reader)
            records.mapped("commercial_partner_id.id")
            before = self.cr.sql_log_count
            records.read(fields_read)
            return self.cr.sql_log_count - before

        count(self.customer)
        self.assertEqual(count(partners), count(self.customer))

    def test_lists_find_customers_by_health(self):
        self.metrics._cron_refresh_all()
        find = self.env["res.partner"].with_user(self.reader).search
        mine = [("id", "in", (self.customer | self.signatory).ids)]
        self.assertEqual(
            find([("crm_health_level", "=", "watch"), *mine]), self.customer | self.signatory
        )
        self.assertFalse(find([("crm_health_level", "=", "good"), *mine]))
        self.assertFalse(find([("crm_health_level", "=", False), *mine]))
        self.assertTrue(find([("crm_overdue_amount", ">", 16499), *mine]))
        self.assertFalse(find([("crm_health", "<", 60), *mine]))

    def test_the_form_opens_for_a_salesperson_without_accounting_rights(self):
        form = Form(self.customer.with_user(self.salesperson))
        self.assertEqual(form.name, self.customer.name)
