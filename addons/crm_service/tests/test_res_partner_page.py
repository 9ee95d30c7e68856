"""Inspections, acceptances and notices in the customer's timeline, for whom they are visible."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common import ServiceCommon


@tagged("post_install", "-at_install")
class TestServiceTimeline(ServiceCommon):
    """Visits done and planned, an acceptance under inspection, notices to two customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.contract = cls._sign_contract()
        days = [cls.today - timedelta(days=9), cls.today + timedelta(days=9)]
        cls.done, cls.coming, cls.off = cls.env["crm.service.visit"].create(
            [
                {"contract_id": cls.contract.id, "date": day, "user_id": cls.agent.id}
                for day in (*days, days[1])
            ]
        )
        cls.done.write({"state": "done", "done_on": days[0]})
        cls.off.state = "cancelled"
        cls.acceptance = cls.env["crm.service.acceptance"].create(
            {
                "contract_id": cls.contract.id,
                "date_delivered": cls.today - timedelta(days=2),
                "item_ids": [Command.create({"name": "数据导入"})],
            }
        )
        cls.acceptance.action_submit()
        cls.notice, cls.draft, cls.foreign = cls.env["crm.service.notice"].create(
            [
                {
                    "name": name,
                    "company_id": cls.company.id,
                    "window_start": fields.Datetime.now() + timedelta(days=60),
                    "window_end": fields.Datetime.now() + timedelta(days=61),
                    "contract_ids": [Command.set(contract.ids)],
                }
                for name, contract in (
                    ("升级到 2.1", cls.contract),
                    ("未发出", cls.contract),
                    (
                        "别家的升级",
                        cls._sign_contract(
                            partner_id=cls.rival.id, partner_signatory_id=cls.rival_contact.id
                        ),
                    ),
                )
            ]
        )
        cls.notice.action_send()
        cls.foreign.action_send()
        cls.env.flush_all()

    def _read(self, user, customer=None):
        """Return what is planned and what happened as {(kind, title)}, in service only."""
        self.env.invalidate_all()
        page = (customer or self.customer).with_user(user).crm_get_timeline(limit=100)
        service = {"visit", "acceptance", "notice"}
        return tuple(
            {(row["kind"], row["title"]) for row in page[part] if row["kind"] in service}
            for part in ("planned", "timeline")
        )

    def test_the_owner_of_the_customer_sees_what_is_planned_and_what_was_done(self):
        planned, happened = self._read(self.salesperson)
        self.assertEqual(
            planned,
            {
                ("visit", self.coming.name),
                ("acceptance", self.acceptance.name),
                ("notice", "升级到 2.1"),
            },
        )
        self.assertEqual(
            happened,
            {
                ("visit", self.done.name),
                ("acceptance", self.acceptance.name),
                ("notice", "升级到 2.1"),
            },
        )

    def test_the_next_stands_first_and_the_past_after_it(self):
        page = self.customer.with_user(self.agent).crm_get_timeline(limit=100)
        dates = [row["date"][:10] for row in page["planned"]]
        self.assertEqual(dates, sorted(dates))
        self.assertEqual(
            [row["title"] for row in page["planned"] if row["kind"] == "visit"], [self.coming.name]
        )

    def test_a_colleague_sees_no_service_of_anothers_customer(self):
        self.assertEqual(self._read(self.colleague), (set(), set()))

    def test_a_notice_of_another_customer_is_on_its_page_only(self):
        planned, _happened = self._read(self.agent, self.rival)
        self.assertIn(("notice", "别家的升级"), planned)

    def test_chosen_kinds_show_both_sides(self):
        page = self.customer.with_user(self.agent).crm_get_timeline(kinds=["visit"])
        self.assertEqual([row["title"] for row in page["planned"]], [self.coming.name])
        self.assertEqual([row["title"] for row in page["timeline"]], [self.done.name])
        self.assertEqual(len([one for one in page["kinds"] if one["kind"] == "visit"]), 1)
