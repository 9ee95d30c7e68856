from odoo import api, fields, models

from .crm_contract import CONTRACT_EVENTS


class CrmContractMilestone(models.Model):
    """A promised step of a contract with its planned and its real date."""

    _name = "crm.contract.milestone"
    _description = "Contract Milestone"
    _order = "planned_date, sequence, id"

    contract_id = fields.Many2one("crm.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    event = fields.Selection(
        CONTRACT_EVENTS,
        string="Reached On Event",
        help="The milestone gets its real date by itself when this event is recorded.",
    )
    planned_date = fields.Date(string="Planned", index=True)
    real_date = fields.Date(string="Reached")
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    @api.depends("planned_date", "real_date")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for milestone in self:
            milestone.is_overdue = bool(
                milestone.planned_date
                and not milestone.real_date
                and milestone.planned_date < today
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = fields.Domain(
            "planned_date", "<", fields.Date.context_today(self)
        ) & fields.Domain("real_date", "=", False)
        if True in value and False in value:
            return fields.Domain.TRUE
        return overdue if True in value else ~overdue
