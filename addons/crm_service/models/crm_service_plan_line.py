from odoo import fields, models


class CrmServicePlanLine(models.Model):
    """One check of an inspection plan."""

    _name = "crm.service.plan.line"
    _description = "Inspection Plan Check"
    _order = "plan_id, sequence, id"

    plan_id = fields.Many2one("crm.service.plan", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Check", required=True)
    instruction = fields.Char(help="How to look at it, and what is expected.")
