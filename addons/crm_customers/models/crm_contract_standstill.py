from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError


class CrmContract(models.Model):
    """Suspending and resuming a contract, e.g. for force majeure.

    While it stands still nothing falls due; when it resumes, what is still open moves by the
    calendar days it stood still.
    """

    _inherit = "crm.contract"

    def action_resume(self):
        """Resume a suspended contract today; its dates move by the days it stood still."""
        self.ensure_one()
        if self.state != "suspended":
            raise UserError(self.env._("This contract is not suspended."))
        today = fields.Date.context_today(self)
        suspension = self.suspension_ids.filtered(lambda row: not row.date_to)[:1]
        suspension.date_to = today
        days = (today - suspension.date_from).days
        self.write({"state": "signed", "date_end": self._shifted(self.date_end, days)})
        for milestone in self.milestone_ids.filtered(lambda row: not row.real_date):
            milestone.planned_date = self._shifted(milestone.planned_date, days)
        self._on_contract_resumed(days)
        return True

    def _suspend(self, reason):
        """Suspend the contract from today for ``reason`` (force majeure, dispute, request)."""
        self.ensure_one()
        self._check_in_force()
        self.env["crm.contract.suspension"].create(
            {
                "contract_id": self.id,
                "date_from": fields.Date.context_today(self),
                "reason": reason,
                "user_id": self.env.uid,
            }
        )
        self.state = "suspended"
        self._on_contract_suspended()

    def _on_contract_suspended(self):
        """Hook: the contract stands still from now on; pause clocks, dates and plans."""

    def _on_contract_resumed(self, days):
        """Hook: the contract runs again after ``days`` calendar days; shift what is still open."""

    @staticmethod
    def _shifted(date, days):
        return date and date + timedelta(days=days)
