from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_crm_segment import SegmentCase

OPERATIONS = ("read", "write", "create", "unlink")


@tagged("post_install", "-at_install")
class TestCrmSegmentSecurity(SegmentCase):
    """Roles x operations on segments and their members."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segment.kind = "static"
        cls.member = cls.env["crm.segment.member"].create(
            {"segment_id": cls.segment.id, "partner_id": cls.suzhou[0].id}
        )
        cls.users = {
            group: new_test_user(cls.env, login=f"segment_{group}", groups=group)
            for group in (
                "base.group_portal",
                "base.group_user",
                "sales_team.group_sale_salesman",
                "sales_team.group_sale_manager",
            )
        }

    def _allowed(self, record, user):
        record = record.with_user(user)
        return {operation for operation in OPERATIONS if record.has_access(operation)}

    def test_roles_and_operations_on_segments(self):
        for user, expected in (
            (self.users["base.group_portal"], set()),
            (self.users["base.group_user"], {"read"}),
            (self.users["sales_team.group_sale_salesman"], {"read"}),
            (self.owner, set(OPERATIONS)),
            (self.users["sales_team.group_sale_manager"], set(OPERATIONS)),
        ):
            self.assertEqual(self._allowed(self.segment, user), expected, user.login)

    def test_roles_and_operations_on_members(self):
        for user, expected in (
            (self.users["base.group_portal"], set()),
            (self.users["base.group_user"], {"read"}),
            (self.users["sales_team.group_sale_salesman"], {"read"}),
            (self.owner, {"read", "create", "unlink"}),
            (self.users["sales_team.group_sale_manager"], {"read", "create", "unlink"}),
        ):
            self.assertEqual(self._allowed(self.member, user), expected, user.login)

    def test_another_company_s_segments_are_hidden(self):
        other = self.env["res.company"].create({"name": "Other Segment Company"})
        manager = self.users["sales_team.group_sale_manager"]
        manager.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})
        self.assertFalse(self._allowed(self.segment, manager))
        self.assertFalse(self._allowed(self.member, manager))

    def test_who_may_not_change_a_segment_may_not_refresh_it(self):
        colleague = self.users["sales_team.group_sale_salesman"]
        with self.assertRaises(AccessError):
            self.segment.with_user(colleague).action_refresh()
