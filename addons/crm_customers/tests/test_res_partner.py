from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import CrmCommon


@tagged("post_install", "-at_install")
class TestResPartner(CrmCommon):
    """What makes a contact a customer."""

    def test_a_wrong_credit_code_is_refused_with_the_reason(self):
        partners = self.env["res.partner"].with_user(self.salesperson)
        values = {
            "name": "上海核对有限公司",
            "is_company": True,
            "country_id": self.env.ref("base.cn").id,
        }
        with self.assertRaisesRegex(ValidationError, "91320594MA1K300021"):
            partners.create({**values, "vat": "91320594MA1K300021"})
        partner = partners.create({**values, "vat": "91320594MA1K30002N"})
        self.assertEqual(partner.vat, "91320594MA1K30002N")

    def test_companies_are_numbered_and_contacts_share_their_company_s_number(self):
        self.assertRegex(self.customer.crm_code, r"^C\d{5}$")
        self.assertEqual(self.signatory.crm_code, self.customer.crm_code)

    def test_a_lead_hands_its_origin_on_to_the_customer(self):
        campaign = self.env["utm.campaign"].create({"name": "Autumn fair"})
        source = self.env["utm.source"].create({"name": "Fair stand"})
        lead = self.env["crm.lead"].create(
            {
                "name": "Interested",
                "type": "lead",
                "partner_name": "上海新客户有限公司",
                "campaign_id": campaign.id,
                "source_id": source.id,
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
            }
        )
        lead.with_user(self.salesperson)._handle_partner_assignment()
        customer = lead.partner_id.commercial_partner_id
        self.assertEqual((customer.crm_campaign_id, customer.crm_source_id), (campaign, source))

    def test_the_first_known_origin_stays(self):
        first, second = self.env["utm.campaign"].create([{"name": "First"}, {"name": "Second"}])
        for campaign in (first, second):
            lead = self.env["crm.lead"].create(
                {
                    "name": "Interested",
                    "partner_id": self.customer.id,
                    "campaign_id": campaign.id,
                    "company_id": self.company.id,
                }
            )
            lead._handle_partner_assignment(force_partner_id=self.customer.id)
        self.assertEqual(self.customer.crm_campaign_id, first)

    def test_the_contract_count_costs_the_same_for_one_and_for_a_hundred_customers(self):
        partners = self.env["res.partner"].create(
            [{"name": f"客户 {index}", "is_company": True} for index in range(100)]
        )
        self._create_contract(partner_id=partners[0].id)
        self.env.flush_all()
        for batch in (partners[:1], partners):
            batch.invalidate_recordset(["crm_contract_count", "crm_facts"])
            with self.assertQueryCount(2):
                batch.mapped("crm_contract_count")
        self.assertEqual(partners[0].crm_contract_count, 1)

    def test_a_team_cannot_stand_above_itself(self):
        office, team = self.env["crm.team"].create([{"name": "Office"}, {"name": "Team"}])
        team.parent_id = office
        self.assertIn(team, self.env["crm.team"].search([("id", "child_of", office.id)]))
        with self.assertRaises(UserError):
            office.parent_id = team
