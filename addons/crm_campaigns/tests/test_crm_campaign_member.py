from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestCrmCampaignMember(CampaignCommon):
    """One row per campaign and person, whatever happens to the person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.members = cls.env["crm.campaign.member"]
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Person {i}", "email": f"person{i}@example.com"} for i in range(4)]
        )

    def _member(self, partner, state="planned", campaign=None):
        return self.members.create(
            {
                "campaign_id": (campaign or self.campaign).id,
                "partner_id": partner.id,
                "state": state,
            }
        )

    def test_nobody_is_a_member_twice(self):
        self._member(self.people[0])
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._member(self.people[0])

    def test_adding_passes_over_those_who_are_members(self):
        self._member(self.people[0], "responded")
        added = self.members._add(self.campaign, dict.fromkeys(self.people.ids))
        self.assertEqual(added, 3)
        self.assertEqual(self.campaign.crm_member_count, 4)
        self.assertEqual(self.campaign.crm_member_ids[-1].state, "responded")

    def test_a_member_moves_on_and_never_back(self):
        member = self._member(self.people[0])
        pair = [(self.campaign.id, self.people[0].id)]
        self.members._advance(pair, "responded")
        self.assertEqual(member.state, "responded")
        self.members._advance(pair, "invited")
        self.assertEqual(member.state, "responded")
        self.members._advance(pair, "converted")
        self.assertEqual(member.state, "converted")

    def test_moving_on_knows_the_campaign(self):
        other = self._create_campaign("Other")
        here, there = self._member(self.people[0]), self._member(self.people[0], campaign=other)
        self.members._advance([(other.id, self.people[0].id)], "invited")
        self.assertEqual((here.state, there.state), ("planned", "invited"))

    def test_a_change_of_status_is_dated(self):
        member = self._member(self.people[0])
        member.date_state = "2020-01-01 00:00:00"
        member.state = "invited"
        self.assertGreater(member.date_state.year, 2020)

    def _merge(self, partners, destination):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(partners.ids, destination)

    def test_merging_people_keeps_one_row_a_campaign_with_the_furthest_status(self):
        other = self._create_campaign("Other")
        kept, gone = self.people[:2]
        self._member(kept, "invited")
        self._member(gone, "attended")
        self._member(gone, "planned", campaign=other)
        gone.email = kept.email
        self._merge(kept | gone, kept)
        rows = self.members.search([("partner_id", "=", kept.id)])
        self.assertEqual(
            {(row.campaign_id, row.state) for row in rows},
            {(self.campaign, "attended"), (other, "planned")},
        )
        self.assertEqual(len(rows), 2)

    def test_merging_three_people_who_are_all_members(self):
        for partner in self.people[:3]:
            self._member(partner)
        self._merge(self.people[:3], self.people[1])
        self.assertEqual(self.campaign.crm_member_ids.partner_id, self.people[1])
        self.assertEqual(len(self.campaign.crm_member_ids), 1)

    def test_merging_keeps_the_touches_and_the_origin(self):
        kept, gone = self.people[:2]
        gone.crm_campaign_id = self.campaign
        touch = self.env["crm.campaign.touch"].create(
            {"campaign_id": self.campaign.id, "partner_id": gone.id}
        )
        self._merge(kept | gone, kept)
        touch.invalidate_recordset()
        self.assertEqual(touch.partner_id, kept)
        self.assertEqual(kept.crm_campaign_id, self.campaign)

    def test_adding_members_costs_the_same_for_one_and_for_many(self):
        many = self.env["res.partner"].create([{"name": f"Guest {i}"} for i in range(100)])
        self.members._add(self.campaign, {self.people[0].id: None})
        self.env.flush_all()
        counts = []
        for some in (many[:1], many):
            before = self.cr.sql_log_count
            self.members._add(self.campaign, dict.fromkeys(some.ids))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts, [1, 1])
