"""Personal data in the documents of all addons: exported, and gone after erasure."""

import io
import json
import zipfile

from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_customers.tests.test_crm_privacy import EMAIL, NAME, PHONE, PrivacyCommon


@tagged("post_install", "-at_install")
class TestPrivacyDocuments(PrivacyCommon):
    """Tickets, incoming mail, campaigns, mailing lists and quotations of one person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env, person = cls.env, cls.person
        cls.ticket = env["crm.service.ticket"].create(
            {
                "subject": f"{NAME}: machine stands still",
                "partner_id": person.id,
                "description": f"<p>Call {PHONE}</p>",
            }
        )
        campaign = env["utm.campaign"].create({"name": "Spring", "company_id": cls.company.id})
        env["crm.campaign.member"].create({"campaign_id": campaign.id, "partner_id": person.id})
        mailings = env["mailing.list"].create({"name": "News"})
        env["mailing.contact"].create(
            {"name": NAME, "email": EMAIL, "list_ids": [Command.link(mailings.id)]}
        )
        env["mail.blacklist"]._add(EMAIL)
        product = env["product.product"].create({"name": "Pump"})
        cls.order = env["sale.order"].create(
            {
                "partner_id": person.id,
                "client_order_ref": f"{NAME} 001",
                "order_line": [Command.create({"product_id": product.id})],
            }
        )
        env.flush_all()

    def test_the_export_holds_what_each_addon_knows(self):
        content = self.person.with_user(self.officer)._export_personal_data()
        data = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("data.json"))
        self.assertEqual(data["tickets"][0]["subject"], self.ticket.subject)
        self.assertEqual(data["members"][0]["campaign_id"], "Spring")
        self.assertEqual(data["mailing_contacts"][0]["email"], EMAIL)
        self.assertEqual(data["orders"][0]["name"], self.order.name)

    def test_after_erasure_no_addon_holds_the_person(self):
        self._erase()
        self.assertEqual(self._scan(NAME, EMAIL, "139 1234 8765", "13912348765"), set())
        self.assertTrue(self.ticket.exists())
        self.assertIn("machine stands still", self.ticket.subject)

    def test_a_confirmed_order_stays_and_says_so(self):
        self.order.action_confirm()
        erasure = self._erase()
        stays = erasure.line_ids.filtered(lambda line: line.how == "stay").mapped("what")
        self.assertTrue([text for text in stays if "Confirmed orders" in text])
        self.assertIn(NAME, self.order.client_order_ref)
        self.assertEqual({table for table, _column in self._scan(NAME)}, {"sale_order"})
