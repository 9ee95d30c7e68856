from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmCommissionTier(models.Model):
    """A step of a commission plan: from an amount on, a rate."""

    _name = "crm.commission.tier"
    _description = "Commission Tier"
    _order = "threshold, id"

    plan_id = fields.Many2one("crm.commission.plan", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    threshold = fields.Monetary(string="From", help="What the seller brought in in the period.")
    rate = fields.Float(string="Rate (%)", digits=(16, 4), required=True)

    _threshold_not_negative = models.Constraint(
        "CHECK (threshold >= 0)", "A tier cannot start below zero."
    )
    _rate_in_range = models.Constraint(
        "CHECK (rate >= 0 AND rate <= 100)", "A rate lies between 0 % and 100 %."
    )

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers._check_plan_open()
        return tiers

    def write(self, vals):
        self._check_plan_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        self._check_plan_open()

    def _check_plan_open(self):
        """Refuse to change the tiers of a running plan."""
        if any(tier.plan_id.state == "running" for tier in self):
            raise UserError(
                self.env._("The plan is running; its tiers change by a new version of it only.")
            )
