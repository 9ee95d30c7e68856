from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .pool_common import TODAY, PoolCommon
from .view_spec import get_specification, without_ours

FORM, LIST = "base.view_partner_form", "crm_customers.res_partner_view_list"
MORE = 3


@tagged("post_install", "-at_install")
class TestResPartnerFacts(PoolCommon):
    """Opening customers costs at most three queries more than without the suite's fields."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_rule()
        cls.owned = cls._create_owned(*(f"开表客户{index}有限公司" for index in range(80)))
        cls.pool._refresh_return_dates()
        cls.env.flush_all()
        cls.company.crm_customer_visibility = "own"
        cls.partners = cls.env["res.partner"].with_user(cls.salesperson)

    def _count(self, read):
        read()  # what a session reads once
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        read()
        return self.env.cr.sql_log_count - before

    def _open(self, customer=None, user=None):
        customer = (customer or self.owned[0]).with_user(user or self.salesperson)
        self.env.flush_all()
        self.env.invalidate_all()
        return customer.web_read(get_specification(customer, FORM, "form"))[0]

    def test_the_form_costs_three_queries_more_than_without_our_fields(self):
        customer = self.owned[0].with_user(self.salesperson)
        full = get_specification(customer, FORM, "form")
        bare = without_ours(customer, full)
        self.assertGreater(len(full) - len(bare), 40)
        more = self._count(lambda: customer.web_read(full)) - self._count(
            lambda: customer.web_read(bare)
        )
        self.assertLessEqual(more, MORE)

    def test_a_list_of_80_costs_as_many_more_as_one_of_1(self):
        full = get_specification(self.partners, LIST, "list")
        bare = without_ours(self.partners, full)
        domain = [("id", "in", self.owned.ids)]
        for limit in (1, 80):
            counts = [
                self._count(lambda s=spec: self.partners.web_search_read(domain, s, limit=limit))  # noqa: B023
                for spec in (full, bare)
            ]
            self.assertLessEqual(counts[0] - counts[1], MORE, limit)

    def test_whose_customers_somebody_sees_is_read_once_a_request(self):
        searched = self.partners.with_context(active_test=False)
        first = self._count(lambda: searched.search([("id", "in", self.owned.ids)]))
        twice = self._count(
            lambda: [searched.search([("id", "in", self.owned.ids)]) for _time in range(2)]
        )
        self.assertEqual(twice, first + 1)

    def test_sharing_and_teams_count_at_once(self):
        customer = self.owned[0].with_user(self.colleague)
        self.assertFalse(customer.search([("id", "=", customer.id)]))
        member = self.env["crm.customer.member"].create(
            {"partner_id": customer.id, "user_id": self.colleague.id}
        )
        self.assertTrue(customer.search([("id", "=", customer.id)]))
        member.unlink()
        self.assertFalse(customer.search([("id", "=", customer.id)]))
        team = self.env["crm.team"].create(
            {"name": "Team", "company_id": self.company.id, "user_id": self.colleague.id}
        )
        self.assertFalse(customer.search([("id", "=", customer.id)]))
        team.member_ids = self.salesperson
        self.assertTrue(customer.search([("id", "=", customer.id)]))
        team.user_id = False
        self.assertFalse(customer.search([("id", "=", customer.id)]))

    def test_a_colleague_cannot_look_up_what_others_see(self):
        with self.assertRaises(AccessError):
            self.salesperson.with_user(self.colleague).read(["crm_shared_partner_ids"])

    def test_what_is_there_is_shown(self):
        customer, other = self.owned[:2]
        contract = self._create_contract(partner_id=customer.id, user_id=self.salesperson.id)
        self._follow_up(customer)
        sales = self.env(user=self.salesperson)
        sales["crm.customer.member"].create(
            {"partner_id": customer.id, "user_id": self.colleague.id}
        )
        consent = sales["crm.consent"].create(
            {
                "partner_id": customer.id,
                "channel": "phone",
                "purpose": "marketing",
                "state": "withdrawn",
                "source": "conversation",
            }
        )
        customer.write(
            {
                "email": "stop@example.com",
                "phone": "+86 21 5080 1238",
                "crm_role_ids": [Command.create({"name": "R"})],
            }
        )
        self.env["mail.blacklist"]._add("stop@example.com")
        other.crm_parent_id = customer
        values = self._open(customer)
        self.assertEqual(values["crm_contract_count"], 1)
        self.assertEqual(values["crm_followup_count"], 1)
        self.assertEqual(len(values["crm_colleague_ids"]), 1)
        self.assertEqual([row["id"] for row in values["crm_consent_ids"]], consent.ids)
        self.assertEqual(len(values["crm_role_ids"]), 1)
        self.assertEqual([row["id"] for row in values["crm_group_ids"]], (customer | other).ids)
        matrix = values["crm_contact_matrix"]
        self.assertIn("Consent withdrawn", matrix)
        self.assertEqual(matrix.count("On the blacklist"), 2)
        self.assertIn("working days", values["crm_pool_explanation"])
        # of a colleague's contract he is told nothing
        contract.user_id = self.colleague
        self.assertEqual(self._open(customer)["crm_contract_count"], 0)

    def test_a_double_is_told_as_soon_as_it_is_there(self):
        customer = self.owned[0]
        self.assertFalse(self._open(customer)["crm_duplicate_message"])
        self._create_owned(customer.name, owner=self.colleague)
        values = self._open(customer)
        self.assertIn("name", values["crm_duplicate_message"])
        self.assertTrue(values["crm_has_hidden_duplicate"])

    def test_what_is_saved_is_read_in_the_same_request(self):
        customer = self.owned[0].with_user(self.salesperson)
        specification = get_specification(customer, FORM, "form")
        self.assertFalse(customer.web_read(specification)[0]["crm_colleague_ids"])
        rows = [
            Command.create({"user_id": self.colleague.id, "date_to": fields.Date.to_string(TODAY)})
        ]
        [values] = customer.web_save({"crm_colleague_ids": rows}, specification)
        self.assertEqual(len(values["crm_colleague_ids"]), 1)
        row_id = values["crm_colleague_ids"][0]["id"]
        [values] = customer.web_save({"crm_colleague_ids": [Command.delete(row_id)]}, specification)
        self.assertFalse(values["crm_colleague_ids"])

    def test_a_hidden_customer_stays_hidden(self):
        customer = self.owned[0].with_user(self.colleague)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            customer.web_read(get_specification(customer, FORM, "form"))
