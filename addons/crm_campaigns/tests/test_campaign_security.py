from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CampaignCommon

MONEY = ("crm_budget", "crm_cost", "crm_collected", "crm_roi", "crm_budget_alert")


@tagged("post_install", "-at_install")
class TestCampaignSecurity(CampaignCommon):
    """Roles by operations on campaigns, their budgets, members, touches and money."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls._create_user("suite_portal", "base.group_portal")
        cls.strange = cls._create_campaign("Strange", user=cls.colleague_marketer)
        cls.line = cls._budget(1000)
        cls.strange_line = cls._budget(1000, campaign=cls.strange)
        values = {"campaign_id": cls.campaign.id, "partner_id": cls.customer.id}
        cls.member = cls.env["crm.campaign.member"].create(values)
        cls.touch = cls.env["crm.campaign.touch"].create(values)

    def _may(self, user, record, operation):
        return record.with_user(user).has_access(operation)

    def _assert_matrix(self, record, matrix):
        """``matrix``: {user: string of r, w, c, u for what the user may do with ``record``}."""
        letters = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
        for user, allowed in matrix.items():
            found = "".join(
                letter for letter, name in letters.items() if self._may(user, record, name)
            )
            self.assertEqual(found, allowed, f"{user.login} on {record}")

    def test_campaigns(self):
        self._assert_matrix(
            self.campaign,
            {
                self.marketer: "rwcu",
                self.colleague_marketer: "rc",
                self.marketing_manager: "rwcu",
                self.salesperson: "rc",
                self.biller: "rc",
                self.reader: "rc",
                self.employee: "rc",
                self.portal: "",
            },
        )

    def test_every_employee_still_writes_campaigns_that_nobody_planned(self):
        unplanned = self._create_campaign("From a link", crm_date_start=False, crm_date_end=False)
        self._assert_matrix(unplanned, {self.employee: "rwc", self.salesperson: "rwc"})

    def test_budget_lines(self):
        self._assert_matrix(
            self.line,
            {
                self.marketer: "rwcu",
                self.colleague_marketer: "r",
                self.marketing_manager: "rwcu",
                self.salesperson: "",
                self.biller: "r",
                self.reader: "r",
                self.employee: "",
                self.portal: "",
            },
        )
        self._assert_matrix(self.strange_line, {self.marketer: "r"})

    def test_members(self):
        self._assert_matrix(
            self.member,
            {
                self.marketer: "rwcu",
                self.colleague_marketer: "rwcu",
                self.marketing_manager: "rwcu",
                self.salesperson: "r",
                self.colleague: "",
                self.sales_manager: "r",
                self.biller: "",
                self.employee: "",
                self.portal: "",
            },
        )

    def test_touches(self):
        self._assert_matrix(
            self.touch,
            {
                self.marketer: "rc",
                self.marketing_manager: "rc",
                self.salesperson: "r",
                self.colleague: "",
                self.sales_manager: "r",
                self.biller: "",
                self.employee: "",
                self.portal: "",
            },
        )

    def test_money_rows(self):
        row = self.env["crm.campaign.money"].search([("campaign_id", "=", self.campaign.id)])
        self._assert_matrix(
            row,
            {
                self.marketer: "r",
                self.marketing_manager: "r",
                self.biller: "r",
                self.reader: "r",
                self.salesperson: "",
                self.employee: "",
                self.portal: "",
            },
        )

    def test_marketing_and_accounting_read_the_money_and_others_do_not(self):
        self._bill(300)
        self._fresh(self.campaign)
        for user in (self.marketer, self.colleague_marketer, self.biller, self.reader):
            values = self.campaign.with_user(user).read(MONEY)[0]
            self.assertEqual(values["crm_cost"], 300, user.login)
        for user in (self.salesperson, self.employee):
            for name in MONEY:
                with self.assertRaises(AccessError, msg=f"{user.login} {name}"):
                    self.campaign.with_user(user).read([name])

    def test_a_marketer_reads_the_figures_without_reading_the_ledger(self):
        self.assertFalse(self.env["account.move.line"].with_user(self.marketer).has_access("read"))
        self.assertEqual(self.campaign.with_user(self.marketer).crm_budget, 1000)

    def test_companies_do_not_see_each_others_campaigns(self):
        other = self._other_company()
        foreign = (
            self.env["utm.campaign"]
            .sudo()
            .create(
                {
                    "title": "Foreign",
                    "company_id": other.id,
                    "crm_date_start": date(2026, 3, 1),
                    "crm_date_end": date(2026, 3, 31),
                }
            )
        )
        line = self._budget(1, campaign=foreign)
        member = self.env["crm.campaign.member"].create(
            {"campaign_id": foreign.id, "partner_id": self.customer.id}
        )
        touch = self.env["crm.campaign.touch"].create(
            {"campaign_id": foreign.id, "partner_id": self.customer.id}
        )
        for record in (foreign, line, member, touch):
            self.assertFalse(self._may(self.marketing_manager, record, "read"), record)
        rows = self.env["crm.campaign.money"].with_user(self.marketing_manager)
        self.assertFalse(rows.search([("campaign_id", "=", foreign.id)]))

    def test_actions_recheck_rights(self):
        strange = self.strange.with_user(self.marketer)
        for name in ("action_crm_cancel", "action_crm_request_approval"):
            with self.assertRaises(UserError, msg=name):
                getattr(strange, name)()

    def test_marketing_users_change_only_their_own_segments(self):
        segment = (
            self.env["crm.segment"]
            .with_user(self.marketer)
            .create({"name": "Mine", "kind": "static", "company_id": self.company.id})
        )
        self._assert_matrix(
            segment,
            {self.marketer: "rwcu", self.colleague_marketer: "r", self.marketing_manager: "rwcu"},
        )
