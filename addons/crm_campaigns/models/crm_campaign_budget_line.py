from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.channels import CHANNELS


class CrmCampaignBudgetLine(models.Model):
    """What a campaign may spend: an amount per channel and month."""

    _name = "crm.campaign.budget.line"
    _description = "Campaign Budget Line"
    _order = "month, channel, id"
    _rec_name = "channel"

    campaign_id = fields.Many2one("utm.campaign", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    channel = fields.Selection(CHANNELS, required=True, default="event")
    month = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="Any day of the month; kept as its first day.",
    )
    note = fields.Char()
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        ondelete="restrict",
    )
    amount = fields.Monetary(required=True)
    company_currency_id = fields.Many2one(
        "res.currency", compute="_compute_amount_company", store=True
    )
    amount_company = fields.Monetary(
        string="Amount in Company Currency",
        currency_field="company_currency_id",
        compute="_compute_amount_company",
        store=True,
        help="At the exchange rate of the first day of the month, as known when entered.",
    )

    _amount_positive = models.Constraint(
        "CHECK (amount >= 0)", "A budget amount cannot be negative."
    )

    @api.depends("amount", "currency_id", "month", "campaign_id.company_id")
    def _compute_amount_company(self):
        for line in self:
            company = line.campaign_id.company_id or self.env.company
            line.company_currency_id = company.currency_id
            line.amount_company = line.currency_id._convert(
                line.amount,
                company.currency_id,
                company,
                line.month or fields.Date.context_today(line),
            )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create([self._normalise_month(vals) for vals in vals_list])
        lines._check_plan_open()
        return lines

    def write(self, vals):
        self._check_plan_open()
        result = super().write(self._normalise_month(vals))
        self._check_plan_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        self._check_plan_open()

    def _normalise_month(self, vals):
        if vals.get("month"):
            return {**vals, "month": fields.Date.to_date(vals["month"]).replace(day=1)}
        return vals

    def _check_plan_open(self):
        """Refuse to touch the budget of a campaign that has been approved."""
        decided = self.campaign_id.filtered(lambda campaign: campaign.crm_state != "draft")
        if decided:
            raise UserError(
                self.env._(
                    "The budget of “%(campaign)s” has been decided. A marketing manager can set"
                    " the campaign back to draft.",
                    campaign=decided[0].title,
                )
            )
