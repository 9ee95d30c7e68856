from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .pool_common import PoolCommon


@tagged("post_install", "-at_install")
class TestResPartnerVisibility(PoolCommon):
    """Own, shared until a day, team subtree, all; pooled customers hidden until claimed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader = cls._create_user("suite_leader", "sales_team.group_sale_salesman")
        cls.employee = cls._create_user("suite_employee", "base.group_user")
        cls.office, cls.team = cls.env["crm.team"].create(
            [
                {"name": "Office", "company_id": cls.company.id, "user_id": cls.leader.id},
                {"name": "Team", "company_id": cls.company.id, "user_id": False},
            ]
        )
        cls.team.parent_id = cls.office
        cls.team.member_ids = cls.salesperson
        export = cls.env.ref("base.group_allow_export")
        (cls.salesperson | cls.colleague).write({"group_ids": [Command.link(export.id)]})
        cls.free = cls.env["res.partner"].create({"name": "Nobody's", "is_company": True})
        cls.addresses = cls.customer | cls.signatory

    def _mode(self, mode):
        self.company.crm_customer_visibility = mode
        self.env.flush_all()
        self.env.invalidate_all()

    def _sees(self, user, records=None):
        records = self.addresses if records is None else records
        partners = self.env["res.partner"].with_user(user)
        found = partners.search([("id", "in", records.ids)])
        for record in records.with_user(user):
            self.assertEqual(record.has_access("read"), record in found, (user.login, record))
        return found == records if found else False

    def _edits(self, user, record=None):
        return (record or self.customer).with_user(user).has_access("write")

    def test_roles_and_modes(self):
        everybody = [
            self.salesperson,
            self.colleague,
            self.leader,
            self.employee,
            self.pool_admin,
            self.sales_manager,
            self.biller,
            self.reader,
        ]
        for mode, blind in (
            ("all", []),
            ("team", [self.colleague]),
            ("own", [self.colleague]),
        ):
            self._mode(mode)
            for user in everybody:
                self.assertEqual(self._sees(user), user not in blind, (mode, user.login))
        self.team.member_ids |= self.colleague
        self._mode("team")
        self.assertTrue(self._sees(self.colleague))
        self._mode("own")
        self.assertFalse(self._sees(self.colleague))

    def test_whoever_owns_or_leads_may_edit(self):
        self._mode("own")
        for user, expected in (
            (self.salesperson, True),
            (self.leader, True),
            (self.colleague, False),
            (self.sales_manager, True),
            (self.employee, False),
        ):
            self.assertEqual(self._edits(user), expected, user.login)

    def test_a_shared_customer_is_seen_and_edited_until_the_day(self):
        self._mode("own")
        # The day of whoever looks, which may have begun before that of the server.
        today = fields.Date.context_today(self.customer.with_user(self.colleague))
        member = (
            self.env["crm.customer.member"]
            .with_user(self.salesperson)
            .create({"partner_id": self.customer.id, "user_id": self.colleague.id})
        )
        self.assertTrue(self._sees(self.colleague))
        self.assertFalse(self._edits(self.colleague))
        member.can_write = True
        self.assertTrue(self._edits(self.colleague))
        member.date_to = today
        self.assertTrue(self._sees(self.colleague))
        member.date_to = today - timedelta(days=1)
        self.assertFalse(self._sees(self.colleague))
        self.assertFalse(self._edits(self.colleague))

    def test_a_merge_keeps_colleagues_history_and_the_survivor_s_state(self):
        other = self._create_owned("试点机械（重复）")
        self.pool._lock_until(other, date.today() + timedelta(days=30))
        members = self.env["crm.customer.member"]
        members.create(
            [
                {"partner_id": self.customer.id, "user_id": self.colleague.id},
                {"partner_id": other.id, "user_id": self.colleague.id, "can_write": True},
                {"partner_id": other.id, "user_id": self.outsider.id},
            ]
        )
        rows = len(self.customer.crm_owner_log_ids | other.crm_owner_log_ids)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | other).ids, self.customer
        )
        self.env.invalidate_all()
        self.assertEqual(
            {row.user_id: row.can_write for row in self.customer.crm_colleague_ids},
            {self.colleague: True, self.outsider: False},
        )
        self.assertEqual(len(self.customer.crm_owner_log_ids), rows)
        self.assertFalse(self.customer.crm_locked_until)
        self.assertEqual(self.customer.user_id, self.salesperson)

    def test_only_the_owner_shares(self):
        with self.assertRaises(AccessError):
            self.env["crm.customer.member"].with_user(self.colleague).create(
                {"partner_id": self.customer.id, "user_id": self.colleague.id}
            )

    def test_colleagues_companies_and_the_ownerless_are_always_visible(self):
        self._mode("own")
        always = self.sales_manager.partner_id | self.company.partner_id | self.free
        self.assertTrue(self._sees(self.colleague, always))

    def test_a_hidden_customer_appears_in_no_search_group_export_or_name_search(self):
        self._mode("own")
        partners = self.env["res.partner"].with_user(self.colleague)
        name = [("name", "=", self.customer.name)]
        self.assertFalse(partners.search(name))
        self.assertFalse(partners.name_search(self.customer.name))
        self.assertEqual(partners.search_count(name), 0)
        self.assertFalse(partners.formatted_read_group(name, ["user_id"], ["__count"]))
        with self.assertRaises(AccessError):
            self.customer.with_user(self.colleague).export_data(["name", "phone"])
        with self.assertRaises(AccessError):
            self.customer.with_user(self.colleague).web_read({"phone": {}})

    def test_its_chatter_activities_and_history_are_hidden_with_it(self):
        message = self.customer.message_post(body="Confidential")
        activity = self.customer.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.salesperson.id
        )
        log = self.customer.crm_owner_log_ids
        self._mode("own")
        for record in (message, activity, log):
            hidden = record.with_user(self.colleague)
            self.assertFalse(hidden.search([("id", "in", record.ids)]), record)
            with self.assertRaises(AccessError):
                hidden.read(["display_name"])
        with self.assertRaises(AccessError):
            self.customer.with_user(self.colleague).message_post(body="Not mine")

    def test_leads_linked_to_another_one_s_customer_stay_editable(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Cross-selling",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "user_id": self.colleague.id,
                "company_id": self.company.id,
            }
        )
        email = self.customer.email
        self._mode("own")
        mine = lead.with_user(self.colleague)
        mine.write({"name": "Renamed", "phone": "+86 139 0000 0001", "email_from": "x@y.example"})
        self.env.flush_all()
        self.assertEqual((self.customer.email, lead.email_from), (email, "x@y.example"))
        self.assertFalse(self.customer.phone)
        values = mine.web_read({"partner_id": {"fields": {"display_name": {}}}, "name": {}})
        self.assertEqual(values[0]["name"], "Renamed")
        self.salesperson_lead_still_writes_the_address(lead)

    def salesperson_lead_still_writes_the_address(self, lead):
        lead.user_id = self.salesperson
        lead.with_user(self.salesperson).phone = "+86 139 0000 0002"
        self.assertEqual(self.customer.phone, "+86 139 0000 0002")

    # The pool, in every mode

    def test_a_pooled_customer_is_hidden_until_it_is_claimed(self):
        pooled = self.pooled[0]
        contact = self.env["res.partner"].create(
            {"name": "采购经理", "parent_id": pooled.id, "phone": "+86 138 1234 5678"}
        )
        for mode in ("all", "team", "own"):
            self._mode(mode)
            for user in (self.salesperson, self.colleague, self.outsider, self.employee):
                self.assertFalse(self._sees(user, pooled | contact), (mode, user.login))
            for user in (self.pool_admin, self.sales_manager, self.biller):
                self.assertTrue(self._sees(user, pooled | contact), (mode, user.login))
        self._claim(pooled)
        self.assertTrue(self._sees(self.salesperson, pooled | contact))

    def test_members_see_it_in_the_pool_with_the_address_masked(self):
        rows = self.env["crm.pool.customer"].with_user(self.salesperson)
        row = rows.search([("id", "=", self.pooled[0].id)])
        self.assertEqual((row.phone, row.email), ("+86 21****38", "b***@pooled.example.com"))
        self.assertFalse(rows.search([("phone", "like", "5080")]))
        self.assertEqual(row.export_data(["phone"])["datas"], [["+86 21****38"]])
        self.assertFalse(rows.with_user(self.outsider).search([]))
        self.pool.mask_phone = False
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(row.phone, "+86 21 5080 1238")

    def test_leads_of_a_pooled_customer_are_hidden_with_it(self):
        customer = self._create_owned("商机有限公司")
        lead = self.env["crm.lead"].create(
            {
                "name": "Waiting",
                "type": "opportunity",
                "partner_id": customer.id,
                "user_id": self.salesperson.id,
                "phone": "+86 138 1234 5678",
                "company_id": self.company.id,
            }
        )
        self.pool.with_user(self.salesperson)._return(customer, "没有需求")
        leads = self.env["crm.lead"]
        for user in (self.salesperson, self.outsider):
            self.assertFalse(leads.with_user(user).search([("id", "=", lead.id)]))
            self.assertFalse(lead.with_user(user).has_access("read"))
        self.assertTrue(leads.with_user(self.sales_manager).search([("id", "=", lead.id)]))

    def test_a_subsidiary_of_a_hidden_customer_has_an_owner_of_its_own(self):
        daughter = self.env["res.partner"].create(
            {
                "name": "Daughter",
                "is_company": True,
                "parent_id": self.customer.id,
                "user_id": self.colleague.id,
            }
        )
        self._mode("own")
        self.assertTrue(self._sees(self.colleague, daughter))
        self.assertFalse(self._sees(self.colleague))

    def test_the_setting_takes_effect_at_once(self):
        for mode, expected in (("own", False), ("all", True), ("own", False)):
            self.company.crm_customer_visibility = mode
            self.assertEqual(
                bool(
                    self.env["res.partner"]
                    .with_user(self.colleague)
                    .search([("id", "=", self.customer.id)])
                ),
                expected,
            )

    def test_portal_users_see_what_they_saw(self):
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "suite_visibility_portal",
                "partner_id": self.signatory.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self._mode("own")
        self.assertTrue(self._sees(portal))
