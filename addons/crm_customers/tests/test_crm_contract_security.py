from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import CrmCommon


@tagged("post_install", "-at_install")
class TestCrmContractSecurity(CrmCommon):
    """Roles x operations on contracts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_contract()
        cls.portal = new_test_user(cls.env, login="suite_portal", groups="base.group_portal")
        cls.portal.partner_id.parent_id = cls.customer
        cls.stranger = new_test_user(cls.env, login="suite_stranger", groups="base.group_portal")
        cls.employee = cls._create_user("suite_employee", "base.group_user")

    def _allowed(self, user):
        record = self.contract.with_user(user)
        return {
            operation for operation in ("read", "write", "unlink") if record.has_access(operation)
        }

    def test_roles_and_operations(self):
        for user, expected in (
            (self.salesperson, {"read", "write"}),
            (self.colleague, set()),
            (self.sales_manager, {"read", "write", "unlink"}),
            (self.biller, {"read"}),
            (self.reader, {"read"}),
            (self.employee, set()),
            (self.portal, set()),
            (self.stranger, set()),
        ):
            self.assertEqual(self._allowed(user), expected, user.login)

    def test_the_customer_reads_its_own_contract_once_it_is_signed(self):
        self.contract.action_sign()
        self.assertEqual(self._allowed(self.portal), {"read"})
        self.assertEqual(self._allowed(self.stranger), set())

    def test_a_contract_of_another_company_is_out_of_sight(self):
        other = self._create_company("Another Company")
        foreign = self.env["crm.contract"].create(
            {
                "subject": "Foreign",
                "partner_id": self.customer.id,
                "company_id": other.id,
                "calendar_id": other.resource_calendar_id.id,
            }
        )
        self.assertFalse(foreign.with_user(self.sales_manager).has_access("read"))

    def test_nobody_but_the_contract_writes_its_ledger(self):
        self.contract.action_sign()
        event = self.contract.event_ids
        for user in (self.salesperson, self.sales_manager, self.biller):
            self.assertFalse(event.with_user(user).has_access("write"), user.login)
            self.assertFalse(event.with_user(user).has_access("unlink"), user.login)

    def test_a_stranger_cannot_sign(self):
        with self.assertRaises(AccessError):
            self.contract.with_user(self.colleague).action_sign()
