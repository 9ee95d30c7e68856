from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .utm_campaign_revenue import REVENUE_TYPES

LEDGER_GROUPS = ("account.group_account_readonly", "account.group_account_invoice")


class UtmCampaign(models.Model):
    """Whom a campaign addresses, who answered, and the ways from a figure to its records."""

    _inherit = "utm.campaign"

    crm_member_ids = fields.One2many("crm.campaign.member", "campaign_id", string="Members")
    crm_member_count = fields.Integer(string="Member Count", compute="_compute_crm_audience_count")
    crm_touch_ids = fields.One2many("crm.campaign.touch", "campaign_id", string="Touches")
    crm_touch_count = fields.Integer(string="Touch Count", compute="_compute_crm_audience_count")

    @api.depends("crm_member_ids", "crm_touch_ids")
    def _compute_crm_audience_count(self):
        counts = {
            model: dict(
                self.env[model]._read_group(
                    [("campaign_id", "in", self.ids)], ["campaign_id"], ["__count"]
                )
                if self.env[model].has_access("read")
                else []
            )
            for model in ("crm.campaign.member", "crm.campaign.touch")
        }
        for campaign in self:
            campaign.crm_member_count = counts["crm.campaign.member"].get(campaign._origin, 0)
            campaign.crm_touch_count = counts["crm.campaign.touch"].get(campaign._origin, 0)

    @api.constrains("company_id")
    def _check_crm_cost_company(self):
        # sudo: the ledger decides, whether the marketer sees it or not
        lines = self.env["account.move.line"].sudo()
        booked = lines._read_group(
            [("crm_campaign_id", "in", self.ids)], ["crm_campaign_id", "company_id"]
        )
        for campaign, company in booked:
            if campaign.company_id and company != campaign.company_id:
                raise ValidationError(
                    self.env._(
                        "Bills of %(company)s are booked on “%(campaign)s”, so it cannot belong"
                        " to another company.",
                        company=company.name,
                        campaign=campaign.title,
                    )
                )

    # Actions

    def action_crm_add_members(self):
        """Choose segments, see who would be left out and why, then add the others."""
        self.ensure_one()
        if self.crm_state in ("closed", "cancelled"):
            raise UserError(self.env._("This campaign is over. Nobody can join it any more."))
        audience = self.env["crm.campaign.audience"].create({"campaign_id": self.id})
        return audience._get_action()

    def action_crm_mail_members(self):
        """Prepare a mailing to the members of this campaign who did not decline, as a draft."""
        self.ensure_one()
        if not self.env.user.email:
            raise UserError(
                self.env._(
                    "A mailing needs a sender. Enter an e-mail address in your preferences first."
                )
            )
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": self.title,
                "campaign_id": self.id,
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": repr(
                    [
                        (
                            "crm_member_ids",
                            "any",
                            [("campaign_id", "=", self.id), ("state", "!=", "declined")],
                        ),
                        ("is_blacklisted", "=", False),
                    ]
                ),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "mailing.mailing",
            "res_id": mailing.id,
            "views": [(False, "form")],
        }

    def action_view_crm_members(self):
        """Open the members of this campaign."""
        return self._crm_open("crm_campaigns.crm_campaign_member_action")

    def action_view_crm_touches(self):
        """Open the touches of this campaign."""
        return self._crm_open("crm_campaigns.crm_campaign_touch_action")

    def action_view_crm_budget(self):
        """Open the budget of this campaign and its sub-campaigns."""
        action = self._crm_open("crm_campaigns.crm_campaign_budget_line_action")
        return action | {"domain": [("campaign_id", "child_of", self.ids)]}

    def action_view_crm_cost(self):
        """Open exactly the lines that add up to the actual cost."""
        return self._crm_open_cost("posted", "cost", self.env._("Actual Cost"))

    def action_view_crm_cost_committed(self):
        """Open exactly the lines that add up to the committed cost."""
        return self._crm_open_cost("draft", "committed", self.env._("Committed Cost"))

    def action_view_crm_invoiced(self):
        """Open exactly the customer documents that add up to the invoiced amount."""
        self.ensure_one()
        name = self.env._("Invoiced")
        if not self._crm_reads_ledger():
            return self._crm_open_money("invoiced", name)
        return self._crm_window(
            name,
            "account.move",
            [
                ("commercial_partner_id.crm_campaign_id", "child_of", self.ids),
                ("company_id", "=", self._crm_company().id),
                ("state", "=", "posted"),
                ("move_type", "in", REVENUE_TYPES),
            ],
            list_view="account.view_out_invoice_tree",
        )

    def action_view_crm_collected(self):
        """Open the receipts that add up to the collected amount."""
        self.ensure_one()
        return self._crm_open_money("collected", self.env._("Collected"))

    def action_view_crm_customers(self):
        """Open the customers whom the campaign brought."""
        self.ensure_one()
        name = self.env._("Customers Brought")
        return self._crm_window(
            name,
            "res.partner",
            [
                ("crm_campaign_id", "child_of", self.ids),
                "|",
                ("is_company", "=", True),
                ("parent_id", "=", False),
            ],
            context={"active_test": False},
        )

    # Helpers

    def _crm_reads_ledger(self):
        """Return whether the user sees the documents themselves; a salesperson sees his alone."""
        return any(self.env.user.has_group(group) for group in LEDGER_GROUPS)

    def _crm_open_cost(self, state, kind, name):
        """Open bill lines for accountants, the same rows of the money report for marketers."""
        self.ensure_one()
        if not self._crm_reads_ledger():
            return self._crm_open_money(kind, name)
        return self._crm_window(
            name,
            "account.move.line",
            [
                ("crm_campaign_id", "child_of", self.ids),
                ("company_id", "=", self._crm_company().id),
                ("parent_state", "=", state),
            ],
            list_view="crm_campaigns.account_move_line_view_list_campaign",
            search_view="crm_campaigns.account_move_line_view_search_campaign",
        )

    def _crm_open_money(self, kind, name):
        return self._crm_window(
            name,
            "crm.campaign.money",
            [
                ("campaign_id", "child_of", self.ids),
                ("company_id", "=", self._crm_company().id),
                ("kind", "=", kind),
            ],
        )

    def _crm_open(self, xml_id):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        return action | {
            "domain": [("campaign_id", "=", self.id)],
            "context": {"default_campaign_id": self.id},
        }

    def _crm_window(self, name, model, domain, *, list_view=None, search_view=None, context=None):
        view_id = self.env.ref(list_view).id if list_view else False
        return {
            "type": "ir.actions.act_window",
            "name": f"{name}: {self.title}",
            "res_model": model,
            "view_mode": "list,kanban,form",
            "views": [(view_id, "list"), (False, "kanban"), (False, "form")],
            "search_view_id": [self.env.ref(search_view).id] if search_view else False,
            "domain": domain,
            "context": {"create": False, **(context or {})},
        }
