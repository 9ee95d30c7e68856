"""Documents of sales, campaigns and service survive a merge of their customers, and its undoing."""

from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_customers.tests.merge_common import MergeCommon


@tagged("post_install", "-at_install")
class TestMergeDocuments(MergeCommon):
    """Both customers have a document of every addon; links per table stay the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = cls._create_customer("上海试点机械二厂", user_id=cls.salesperson.id)
        cls.both = cls.customer | cls.twin
        cls.campaign = cls.env["utm.campaign"].create({"name": "Fair"})
        cls.product = cls.env["product.product"].create({"name": "Licence", "list_price": 100})
        cls.tickets = cls.env["crm.service.ticket"].create(
            [{"subject": f"Fault {partner.id}", "partner_id": partner.id} for partner in cls.both]
        )
        cls.orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "order_line": [Command.create({"product_id": cls.product.id})],
                }
                for partner in cls.both
            ]
        )
        cls.contracts = cls.env["crm.contract"].create(
            [
                {
                    "subject": "Plan",
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "amount_total": 1000,
                    "plan_line_ids": [
                        Command.create({"name": "One", "percent": 100, "event": "signed"})
                    ],
                }
                for partner in cls.both
            ]
        )
        cls.members = cls.env["crm.campaign.member"].create(
            [
                {"campaign_id": cls.campaign.id, "partner_id": cls.customer.id, "state": "planned"},
                {"campaign_id": cls.campaign.id, "partner_id": cls.twin.id, "state": "attended"},
            ]
        )
        cls.touch = cls.env["crm.campaign.touch"].create(
            {"campaign_id": cls.campaign.id, "partner_id": cls.twin.id}
        )
        cls.env.flush_all()

    def test_documents_of_every_addon_move_and_come_back(self):
        before = self._count_links(self.both)
        tables = {table for table, _column, partner in before if partner == self.twin.id}
        for table in ("crm_service_ticket", "sale_order", "crm_contract", "crm_campaign_touch"):
            self.assertIn(table, tables)
        log = self._merge(self.both, self.customer)
        self.assertEqual(self.tickets.partner_id, self.customer)
        self.assertEqual(self.orders.partner_id, self.customer)
        self.assertEqual(self.contracts.partner_id, self.customer)
        self.assertEqual(self.touch.partner_id, self.customer)
        # of two memberships of one person the furthest stays
        self.assertEqual(self.members.exists(), self.members[1])
        self.assertEqual(self.members[1].partner_id, self.customer)
        log.action_undo()
        self.env.invalidate_all()
        self.assertFalse(log.undo_note)
        self.assertEqual(self.tickets.mapped("partner_id"), self.both)
        self.assertEqual(self.members.mapped("state"), ["planned", "attended"])
        back = self._count_links(self.both)
        differing = {place for place in before | back if before[place] != back[place]}
        self.assertEqual({table for table, _column, _partner in differing}, {"mail_message"})
