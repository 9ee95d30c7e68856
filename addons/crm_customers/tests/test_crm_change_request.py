from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import CrmCommon

OLD_VAT, NEW_VAT = "91310115MA1K30001D", "91110000600037341L"


@tagged("post_install", "-at_install")
class TestCrmChangeRequest(CrmCommon):
    """Name, tax number and bank of an invoiced customer change on approval only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the lowest role that the host lets edit bank accounts
        contact_right = cls.env.ref("base.group_partner_manager")
        cls.salesperson.write({"group_ids": [Command.link(contact_right.id)]})
        cls.env["res.partner"].search([("vat", "in", (OLD_VAT, NEW_VAT))]).vat = False
        cls.customer.vat = OLD_VAT
        cls.free = cls.env["res.partner"].create(
            {"name": "新客户", "is_company": True, "user_id": cls.salesperson.id}
        )
        cls.account = cls.env["res.partner.bank"].create(
            {"partner_id": cls.customer.id, "acc_number": "6222000011112222"}
        )
        cls._create_invoice(100)
        cls.mine = cls.customer.with_user(cls.salesperson)
        cls.accounts = cls.env["res.partner.bank"].with_user(cls.salesperson)

    def _waiting(self, partner=None):
        partner = partner or self.customer
        return self.env["crm.change.request"].search(
            [("partner_id", "=", partner.id), ("state", "=", "waiting")]
        )

    def _approve(self, request=None):
        return (request or self._waiting()).with_user(self.biller).action_approve()

    def test_the_name_waits_and_the_rest_is_saved(self):
        self.mine.write(
            {"name": "上海试点集团有限公司", "city": "上海", "website": "pilot.example.com"}
        )
        self.assertEqual(self.customer.name, "上海试点机械有限公司")
        self.assertEqual(self.customer.city, "上海")
        request = self._waiting()
        self.assertEqual(
            (request.field, request.old_text, request.new_text, request.user_id),
            ("name", "上海试点机械有限公司", "上海试点集团有限公司", self.salesperson),
        )
        self._approve()
        self.assertEqual(self.customer.name, "上海试点集团有限公司")
        self.assertEqual((request.state, request.decided_uid), ("approved", self.biller))

    def test_the_form_says_what_waits_and_who_asked(self):
        with Form(self.mine) as form:
            form.name = "上海试点集团有限公司"
            form.phone = "+86 21 5080 0000"
        self.assertEqual(self.customer.phone, "+86 21 5080 0000")
        self.assertEqual(self.customer.name, "上海试点机械有限公司")
        message = self.mine.crm_change_message
        for part in ("上海试点机械有限公司", "上海试点集团有限公司", self.salesperson.name):
            self.assertIn(part, message)
        self.assertFalse(self.mine.crm_may_approve_change)
        self.assertTrue(self.customer.with_user(self.biller).crm_may_approve_change)

    def test_a_customer_without_papers_is_edited_at_once(self):
        self.free.with_user(self.salesperson).write({"name": "新客户二"})
        self.assertEqual(self.free.name, "新客户二")
        self.assertFalse(self._waiting(self.free))

    def test_a_signed_contract_is_a_paper_too(self):
        contract = self._create_contract(partner_id=self.free.id)
        self.free.with_user(self.salesperson).name = "草稿期间"
        self.assertEqual(self.free.name, "草稿期间")
        contract._raise_event("signed", contract.create_date.date())
        self.free.with_user(self.salesperson).name = "签约之后"
        self.assertEqual(self.free.name, "草稿期间")
        self.assertTrue(self._waiting(self.free))

    def test_some_of_several_wait(self):
        (self.mine | self.free.with_user(self.salesperson)).write({"name": "同名", "zip": "200000"})
        self.assertEqual(self.free.name, "同名")
        self.assertEqual(self.customer.name, "上海试点机械有限公司")
        self.assertEqual(self.customer.zip, "200000")

    def test_who_may_make_invoices_writes_at_once(self):
        contact_right = self.env.ref("base.group_partner_manager")
        self.biller.write({"group_ids": [Command.link(contact_right.id)]})
        self.customer.with_user(self.biller).name = "上海试点集团有限公司"
        self.assertEqual(self.customer.name, "上海试点集团有限公司")
        self.assertFalse(self._waiting())

    def test_the_tax_number_waits_also_when_written_on_a_contact(self):
        self.mine.vat = NEW_VAT
        self.assertEqual(self.customer.vat, OLD_VAT)
        self.assertEqual(self._waiting().new_text, NEW_VAT)
        self._waiting().with_user(self.biller)._refuse("no")
        self.signatory.with_user(self.salesperson).write({"vat": NEW_VAT, "function": "主任"})
        self.assertEqual(self.signatory.function, "主任")
        self.assertEqual((self.customer.vat, self.signatory.vat), (OLD_VAT, OLD_VAT))
        self._approve()
        self.assertEqual((self.customer.vat, self.signatory.vat), (NEW_VAT, NEW_VAT))

    def test_the_number_of_the_company_is_written_on_its_contact(self):
        self.env.cr.execute("UPDATE res_partner SET vat = NULL WHERE id = %s", (self.signatory.id,))
        self.signatory.invalidate_recordset(["vat"])
        self.signatory.with_user(self.salesperson).write({"vat": OLD_VAT})
        self.assertEqual(self.signatory.vat, OLD_VAT)
        self.assertFalse(self._waiting())

    def test_an_invoiced_company_is_not_turned_into_a_contact(self):
        self.free.is_company = True
        for values in (
            {"parent_id": self.free.id, "is_company": False},
            {"parent_id": self.free.id, "is_company": False, "name": "甲"},
        ):
            with self.assertRaisesRegex(UserError, "stays a customer"):
                self.mine.write(values)
        self.customer.vat = False  # the host asks for one number in a group's contacts
        self.customer.with_user(self.salesperson).parent_id = self.free
        with self.assertRaisesRegex(UserError, "stays a customer"):
            self.mine.is_company = False
        self.assertEqual(self.customer.commercial_partner_id, self.customer)
        above = self.env["res.partner"].create({"name": "上级公司", "is_company": True})
        self.customer.parent_id = False
        self.free.with_user(self.salesperson).write({"parent_id": above.id, "is_company": False})
        self.assertEqual(self.free.commercial_partner_id, above)

    def test_a_wrong_tax_number_is_refused_at_once(self):
        with self.assertRaises(ValidationError):
            self.mine.vat = "91310115MA1K30001X"
        self.assertFalse(self._waiting())

    def test_the_same_value_is_no_change(self):
        self.mine.write({"name": "上海试点机械有限公司", "vat": OLD_VAT})
        self.assertFalse(self._waiting())

    def test_a_newer_request_replaces_the_older(self):
        self.mine.name = "甲"
        first = self._waiting()
        self.customer.with_user(self.sales_manager).name = "乙"
        self.assertEqual(first.state, "replaced")
        self.assertEqual(self._waiting().new_text, "乙")

    def test_what_has_changed_since_is_outdated(self):
        self.mine.name = "甲"
        request = self._waiting()
        self.customer.name = "财务已改"
        action = self._approve(request)
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual((request.state, self.customer.name), ("outdated", "财务已改"))

    def test_a_refusal_has_its_reason_and_reaches_the_requester(self):
        self.mine.name = "甲"
        request = self._waiting()
        self.env["crm.change.refuse"].with_user(self.biller).create(
            {"request_ids": [Command.set(request.ids)], "reason": "请附变更通知书"}
        ).action_refuse()
        self.assertEqual(request.state, "refused")
        self.assertEqual(self.customer.name, "上海试点机械有限公司")
        message = self.env["mail.message"].search(
            [("model", "=", "res.partner"), ("res_id", "=", self.customer.id)], limit=1
        )
        self.assertIn("请附变更通知书", message.body)
        self.assertIn(self.salesperson.partner_id, message.notified_partner_ids)
        with self.assertRaisesRegex(UserError, "decided already"):
            self._approve(request)

    def test_nobody_approves_his_own_or_writes_requests_by_hand(self):
        self.mine.name = "甲"
        request = self._waiting().with_user(self.salesperson)
        with self.assertRaises(AccessError):
            request.action_approve()
        with self.assertRaises(AccessError):
            request.write({"new_values": {"name": "乙"}})
        with self.assertRaises(AccessError):
            request.write({"state": "approved"})
        with self.assertRaises(AccessError):
            self.env["crm.change.request"].with_user(self.salesperson).create(
                {"partner_id": self.customer.id, "field": "name"}
            )
        request.reason = "工商变更"
        with self.assertRaises(AccessError):
            request.with_user(self.colleague).reason = "x"
        self.assertIn("工商变更", self.mine.crm_change_message)

    def test_a_bank_account_waits_whatever_the_way(self):
        self.account.with_user(self.salesperson).write({"acc_number": "6222999999999999"})
        self.assertEqual(self.account.acc_number, "6222000011112222")
        request = self._waiting()
        self.assertEqual((request.field, request.kind), ("bank", "write"))
        self.assertEqual(request.old_text, "6222000011112222")
        self.assertEqual(request.new_text, "6222999999999999")
        self.assertIn("fraud", self.mine.crm_change_message)
        self._approve()
        self.assertEqual(self.account.acc_number, "6222999999999999")

    def test_a_bank_account_waits_under_its_other_name_too(self):
        self.account.with_user(self.salesperson).write({"sanitized_acc_number": "6222999999999999"})
        self.assertEqual(self.account.acc_number, "6222000011112222")
        self.assertEqual(self._waiting().new_text, "6222999999999999")

    def test_an_account_of_others_is_brought_in_after_approval_only(self):
        account = self.accounts.create(
            {"partner_id": self.free.id, "acc_number": "6222777777777777"}
        )
        account.write({"partner_id": self.customer.id, "note": "seen"})
        self.assertEqual((account.partner_id, account.note), (self.free, "seen"))
        request = self._waiting()
        self.assertEqual(request.old_text, "6222777777777777 · 新客户")
        self.assertEqual(request.new_text, "6222777777777777 · 上海试点机械有限公司")
        self._approve()
        self.assertEqual(account.partner_id, self.customer)

    def test_two_wishes_for_one_account_wait_together(self):
        account = self.account.with_user(self.salesperson)
        account.write({"acc_number": "6222999999999999"})
        account.write({"acc_holder_name": "试点财务"})
        self.assertEqual(self._waiting().new_text, "6222999999999999 · 试点财务")
        self._approve()
        self.assertEqual(
            (account.acc_number, account.acc_holder_name), ("6222999999999999", "试点财务")
        )
        new = self.accounts.create(
            {"partner_id": self.customer.id, "acc_number": "6222888888888888"}
        )
        new.acc_number = "6222888888888889"
        self.assertEqual(self._waiting().kind, "create")
        self._approve()
        self.assertEqual((new.acc_number, new.active), ("6222888888888889", True))

    def test_trust_does_not_pass_on_to_another_number(self):
        self.account.allow_out_payment = True
        self.account.with_user(self.salesperson).write({"acc_number": "6222999999999999"})
        self._approve()
        self.assertEqual(
            (self.account.acc_number, self.account.allow_out_payment), ("6222999999999999", False)
        )

    def test_mail_and_chatter_tell_the_last_digits_of_an_account(self):
        self.account.with_user(self.salesperson).write({"acc_number": "6222999999991234"})
        before = self.customer.message_ids
        self._approve()
        told = " ".join((self.customer.message_ids - before).mapped("body"))
        self.assertIn("••••••••••••1234", told)
        self.assertNotIn("6222999999991234", told)

    def test_who_may_not_read_requests_reads_customers_as_before(self):
        user = self._create_user("suite_contacts", "base.group_user,base.group_partner_manager")
        self.customer.with_user(user).name = "甲"
        self.assertEqual(self._waiting().user_id, user)
        self.env.invalidate_all()
        mine = self.customer.with_user(user)
        self.assertFalse(mine.read(["crm_change_message"])[0]["crm_change_message"])
        self.assertNotIn("crm_change_ids", mine.fields_get())

    def test_who_may_not_edit_accounts_asks_for_nothing(self):
        with self.assertRaises(AccessError):
            self.account.with_user(self.colleague).write({"acc_number": "6222999999999999"})
        self.assertFalse(self._waiting())

    def test_a_new_bank_account_is_used_after_approval_only(self):
        self.mine.write({"bank_ids": [Command.create({"acc_number": "6222888888888888"})]})
        self.assertEqual(self.customer.bank_ids, self.account)
        request = self._waiting()
        self.assertEqual((request.kind, request.new_text), ("create", "6222888888888888"))
        self._approve()
        self.env.invalidate_all()
        self.assertEqual(
            set(self.customer.bank_ids.mapped("acc_number")),
            {"6222000011112222", "6222888888888888"},
        )

    def test_a_bank_account_is_removed_after_approval_only(self):
        self.account.with_user(self.salesperson).unlink()
        self.assertTrue(self.account.active)
        self.assertEqual(self._waiting().kind, "remove")
        self._approve()
        self.assertFalse(self.account.active)

    def test_accounts_of_free_customers_change_at_once(self):
        account = self.accounts.create({"partner_id": self.free.id, "acc_number": "1"})
        account.acc_number = "2"
        self.assertEqual((account.acc_number, account.active), ("2", True))

    def test_an_import_asks_as_well(self):
        xml_id = self.customer.export_data([".id"])["datas"][0][0]
        result = (
            self.env["res.partner"]
            .with_user(self.salesperson)
            .load([".id", "name", "city"], [[xml_id, "导入的名称", "苏州"]])
        )
        self.assertFalse([m for m in result["messages"] if m["type"] == "error"])
        self.assertEqual((self.customer.name, self.customer.city), ("上海试点机械有限公司", "苏州"))
        self.assertEqual(self._waiting().new_text, "导入的名称")

    def test_settings_say_which_fields_wait(self):
        self.company.crm_approve_name = False
        self.mine.write({"name": "甲", "vat": NEW_VAT})
        self.assertEqual((self.customer.name, self.customer.vat), ("甲", OLD_VAT))
        self.company.write({"crm_approve_vat": False, "crm_approve_bank": False})
        self.mine.vat = NEW_VAT
        self.account.with_user(self.salesperson).acc_number = "6222999999999999"
        self.assertEqual(self.customer.vat, NEW_VAT)
        self.assertEqual(self.account.acc_number, "6222999999999999")

    def test_the_approver_of_the_company_is_called(self):
        self.company.crm_change_approver_id = self.biller
        self.mine.name = "甲"
        request = self._waiting()
        self.assertEqual(request.activity_ids.user_id, self.biller)
        self._approve(request)
        self.assertFalse(request.activity_ids)

    def test_superuser_code_of_the_host_writes_as_before(self):
        self.mine.sudo().write({"name": "门户修改"})
        self.assertEqual(self.customer.name, "门户修改")
        twin = self.env["res.partner"].create({"name": "双胞胎", "is_company": True})
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([twin.id, self.customer.id], self.customer)
        self.assertFalse(self._waiting())

    def test_hidden_customers_show_no_requests(self):
        self.mine.name = "甲"
        self.company.crm_customer_visibility = "own"
        self.env.flush_all()
        requests = self.env["crm.change.request"]
        self.assertFalse(requests.with_user(self.colleague).search([]) & self._waiting())
        self.assertTrue(requests.with_user(self.salesperson).search([]) & self._waiting())
