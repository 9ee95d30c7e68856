import psycopg2

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .calendar_common import CalendarCase


@tagged("post_install", "-at_install")
class TestResourceCalendarMakeupSecurity(CalendarCase):
    """Roles x operations on make-up days: as on the host's calendars."""

    def test_roles_and_operations(self):
        makeup = self._add_makeup("2026-10-10")
        everything = {"read", "write", "create", "unlink"}
        for group, expected in (
            ("base.group_portal", set()),
            ("base.group_user", {"read"}),
            ("sales_team.group_sale_manager", {"read"}),
            ("base.group_system", everything),
        ):
            user = new_test_user(self.env, login=group, groups=group)
            allowed = {
                operation
                for operation in everything
                if makeup.with_user(user).has_access(operation)
            }
            self.assertEqual(allowed, expected, group)

    def test_a_date_is_a_make_up_day_once_per_calendar(self):
        self._add_makeup("2026-10-10")
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            self._add_makeup("2026-10-10")
