from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CrmCommissionMember(models.Model):
    """A seller takes part in a plan, maybe for a time: who leaves keeps what he earned."""

    _name = "crm.commission.member"
    _description = "Commission Plan Seller"
    _order = "plan_id, user_id, date_from"

    plan_id = fields.Many2one("crm.commission.plan", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    date_from = fields.Date(string="From", help="Empty: from the plan's first day on.")
    date_to = fields.Date(string="Until", help="Empty: until the plan's last day.")

    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "Taking part cannot end before it starts.",
    )

    @api.constrains("plan_id", "user_id", "date_from", "date_to")
    def _check_overlap(self):
        for rows in self.plan_id.member_ids.grouped(
            lambda row: (row.plan_id, row.user_id)
        ).values():
            spans = sorted((str(row.date_from or ""), str(row.date_to or "9999")) for row in rows)
            for (_start, end), (start, _end) in pairwise(spans):
                if start <= end:
                    raise ValidationError(
                        self.env._(
                            "%(seller)s takes part in “%(plan)s” twice at the same time.",
                            seller=rows[0].user_id.name,
                            plan=rows[0].plan_id.name,
                        )
                    )

    @api.depends("user_id")
    def _compute_display_name(self):
        for member in self:
            member.display_name = member.user_id.name

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        members._recount()
        return members

    def write(self, vals):
        result = super().write(vals)
        self._recount()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if any(member.plan_id.state == "running" for member in self):
            raise UserError(
                self.env._("The plan is running. Enter the last day of the seller instead.")
            )

    def _recount(self):
        running = self.plan_id.filtered(lambda plan: plan.state == "running")
        running._mark_documents()

    def _covers(self, date):
        """Whether the seller takes part in the plan on ``date``."""
        self.ensure_one()
        return (not self.date_from or self.date_from <= date) and (
            not self.date_to or date <= self.date_to
        )
