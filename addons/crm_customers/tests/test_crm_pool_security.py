from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .pool_common import PoolCommon

OPERATIONS = ("read", "write", "create", "unlink")
READ, ALL = {"read"}, set(OPERATIONS)


@tagged("post_install", "-at_install")
class TestCrmPoolSecurity(PoolCommon):
    """Roles x operations on the models of ownership."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls._create_user("pool_employee", "base.group_user")
        cls.portal = new_test_user(cls.env, login="pool_portal", groups="base.group_portal")
        cls.stranger = cls._create_user("pool_stranger", "crm_customers.group_pool_admin")
        cls.rule = cls._create_rule()
        cls.pool.with_user(cls.salesperson)._claim(cls.pooled[0])
        cls.member = cls.env["crm.customer.member"].create(
            {"partner_id": cls.customer.id, "user_id": cls.colleague.id}
        )

    def _check(self, record, expected):
        for user, operations in expected.items():
            allowed = {
                operation
                for operation in OPERATIONS
                if record.with_user(user).has_access(operation)
            }
            self.assertEqual(allowed, operations, (record._name, user.login))

    def test_roles_and_operations(self):
        self._check(
            self.pool,
            {
                self.portal: set(),
                self.employee: set(),
                self.outsider: set(),
                self.salesperson: READ,
                self.stranger: READ,
                self.pool_admin: {"read", "write"},
                self.sales_manager: ALL,
            },
        )
        self._check(
            self.rule,
            {
                self.portal: set(),
                self.outsider: set(),
                self.salesperson: READ,
                self.stranger: READ,
                self.pool_admin: ALL,
                self.sales_manager: ALL,
            },
        )
        self._check(
            self.pool.quota_ids,
            {
                self.portal: set(),
                self.outsider: set(),
                self.salesperson: READ,
                self.pool_admin: READ,
                self.sales_manager: READ,
            },
        )
        self._check(
            self.env["crm.pool.customer"].browse(self.pooled[1].id),
            {
                self.portal: set(),
                self.employee: set(),
                self.outsider: set(),
                self.salesperson: READ,
                self.pool_admin: READ,
            },
        )
        self._check(
            self.customer.crm_owner_log_ids,
            {self.portal: set(), self.employee: set(), self.colleague: READ},
        )
        self._check(
            self.member,
            {
                self.portal: set(),
                self.employee: set(),
                self.colleague: READ,
                self.salesperson: ALL,
                self.sales_manager: ALL,
            },
        )

    def test_another_company_s_pool_is_hidden(self):
        other = self._create_company("Other Pool Company")
        manager = self._create_user("pool_other_manager", "sales_team.group_sale_manager")
        manager.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})
        rows = (
            self.env["crm.pool.customer"]
            .with_user(manager)
            .with_context(allowed_company_ids=other.ids)
        )
        self.assertFalse(rows.search([("pool_id", "=", self.pool.id)]))
        self.assertFalse(
            self.pool.with_user(manager)
            .with_context(allowed_company_ids=other.ids)
            .has_access("read")
        )

    def test_a_member_must_work_in_the_pool_s_company(self):
        other = self._create_company("Other Pool Company")
        with self.assertRaisesRegex(Exception, "cannot work in"):
            self.pool.company_id = other

    def test_changing_the_owner_log_by_rpc_is_refused(self):
        for user in (self.salesperson, self.pool_admin, self.sales_manager):
            with self.assertRaises(AccessError):
                self.env["crm.owner.log"].with_user(user).create(
                    {"partner_id": self.customer.id, "how": "claim"}
                )
