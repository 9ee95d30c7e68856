from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_crm_consent import ConsentCase


@tagged("post_install", "-at_install")
class TestCrmConsentSecurity(ConsentCase):
    """Roles x operations on consents."""

    def test_roles_and_operations(self):
        consent = self._declare("granted")
        for group, expected in (
            ("base.group_portal", set()),
            ("base.group_user", {"read"}),
            ("sales_team.group_sale_salesman", {"read", "create"}),
            ("sales_team.group_sale_manager", {"read", "create"}),
            ("base.group_system", {"read"}),
        ):
            user = new_test_user(self.env, login=group, groups=group)
            allowed = {
                operation
                for operation in ("read", "create", "write", "unlink")
                if consent.with_user(user).has_access(operation)
            }
            self.assertEqual(allowed, expected, group)

    def test_consents_of_another_company_s_people_are_hidden(self):
        other = self.env["res.company"].create({"name": "Other Consent Company"})
        self.person.company_id = other
        consent = self._declare("granted")
        self.assertFalse(consent.with_user(self.seller).has_access("read"))
        self.seller.write({"company_ids": [Command.link(other.id)]})
        member = consent.with_user(self.seller).with_context(
            allowed_company_ids=(self.seller.company_id | other).ids
        )
        self.assertTrue(member.has_access("read"))

    def test_who_may_not_record_cannot_use_the_dialog(self):
        employee = new_test_user(self.env, login="consent_employee", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["crm.consent.wizard"].with_user(employee).create(
                {"partner_ids": [Command.set(self.person.ids)]}
            )
