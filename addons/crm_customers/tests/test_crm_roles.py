from odoo import Command
from odoo.exceptions import AccessError, MissingError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .pool_common import PoolCommon

LETTERS = {"read": "r", "write": "w", "create": "c", "unlink": "u"}
ROLES = ("portal", "seller", "other", "all", "manager", "pool", "biller", "reader", "admin")
# What each role may do with a record; the columns are ROLES. A "c" beside a hidden customer is the
# right to enter customers, and says nothing of this one. "seller" owns what can be owned and
# is a member of the pool, "other" is a salesperson of his own documents outside it.
TABLE = """
record          portal seller other all   manager pool  biller reader admin
customer        r      rwc    rwc   rwc   rwc     rwc   r      r      rwcu
pooled          -      c      c     rwc   rwc     rwc   r      r      c
pooled_contact  -      c      c     rwc   rwc     rwc   r      r      c
pooled_lead     -      -      -     rwc   rwcu    rwc   -      -      -
pool            -      r      -     r     rwcu    rw    -      -      -
rule            -      r      -     r     rwcu    rwcu  -      -      -
quota           -      r      -     r     r       r     -      -      -
pool_row        -      r      -     r     r       r     -      -      -
queue           -      -      -     -     -       -     -      -      r
owner_log       -      r      r     r     r       r     -      -      -
member          -      rwcu   r     rwcu  rwcu    rwcu  -      -      -
event           -      rc     -     rc    rc      rc    r      r      -
milestone       -      rwcu   -     rwcu  rwcu    rwcu  r      r      -
suspension      -      rwc    -     rwc   rwc     rwc   r      r      -
segment_member  -      rcu    r     r     rcu     r     r      r      r
import_stage    -      r      r     r     rwcu    r     r      r      r
move            -      rwc    -     -     -       -     -      -      -
followup        -      rwc    -     -     -       -     -      -      -
handover        -      -      -     -     rwc     -     -      -      -
preview         -      -      -     -     rwc     -     -      -      -
"""


@tagged("post_install", "-at_install")
class TestCrmRoles(PoolCommon):
    """Roles x operations x ways in, on the models of customers that have no such test elsewhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        portal = new_test_user(cls.env, login="roles_portal", groups="base.group_portal")
        portal.partner_id.parent_id = cls.customer
        cls.users = {
            "portal": portal,
            "seller": cls.salesperson,
            "other": cls.outsider,
            "all": cls._create_user("roles_all", "sales_team.group_sale_salesman_all_leads"),
            "manager": cls.sales_manager,
            "pool": cls.pool_admin,
            "biller": cls.biller,
            "reader": cls.reader,
            "admin": cls._create_user("roles_admin", "base.group_system"),
        }
        cls.records = cls._create_records()
        cls.env.flush_all()

    @classmethod
    def _create_records(cls):
        env, pooled = cls.env, cls.pooled[0]
        contract = cls._create_contract()
        contract.action_sign()
        lead = env["crm.lead"].create(
            {"name": "等待", "type": "opportunity", "partner_id": pooled.id, "user_id": False}
        )
        lead.crm_pooled = True
        cls.pool.with_user(cls.salesperson)._claim(cls.pooled[2])
        pooled.message_post(body="只有能看到客户的人能读")
        segment = (
            env["crm.segment"].with_user(cls.salesperson).create({"name": "分组", "kind": "static"})
        )
        env["crm.pool.queue"].create({"partner_id": cls.customer.id})
        rule = cls._create_rule()
        return {
            "customer": cls.customer,
            "pooled": pooled,
            "pooled_contact": env["res.partner"].create(
                {"name": "池中联系人", "parent_id": pooled.id}
            ),
            "pooled_lead": lead,
            "pool": cls.pool,
            "rule": rule,
            "quota": cls.pool.quota_ids,
            "pool_row": env["crm.pool.customer"].browse(pooled.id),
            "queue": env["crm.pool.queue"].search([("partner_id", "=", cls.customer.id)]),
            "owner_log": cls.pooled[2].crm_owner_log_ids,
            "member": env["crm.customer.member"].create(
                {"partner_id": cls.customer.id, "user_id": cls.colleague.id}
            ),
            "event": contract.event_ids[:1],
            "milestone": env["crm.contract.milestone"].create(
                {"contract_id": contract.id, "name": "交付"}
            ),
            "suspension": env["crm.contract.suspension"].create(
                {
                    "contract_id": contract.id,
                    "date_from": "2026-09-28",
                    "reason": "不可抗力",
                    "user_id": cls.salesperson.id,
                }
            ),
            "segment_member": env["crm.segment.member"].create(
                {"segment_id": segment.id, "partner_id": cls.customer.id}
            ),
            "import_stage": env["crm.import.stage"].search([], limit=1),
            "move": cls._as(cls.salesperson, "crm.pool.move", pool_id=cls.pool.id),
            "followup": cls._as(
                cls.salesperson, "crm.followup.record", partner_id=cls.customer.id, note="说明"
            ),
            "handover": cls._as(cls.sales_manager, "crm.handover", from_user_id=cls.salesperson.id),
            "preview": cls._as(cls.sales_manager, "crm.pool.preview", pool_id=cls.pool.id),
        }

    @classmethod
    def _as(cls, user, model, **values):
        if model == "crm.pool.move":
            values["partner_ids"] = [Command.set(cls.customer.ids)]
        return cls.env[model].with_user(user).create(values)

    def _expected(self):
        """Return ``{name: {role: operations}}`` as the table says."""
        head, *lines = TABLE.strip().splitlines()
        self.assertEqual(tuple(head.split()[1:]), ROLES)
        return {line.split()[0]: dict(zip(ROLES, line.split()[1:], strict=True)) for line in lines}

    def _ask(self, role, name):
        user = self.users[role]
        return (
            self.records[name]
            .with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids)
        )

    def _allowed(self, record):
        letters = [letter for name, letter in LETTERS.items() if record.has_access(name)]
        return "".join(letters) or "-"

    def test_operations(self):
        self.maxDiff = None
        found = {
            name: {role: self._allowed(self._ask(role, name)) for role in ROLES}
            for name in self.records
        }
        self.assertEqual(found, self._expected())

    # Ways in: each returns whether it shows the record

    def _search(self, record):
        return bool(record.search([("id", "=", record.id)]))

    def _count(self, record):
        return bool(record.search_count([("id", "=", record.id)]))

    def _group(self, record):
        groups = record.formatted_read_group([("id", "=", record.id)], [], ["__count"])
        return bool(groups[0]["__count"])

    def _name_search(self, record):
        return record.id in dict(record.name_search("", [("id", "=", record.id)]))

    def _rpc(self, record):
        return bool(call_kw(record.browse(), "read", [record.ids, ["display_name"]], {}))

    def _export(self, record):
        return bool(record.export_data(["display_name"])["datas"])

    def test_ways_in_show_what_may_be_read_and_nothing_else(self):
        for name, roles in self._expected().items():
            for role, operations in roles.items():
                for way in ("search", "count", "group", "name_search", "rpc"):
                    record = self._ask(role, name)
                    if name == "queue" and way == "name_search":
                        continue  # has no name
                    try:
                        shown = getattr(self, f"_{way}")(record)
                    except (AccessError, MissingError):
                        shown = False
                    self.assertEqual(shown, "r" in operations, (name, role, way))

    def test_export_needs_the_right_to_read_too(self):
        exporting = self.env.ref("base.group_allow_export")
        for user in self.users.values():
            if user._is_internal():
                user.group_ids = [Command.link(exporting.id)]
        for name, roles in self._expected().items():
            for role, operations in roles.items():
                if role == "portal" or "r" in operations:
                    continue
                with self.assertRaises(AccessError, msg=(name, role)):
                    self._export(self._ask(role, name))

    def test_the_chatter_of_a_hidden_customer_is_hidden_with_it(self):
        for role, operations in self._expected()["pooled"].items():
            customer = self._ask(role, "pooled")
            messages = self.env["mail.message"].with_user(self.users[role])
            found = messages.search([("model", "=", "res.partner"), ("res_id", "=", customer.id)])
            self.assertEqual(bool(found), "r" in operations, role)
            if "r" not in operations:
                with self.assertRaises(AccessError, msg=role):
                    customer.message_post(body="Can anybody hear me?")
                with self.assertRaises(AccessError, msg=role):
                    call_kw(customer.browse(), "message_post", [customer.ids], {"body": "Hello"})

    def test_activities_of_a_hidden_customer_are_hidden_with_it(self):
        self.records["pooled"].activity_schedule("mail.mail_activity_data_call")
        for role, operations in self._expected()["pooled"].items():
            if role == "portal":
                continue
            customer = self._ask(role, "pooled")
            activities = self.env["mail.activity"].with_user(self.users[role])
            found = activities.search([("crm_customer_id", "=", customer.id)])
            if "w" in operations:
                self.assertTrue(found, role)
            if "r" not in operations:
                self.assertFalse(found, role)
                with self.assertRaises(AccessError, msg=role):
                    customer.activity_schedule("mail.mail_activity_data_call")
