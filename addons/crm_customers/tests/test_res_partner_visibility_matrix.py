from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, MissingError
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import CrmCommon

MODES = ("own", "team", "all")
# Who sees a customer of "owner", a member of a team below an office.
TABLE = """
user            own  team  all
owner           yes  yes   yes
shared          yes  yes   yes
expired         no   no    yes
teammate        no   yes   yes
team_leader     yes  yes   yes
office_leader   yes  yes   yes
office_member   no   yes   yes
elsewhere       no   no    yes
all_documents   yes  yes   yes
"""


@tagged("post_install", "-at_install")
class TestVisibilityMatrix(CrmCommon, HttpCase):
    """Own, shared with expiry, team, subtree and all, by every way to a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        salesman = "sales_team.group_sale_salesman"
        cls.users = {
            name: cls._create_user(
                f"matrix_{name}",
                (f"{salesman}_all_leads" if name == "all_documents" else salesman)
                + ",base.group_allow_export",
            )
            for name in cls._read_table()
        }
        cls._create_teams()
        owner, shared, expired = (cls.users[name] for name in ("owner", "shared", "expired"))
        cls.target = cls.env["res.partner"].create(
            {
                "name": "矩阵可见性有限公司",
                "is_company": True,
                "user_id": owner.id,
                "company_id": cls.company.id,
                "phone": "+86 21 5080 7777",
            }
        )
        today = fields.Date.context_today(cls.target.with_user(owner))
        cls.env["crm.customer.member"].with_user(owner).create(
            [
                {"partner_id": cls.target.id, "user_id": user.id, "date_to": day}
                for user, day in ((shared, today), (expired, today - timedelta(days=1)))
            ]
        )
        cls.target.message_post(body="要求下周报价")
        cls.target.activity_schedule("mail.mail_activity_data_call", user_id=owner.id)
        cls.env.flush_all()

    @classmethod
    def _read_table(cls):
        """Return ``{user: {mode: whether he sees}}``."""
        head, *lines = TABLE.strip().splitlines()
        assert tuple(head.split()[1:]) == MODES
        return {
            line.split()[0]: {
                mode: word == "yes" for mode, word in zip(MODES, line.split()[1:], strict=True)
            }
            for line in lines
        }

    @classmethod
    def _create_teams(cls):
        office, team, elsewhere = cls.env["crm.team"].create(
            [
                {"name": name, "company_id": cls.company.id, "user_id": leader and leader.id}
                for name, leader in (
                    ("矩阵大区", cls.users["office_leader"]),
                    ("矩阵小组", cls.users["team_leader"]),
                    ("别的小组", False),
                )
            ]
        )
        team.parent_id = office
        team.member_ids = cls.users["owner"] | cls.users["teammate"]
        office.member_ids = cls.users["office_member"]
        elsewhere.member_ids = cls.users["elsewhere"] | cls.users["shared"] | cls.users["expired"]

    # Ways: each returns whether it shows the customer

    def _by_search(self, partners):
        return bool(partners.search([("phone", "like", "5080 7777")]))

    def _by_count(self, partners):
        return bool(partners.search_count([("name", "=", self.target.name)]))

    def _by_group(self, partners):
        groups = partners.formatted_read_group(
            [("name", "=", self.target.name)], ["user_id"], ["__count"]
        )
        return bool(groups)

    def _by_list_groups(self, partners):
        found = partners.web_read_group([("name", "=", self.target.name)], ["crm_lifecycle"])
        return bool(found["groups"])

    def _by_export(self, partners):
        return bool(partners.browse(self.target.id).export_data(["phone"])["datas"])

    def _by_name_search(self, partners):
        return self.target.id in dict(partners.name_search(self.target.name))

    def _by_reading(self, partners):
        return bool(partners.browse(self.target.id).web_read({"phone": {}}))

    def _by_chatter(self, partners):
        messages = partners.env["mail.message"]
        about = [("model", "=", "res.partner"), ("res_id", "=", self.target.id)]
        return bool(messages.search(about))

    def _by_writing_in_the_chatter(self, partners):
        return bool(partners.browse(self.target.id).message_post(body="在吗"))

    def _by_activity(self, partners):
        about = [("crm_customer_id", "=", self.target.id)]
        return bool(partners.env["mail.activity"].search(about))

    def _by_owner_log(self, partners):
        return bool(partners.env["crm.owner.log"].search([("partner_id", "=", self.target.id)]))

    def _by_the_customers_page(self, partners):
        return bool(partners.browse(self.target.id).crm_get_overview())

    def _list_ways(self):
        return [name for name in dir(self) if name.startswith("_by_")]

    def _shows(self, way, user):
        self.env.invalidate_all()
        partners = self.env["res.partner"].with_user(user)
        # What one writes in the chatter he may read for ever, so nothing written stays.
        with self.env.cr.savepoint() as savepoint:
            try:
                return getattr(self, way)(partners)
            except (AccessError, MissingError):
                return False
            finally:
                savepoint.rollback()

    def test_every_way_shows_what_the_mode_allows_and_nothing_else(self):
        # Reading does not need the right to write in the chatter; writing there does.
        writers = {
            mode: {name for name, user in self.users.items() if self._may_write(mode, user)}
            for mode in MODES
        }
        ways = self._list_ways()
        self.assertGreater(len(ways), 10)
        for mode in MODES:
            self._set_mode(mode)
            for name, sees in self._read_table().items():
                for way in ways:
                    expected = sees[mode]
                    if way in ("_by_writing_in_the_chatter", "_by_activity"):
                        expected = name in writers[mode]
                    self.assertEqual(
                        self._shows(way, self.users[name]), expected, (mode, name, way)
                    )

    def _set_mode(self, mode):
        self.company.crm_customer_visibility = mode
        self.env.flush_all()

    def _may_write(self, mode, user):
        self._set_mode(mode)
        self.env.invalidate_all()
        return self.target.with_user(user).has_access("write")

    def test_who_may_write_sees_and_a_reader_with_a_day_does_not_write(self):
        table = self._read_table()
        for mode in MODES:
            for name, user in self.users.items():
                if self._may_write(mode, user):
                    self.assertTrue(table[name][mode], (mode, name))
        self.assertFalse(self._may_write("own", self.users["shared"]))
        self.assertTrue(self._may_write("own", self.users["owner"]))

    @mute_logger("odoo.http")
    def test_remote_calls_show_the_same(self):
        call = {"model": "res.partner", "method": "read", "args": [self.target.ids, ["phone"]]}
        for name, sees in self._read_table().items():
            self.authenticate(f"matrix_{name}", f"matrix_{name}")
            for mode in MODES:
                self._set_mode(mode)
                self.env.invalidate_all()
                params = {**call, "kwargs": {}}
                try:
                    rows = self.make_jsonrpc_request("/web/dataset/call_kw", params)
                except JsonRpcException as refused:
                    self.assertIn("AccessError", str(refused))
                    rows = []
                self.assertEqual(bool(rows), sees[mode], (mode, name))
