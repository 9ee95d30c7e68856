"""Fixtures of the campaign tests: two roles more, a campaign, bills and leads. No test lives here.

marketer            own campaigns       crm_campaigns.group_marketing_user
colleague_marketer  own campaigns       another marketer
marketing_manager   all, approves       crm_campaigns.group_marketing_manager
employee            nothing special     base.group_user
"""

from datetime import date

from odoo import Command

from odoo.addons.crm_customers.tests.common import CrmCommon


class CampaignCommon(CrmCommon):
    """A campaign of the marketer, with helpers for what it costs and brings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        user_group = "crm_campaigns.group_marketing_user"
        cls.marketer = cls._create_user("suite_marketer", user_group)
        cls.colleague_marketer = cls._create_user("suite_marketer_2", user_group)
        cls.marketing_manager = cls._create_user(
            "suite_marketing_manager", "crm_campaigns.group_marketing_manager"
        )
        cls.employee = cls._create_user("suite_employee", "base.group_user")
        cls.campaign = cls._create_campaign("Spring Exhibition")
        cls.vendor = cls.env["res.partner"].create({"name": "会展服务有限公司", "is_company": True})

    @classmethod
    def _create_campaign(cls, title, user=None, **values):
        """Return a draft campaign of ``user`` that runs in March 2026."""
        return (
            cls.env["utm.campaign"]
            .with_user(user or cls.marketer)
            .create(
                {
                    "title": title,
                    "crm_date_start": date(2026, 3, 1),
                    "crm_date_end": date(2026, 3, 31),
                    "company_id": cls.company.id,
                    **values,
                }
            )
        )

    @classmethod
    def _budget(cls, amount, campaign=None, **values):
        """Plan ``amount`` for March."""
        campaign = campaign or cls.campaign
        return cls.env["crm.campaign.budget.line"].create(
            {
                "campaign_id": campaign.id,
                "channel": "event",
                "month": date(2026, 3, 15),
                "amount": amount,
                "currency_id": cls.company.currency_id.id,
                **values,
            }
        )

    @classmethod
    def _bill(cls, amount, *, move_type="in_invoice", campaign=None, post=True, **values):
        """Return a vendor bill (or credit) whose only line costs the campaign ``amount``."""
        campaign = cls.campaign if campaign is None else campaign
        bill = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": cls.vendor.id,
                "invoice_date": date(2026, 3, 10),
                "date": date(2026, 3, 10),
                "company_id": cls.company.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Stand",
                            "quantity": 1,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                            "crm_campaign_id": campaign.id,
                        }
                    )
                ],
                **values,
            }
        )
        if post:
            bill.action_post()
        return bill

    @classmethod
    def _customer(cls, name, campaign=None, **values):
        """Return a customer whom the campaign brought."""
        campaign = cls.campaign if campaign is None else campaign
        return cls.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "email": f"{name.lower().replace(' ', '.')}@example.com",
                "crm_campaign_id": campaign.id,
                **values,
            }
        )

    @classmethod
    def _segment(cls, partners, name="Guests"):
        """Return a segment chosen by hand."""
        return cls.env["crm.segment"].create(
            {
                "name": name,
                "kind": "static",
                "company_id": cls.company.id,
                "member_ids": [Command.create({"partner_id": p.id}) for p in partners],
            }
        )

    @classmethod
    def _other_company(cls):
        """Return a second company with a chart of accounts, which none of the users works in."""
        company = cls.env["res.company"].create(
            {"name": "Other Company", "currency_id": cls.company.currency_id.id}
        )
        cls.env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        company.currency_id = cls.company.currency_id
        return company

    def _fresh(self, record):
        """Return the record read anew, as the next request would."""
        self.env.flush_all()
        self.env.invalidate_all()
        return record
