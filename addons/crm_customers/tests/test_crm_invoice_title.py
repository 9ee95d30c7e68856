from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import CrmCommon
from .merge_common import MergeCommon

OWN_VAT, OTHER_VAT = "91310115MA1K30001D", "91110000600037341L"


class TitleCommon(CrmCommon):
    """A customer in Shanghai with an account, and a company of its group."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.partner"].search([("vat", "in", (OWN_VAT, OTHER_VAT))]).vat = False
        cls.customer.write(
            {
                "vat": OWN_VAT,
                "state_id": cls.env.ref("base.state_cn_SH", raise_if_not_found=False),
                "city": "上海市",
                "street": "张江路1号",
                "phone": "021-50800000",
            }
        )
        cls.bank = cls.env["res.bank"].create({"name": "招商银行张江支行"})
        cls.account = cls.env["res.partner.bank"].create(
            {
                "partner_id": cls.customer.id,
                "acc_number": "121900000000001",
                "bank_id": cls.bank.id,
            }
        )
        cls.subsidiary = cls.env["res.partner"].create(
            {
                "name": "苏州试点机械有限公司",
                "is_company": True,
                "country_id": cls.env.ref("base.cn").id,
                "vat": OTHER_VAT,
                "user_id": cls.salesperson.id,
            }
        )
        cls.titles = cls.env["crm.invoice.title"].with_user(cls.salesperson)

    def _create_foreign(self, user=None):
        """Return a title of the customer in the name of the other company."""
        return self.titles.with_user(user or self.salesperson).create(
            {"partner_id": self.customer.id, "entity_id": self.subsidiary.id}
        )

    def _waiting(self):
        return self.env["crm.change.request"].search(
            [("partner_id", "=", self.customer.id), ("state", "=", "waiting")]
        )


@tagged("post_install", "-at_install")
class TestCrmInvoiceTitle(TitleCommon):
    """Invoice title 开票抬头: tax number, bank, address and telephone, several for a customer."""

    def test_a_new_title_starts_with_what_is_known_of_the_customer(self):
        title = self.titles.create({"partner_id": self.customer.id})
        self.assertEqual((title.entity_id, title.name, title.vat), (self.customer, *self._names()))
        self.assertIn("张江路1号", title.address)
        self.assertEqual(title.phone, "021-50800000")
        self.assertEqual(title.bank_id, self.account)
        self.assertEqual((title.invoice_kind, title.medium), ("special", "electronic"))
        self.assertEqual(title.email, "office@pilot.example.com")
        self.assertTrue(title.is_complete)
        self.assertFalse(title.missing)

    def _names(self):
        return self.customer.name, OWN_VAT

    def test_the_form_proposes_the_same(self):
        with Form(self.titles) as form:
            form.partner_id = self.customer
            self.assertEqual(form.entity_id, self.customer)
            self.assertEqual(form.phone, "021-50800000")
            form.entity_id = self.subsidiary
            self.assertFalse(form.phone)
        self.assertEqual(form.record.vat, OTHER_VAT)

    def test_the_block_to_copy_reads_as_invoicing_software_takes_it(self):
        title = self.titles.create(
            {"partner_id": self.customer.id, "address": "上海市浦东新区张江路1号"}
        )
        self.assertEqual(
            title.block_text,
            "名称：上海试点机械有限公司\n"
            f"纳税人识别号：{OWN_VAT}\n"
            "地址、电话：上海市浦东新区张江路1号 021-50800000\n"
            "开户行及账号：招商银行张江支行 121900000000001",
        )

    def test_it_says_what_a_special_invoice_still_needs(self):
        self.account.unlink()
        self.subsidiary.vat = False
        title = self.titles.create(
            {"partner_id": self.customer.id, "entity_id": self.subsidiary.id}
        )
        self.assertEqual(
            title.missing,
            "taxpayer number, registered address, registered telephone, bank, account number,"
            " email or mobile number for the electronic invoice",
        )
        title.write({"invoice_kind": "ordinary", "mobile": "13800000000"})
        self.assertEqual(title.missing, "taxpayer number")

    def test_the_host_checks_the_credit_code(self):
        title = self.titles.create(
            {"partner_id": self.customer.id, "entity_id": self.subsidiary.id}
        )
        with self.assertRaises(ValidationError):
            title.vat = "91110000600037341X"
        self.subsidiary.with_context(no_vat_validation=True).vat = "91110000600037341X"
        self.assertIn("valid taxpayer number", title.missing)
        title.vat = OTHER_VAT
        self.assertEqual(self.subsidiary.vat, OTHER_VAT)

    def test_the_first_title_is_the_default_and_another_can_be_made_it(self):
        first = self.titles.create({"partner_id": self.customer.id})
        second = self._create_foreign()
        mine = self.customer.with_user(self.salesperson)
        self.assertEqual(mine._get_invoice_title(), first)
        self.assertEqual((first.is_default, second.is_default), (True, False))
        second.action_make_default()
        self.assertEqual(mine._get_invoice_title(), second)
        self.assertEqual((first.is_default, second.is_default), (False, True))
        contact = self.signatory.with_user(self.salesperson)
        self.assertEqual(contact._get_invoice_title(), second)
        second.active = False
        self.assertEqual(mine._get_invoice_title(), first)

    def test_the_default_is_one_of_the_customers_own(self):
        foreign = self.titles.create({"partner_id": self.subsidiary.id})
        with self.assertRaises(ValidationError):
            self.customer.with_user(self.salesperson).crm_invoice_title_id = foreign

    def test_a_customer_without_title_has_one_in_memory(self):
        title = self.customer.with_user(self.salesperson)._get_invoice_title()
        self.assertFalse(title._origin)
        self.assertIn(OWN_VAT, title.block_text)
        self.assertIn("121900000000001", title.block_text)
        self.assertFalse(
            self.env["crm.invoice.title"].search([("partner_id", "=", self.customer.id)])
        )
        mine = self.customer.with_user(self.salesperson)
        self.assertFalse(mine.crm_title_block)
        mine.action_create_title()
        self.assertEqual(mine.crm_title_block, title.block_text)

    def test_the_account_is_one_of_the_company_on_the_title(self):
        with self.assertRaises(ValidationError):
            self.titles.create(
                {
                    "partner_id": self.customer.id,
                    "entity_id": self.subsidiary.id,
                    "bank_id": self.account.id,
                }
            )

    def test_the_account_is_the_hosts_and_a_correction_shows_at_once(self):
        title = self.titles.create({"partner_id": self.customer.id})
        self.account.acc_number = "121900000000002"
        self.assertIn("121900000000002", title.block_text)

    def test_a_private_customer_gets_ordinary_invoices(self):
        person = self.env["res.partner"].create({"name": "王小明", "user_id": self.salesperson.id})
        title = self.titles.create({"partner_id": person.id, "mobile": "13800000000"})
        self.assertEqual(title.invoice_kind, "ordinary")
        self.assertTrue(title.is_complete)

    def test_a_hundred_titles_cost_what_one_costs(self):
        customers = self.env["res.partner"].create(
            [{"name": f"批量客户{number}", "is_company": True} for number in range(101)]
        )
        self.env.flush_all()

        def create(partners):
            self.titles.create([{"partner_id": partner.id} for partner in partners])
            self.env.flush_all()

        create(customers[0])
        before = self.env.cr.sql_log_count
        create(customers[1:2])
        one = self.env.cr.sql_log_count - before
        before = self.env.cr.sql_log_count
        create(customers[2:])
        self.assertLessEqual(self.env.cr.sql_log_count - before, one + 3)


@tagged("post_install", "-at_install")
class TestCrmInvoiceTitleSecurity(TitleCommon):
    """Sales edit titles of their own customers, finance all without any right of sales."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.crm_customer_visibility = "own"
        cls.title = cls.titles.create({"partner_id": cls.customer.id})

    def test_a_colleague_neither_sees_nor_edits_it(self):
        theirs = self.env["crm.invoice.title"].with_user(self.colleague)
        self.assertFalse(theirs.search([("id", "=", self.title.id)]))
        with self.assertRaises(AccessError):
            self.title.with_user(self.colleague).phone = "1"
        with self.assertRaises(AccessError):
            theirs.create({"partner_id": self.customer.id})

    def test_a_colleague_it_is_shared_with_for_reading_only_reads(self):
        self.env["crm.customer.member"].create(
            {"partner_id": self.customer.id, "user_id": self.colleague.id}
        )
        theirs = self.title.with_user(self.colleague)
        self.assertIn(OWN_VAT, theirs.block_text)
        with self.assertRaises(AccessError):
            theirs.phone = "1"

    def test_invoicing_edits_and_an_accounting_reader_reads(self):
        self.title.with_user(self.biller).write({"phone": "021-1", "medium": "paper"})
        other = (
            self.env["crm.invoice.title"]
            .with_user(self.biller)
            .create({"partner_id": self.customer.id, "entity_id": self.subsidiary.id})
        )
        other.action_make_default()
        self.assertEqual(self.customer.with_user(self.reader)._get_invoice_title(), other)
        self.assertIn(OTHER_VAT, self.customer.with_user(self.reader).crm_title_block)
        with self.assertRaises(AccessError):
            self.title.with_user(self.reader).phone = "1"

    def test_a_title_tells_nothing_of_a_company_that_one_may_not_see(self):
        self.subsidiary.user_id = self.colleague
        with self.assertRaises(AccessError):
            self.titles.create({"partner_id": self.customer.id, "entity_id": self.subsidiary.id})
        with self.assertRaises(AccessError):
            self.title.entity_id = self.subsidiary

    def test_who_has_neither_right_sees_none(self):
        employee = self._create_user("suite_employee", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["crm.invoice.title"].with_user(employee).search([])


@tagged("post_install", "-at_install")
class TestCrmInvoiceTitleApproval(TitleCommon):
    """What invoices of a customer with papers carry changes on approval, titles included."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.title = cls.titles.create({"partner_id": cls.customer.id})
        cls.second = cls.env["res.partner.bank"].create(
            {"partner_id": cls.customer.id, "acc_number": "121900000000009"}
        )
        cls._create_invoice(100)

    def test_another_account_waits_and_the_rest_is_saved(self):
        self.title.write({"bank_id": self.second.id, "phone": "021-9"})
        self.assertEqual((self.title.bank_id, self.title.phone), (self.account, "021-9"))
        request = self._waiting()
        self.assertEqual((request.field, request.title_id), ("title", self.title))
        self.assertIn("121900000000001", request.old_text)
        self.assertIn("121900000000009", request.new_text)
        self.assertIn("121900000000009", self.customer.with_user(self.biller).crm_change_message)
        request.with_user(self.biller).action_approve()
        self.assertEqual(self.title.bank_id, self.second)

    def test_another_company_on_the_title_waits(self):
        self.title.entity_id = self.subsidiary
        self.assertEqual(self.title.entity_id, self.customer)
        self._waiting().with_user(self.biller).action_approve()
        self.assertEqual((self.title.entity_id, self.title.bank_id.id), (self.subsidiary, False))

    def test_a_new_title_in_another_name_is_archived_until_approved(self):
        title = self.titles.create(
            {"partner_id": self.customer.id, "entity_id": self.subsidiary.id}
        )
        self.assertFalse(title.active)
        self.assertEqual(self.customer.with_user(self.salesperson)._get_invoice_title(), self.title)
        request = self._waiting()
        self.assertEqual((request.kind, request.field), ("create", "title"))
        self.assertIn(OTHER_VAT, request.new_text)
        with self.assertRaises(AccessError):
            request.with_user(self.salesperson).action_approve()
        title.active = True
        self.assertFalse(title.active)
        self._waiting().with_user(self.biller).action_approve()
        self.assertTrue(title.active)

    def test_name_and_tax_number_are_guarded_where_they_are_kept(self):
        self.title.vat = OTHER_VAT
        self.env.invalidate_all()
        self.assertEqual((self.title.vat, self.customer.vat), (OWN_VAT, OWN_VAT))
        self.assertEqual(self._waiting().field, "vat")

    def test_so_are_those_of_a_company_that_the_customer_has_invoices_made_out_to(self):
        self.env["crm.invoice.title"].with_user(self.biller).create(
            {"partner_id": self.customer.id, "entity_id": self.subsidiary.id}
        )
        self.subsidiary.with_user(self.salesperson).name = "苏州试点"
        self.assertEqual(self.subsidiary.name, "苏州试点机械有限公司")

    def test_finance_and_customers_without_papers_change_at_once(self):
        self.title.with_user(self.biller).bank_id = self.second
        self.assertEqual(self.title.bank_id, self.second)
        free = self.titles.create({"partner_id": self.subsidiary.id, "entity_id": self.customer.id})
        self.assertTrue(free.active)
        self.assertEqual(len(self._waiting()), 0)

    def test_nothing_waits_where_the_company_does_not_ask_for_it(self):
        self.company.write(
            {"crm_approve_name": False, "crm_approve_vat": False, "crm_approve_bank": False}
        )
        self.title.bank_id = self.second
        self.assertEqual(self.title.bank_id, self.second)

    def test_an_account_that_waits_is_not_printed(self):
        contact_right = self.env.ref("base.group_partner_manager")
        self.salesperson.write({"group_ids": [Command.link(contact_right.id)]})
        self.account.with_user(self.biller).sudo().active = False
        self.assertNotIn("121900000000001", self.title.block_text)
        self.assertIn("account number", self.title.missing)


@tagged("post_install", "-at_install")
class TestCrmInvoiceTitleMerge(MergeCommon, TitleCommon):
    """Merging and its undoing carry titles, their accounts, requests and the default."""

    def _list_links(self, customers):
        """Return what points at the customers, but for what the merge says in the chatter."""
        counts = self._count_links(customers)
        return {key: count for key, count in counts.items() if key[0] != "mail_message"}

    def test_titles_and_default_survive_merge_and_undo(self):
        twin = self._create_customer("上海试点机械")
        double = self.env["res.partner.bank"].create(
            {"partner_id": twin.id, "acc_number": "121900000000001", "bank_id": self.bank.id}
        )
        titles = self.env["crm.invoice.title"]
        own = titles.create({"partner_id": self.customer.id})
        theirs = titles.create({"partner_id": twin.id, "address": "旧址"})
        third = titles.create({"partner_id": twin.id, "entity_id": self.subsidiary.id})
        third.action_make_default()
        self.assertEqual(theirs.bank_id, double)
        customers = self.customer | twin
        rows = self._read_rows(customers)
        links = self._list_links(customers)
        log = self._merge(customers, self.customer)
        self.assertEqual((own | theirs | third).partner_id, self.customer)
        self.assertEqual(theirs.entity_id, self.customer)
        self.assertEqual(theirs.bank_id, self.account)
        self.assertEqual(self.customer._get_invoice_title(), own)
        log.action_undo()
        self.env.invalidate_all()
        self.assertEqual(self._read_rows(customers), rows)
        self.assertEqual(self._list_links(customers), links)
        self.assertEqual(
            (theirs.partner_id, theirs.entity_id, theirs.bank_id), (twin, twin, double)
        )
        self.assertEqual(twin._get_invoice_title(), third)

    def test_a_customer_without_title_takes_over_the_default(self):
        twin = self._create_customer("上海试点机械")
        title = self.env["crm.invoice.title"].create({"partner_id": twin.id})
        self._merge(self.customer | twin, self.customer)
        self.assertEqual(self.customer.crm_invoice_title_id, title)

    def test_a_company_on_somebodys_title_can_be_merged(self):
        twin = self._create_customer("苏州试点机械")
        title = self.env["crm.invoice.title"].create(
            {"partner_id": self.customer.id, "entity_id": twin.id}
        )
        log = self._merge(self.subsidiary | twin, self.subsidiary)
        self.assertEqual(title.vat, OTHER_VAT)
        log.action_undo()
        self.env.invalidate_all()
        self.assertEqual(title.entity_id, twin)
