from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

SEGMENT_MODEL = "odoo.addons.crm_customers.models.crm_segment.CrmSegment"


class SegmentCase(TransactionCase):
    """Customers in three cities, and a salesperson who owns segments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, lang="en_US", tracking_disable=True))
        cls.owner = new_test_user(
            cls.env, login="segment_owner", groups="sales_team.group_sale_salesman"
        )
        cls.hangzhou, cls.suzhou, cls.ningbo = (
            cls._create_customers(city, 3) for city in ("杭州市", "苏州市", "宁波市")
        )
        cls.segment = cls._create_segment([("city", "=", "杭州市"), ("ref", "=", "SEG")])

    @classmethod
    def _create_customers(cls, city, count):
        return cls.env["res.partner"].create(
            [{"name": f"{city}客户 {index}", "city": city, "ref": "SEG"} for index in range(count)]
        )

    @classmethod
    def _create_segment(cls, domain=(), user=None, **values):
        return (
            cls.env["crm.segment"]
            .with_user(user or cls.owner)
            .create({"name": "Segment", "domain": str(list(domain)), **values})
        )

    def _members(self, segment=None):
        return (segment or self.segment).sudo().member_ids.partner_id


@tagged("post_install", "-at_install")
class TestCrmSegment(SegmentCase):
    """Members by hand and by condition."""

    def test_a_refresh_makes_the_members_what_the_condition_gives(self):
        self.assertTrue(self.segment.is_stale)
        self.segment.action_refresh()
        self.assertEqual(self._members(), self.hangzhou)
        self.assertEqual(self.segment.member_count, 3)
        self.assertTrue(self.segment.last_refresh)
        self.assertGreater(self.segment.last_duration, 0)
        self.assertFalse(self.segment.is_stale)

    def test_a_refresh_writes_only_the_difference(self):
        self.segment.action_refresh()
        kept = self.segment.member_ids.filtered(
            lambda member: member.partner_id in self.hangzhou[:2]
        )
        self.hangzhou[2].city = "宁波市"
        self.suzhou[0].city = "杭州市"
        self.env.flush_all()
        self.assertEqual(list(self.segment._write_member_changes()), [1, 1])
        self.env.invalidate_all()
        self.assertLess(kept, self.segment.member_ids)
        self.assertEqual(self._members(), self.hangzhou[:2] | self.suzhou[0])
        self.assertEqual(list(self.segment._write_member_changes()), [0, 0])

    def test_changes_not_written_to_the_database_yet_are_seen(self):
        self.hangzhou[0].city = "宁波市"
        self.segment.action_refresh()
        self.assertEqual(self._members(), self.hangzhou[1:])

    def test_archived_customers_are_no_members(self):
        self.hangzhou[0].active = False
        self.segment.action_refresh()
        self.assertEqual(self._members(), self.hangzhou[1:])

    def test_a_new_condition_shows_that_a_refresh_is_due(self):
        self.segment.action_refresh()
        self.segment.domain = str([("city", "=", "苏州市"), ("ref", "=", "SEG")])
        self.assertTrue(self.segment.is_stale)
        self.assertEqual(self._members(), self.hangzhou)
        self.segment.action_refresh()
        self.assertEqual(self._members(), self.suzhou)

    def test_a_condition_on_the_age_of_a_record_moves_with_the_date(self):
        self.segment.domain = "[('ref', '=', 'SEG'), ('create_date', '>=', 'today -30d')]"
        self.segment.action_refresh()
        self.assertEqual(len(self._members()), 9)
        with freeze_time(fields.Datetime.add(fields.Datetime.now(), days=60)):
            self.segment.action_refresh()
        self.assertFalse(self._members())

    def test_a_wrong_condition_is_refused_with_its_reason(self):
        for domain in (
            "[('no_such_field', '=', 1)]",
            "[('city', 'resembles', 'x')]",
            "__import__('os').getcwd()",
            "[('create_date', '>', 'some day')]",
            "nonsense",
        ):
            with self.assertRaisesRegex(ValidationError, "“Segment”"), mute_logger("odoo.sql_db"):
                self.segment.domain = domain
            self.env.invalidate_all()

    def test_the_condition_is_evaluated_with_the_owner_s_rights(self):
        other = self.env["res.company"].create({"name": "Other Segment Company"})
        self.hangzhou[0].company_id = other
        self.segment.sudo().action_refresh()
        self.assertEqual(self._members(), self.hangzhou[1:])

    def test_a_condition_on_a_field_the_owner_may_not_read_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "cannot be evaluated"):
            self.segment.domain = "[('credit_limit', '>', 0)]"

    def test_an_owner_works_in_the_segment_s_company(self):
        other = self.env["res.company"].create({"name": "Other Segment Company"})
        with self.assertRaisesRegex(ValidationError, "does not work in"):
            self.segment.sudo().company_id = other

    def test_only_a_manager_gives_a_segment_another_owner(self):
        boss = new_test_user(self.env, login="segment_boss", groups="sales_team.group_sale_manager")
        with self.assertRaisesRegex(UserError, "sales manager"):
            self.segment.user_id = boss
        with self.assertRaises(AccessError):
            self._create_segment(user_id=boss.id)
        self.segment.with_user(boss).user_id = boss
        self.assertEqual(self.segment.sudo().user_id, boss)

    def test_members_chosen_by_hand_stay(self):
        segment = self._create_segment(kind="static")
        self.env["crm.segment.member"].with_user(self.owner).create(
            [{"segment_id": segment.id, "partner_id": one.id} for one in self.suzhou]
        )
        segment.action_refresh()
        self.assertEqual(self._members(segment), self.suzhou)
        segment.member_ids[0].unlink()
        self.assertEqual(segment.member_count, 2)

    def test_members_of_a_condition_are_not_edited_by_hand(self):
        self.segment.action_refresh()
        with self.assertRaisesRegex(ValidationError, "come from its condition"):
            self.env["crm.segment.member"].create(
                {"segment_id": self.segment.id, "partner_id": self.suzhou[0].id}
            )
        with self.assertRaisesRegex(UserError, "come from its condition"):
            self.segment.member_ids[0].unlink()

    def test_switching_to_choosing_by_hand_freezes_the_members(self):
        self.segment.action_refresh()
        self.segment.kind = "static"
        self.hangzhou[0].city = "宁波市"
        self.segment.action_refresh()
        self.assertEqual(self._members(), self.hangzhou)

    def test_a_customer_is_a_member_once(self):
        segment = self._create_segment(kind="static")
        line = {"segment_id": segment.id, "partner_id": self.suzhou[0].id}
        self.env["crm.segment.member"].create(line)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            self.env["crm.segment.member"].create(line)

    def test_a_customer_of_another_company_is_no_member(self):
        segment = self._create_segment(kind="static")
        self.suzhou[0].company_id = self.env["res.company"].create({"name": "Other"})
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.env["crm.segment.member"].create(
                {"segment_id": segment.id, "partner_id": self.suzhou[0].id}
            )

    def test_customers_picked_in_the_list_are_added_once(self):
        segment = self._create_segment(kind="static")
        for people in (self.suzhou[:2], self.suzhou):
            wizard = (
                self.env["crm.segment.add"]
                .with_user(self.owner)
                .create({"segment_id": segment.id, "partner_ids": [Command.set(people.ids)]})
            )
            action = wizard.action_add()
        self.assertEqual(self._members(segment), self.suzhou)
        self.assertEqual(action["domain"], [("segment_id", "=", segment.id)])

    def test_deleting_a_segment_deletes_its_members(self):
        self.segment.action_refresh()
        members = self.segment.member_ids
        self.segment.unlink()
        self.assertFalse(members.exists())

    def test_the_number_of_queries_does_not_depend_on_the_number_of_members(self):
        self.segment.action_refresh()
        self.env.flush_all()
        counts = []
        for _round in range(2):
            before = self.env.cr.sql_log_count
            self.segment._refresh()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self._create_customers("杭州市", 200)
            self.env.flush_all()
        self.segment._refresh()
        self.assertEqual(self.segment.member_count, 403)
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[1], 15)


@tagged("post_install", "-at_install")
class TestCrmSegmentCron(SegmentCase):
    """The nightly run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.segment"].search([("id", "!=", cls.segment.id)]).active = False
        cls.broken = cls._create_segment([("city", "=", "苏州市")], name="Broken")
        cls.cron = cls.env.ref("crm_customers.crm_segment_cron_refresh")

    def _run(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_the_night_refreshes_what_is_due_and_not_twice(self):
        self._run()
        self.assertEqual(self._members(), self.hangzhou)
        self.hangzhou[0].city = "宁波市"
        self._run()
        self.assertEqual(self._members(), self.hangzhou)
        self.segment.last_refresh = fields.Datetime.subtract(fields.Datetime.now(), hours=7)
        self._run()
        self.assertEqual(self._members(), self.hangzhou[1:])

    def test_a_segment_that_fails_keeps_its_members_and_stops_no_other(self):
        original = type(self.env["crm.segment"])._write_member_changes

        def fail(segment):
            if segment.name == "Broken":
                raise ValueError("the field is gone")
            return original(segment)

        with patch(f"{SEGMENT_MODEL}._write_member_changes", fail):
            self._run()
        self.assertEqual(self.broken.last_error, "the field is gone")
        self.assertFalse(self.broken.last_refresh)
        self.assertEqual(self._members(), self.hangzhou)
        self._run()
        self.assertFalse(self.broken.last_error)


@tagged("post_install", "-at_install")
class TestCrmSegmentMerge(SegmentCase):
    """Merging customers keeps every segment they are in."""

    def test_a_merge_keeps_the_segments_of_both(self):
        common, left, right = (
            self._create_segment(kind="static", name=name) for name in ("Both", "One", "Two")
        )
        survivor, twin, third = self.suzhou
        pairs = [(common, survivor), (common, twin), (common, third)]
        pairs += [(left, survivor), (right, twin), (right, third)]
        self.env["crm.segment.member"].create(
            [{"segment_id": segment.id, "partner_id": one.id} for segment, one in pairs]
        )
        self.env["base.partner.merge.automatic.wizard"]._merge(self.suzhou.ids, survivor)
        for segment in (common, left, right):
            self.assertEqual(self._members(segment), survivor, segment.name)
