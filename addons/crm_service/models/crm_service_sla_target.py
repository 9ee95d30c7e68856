from odoo import api, fields, models

METRICS = [
    ("response", "First Response"),
    ("next_response", "Next Response"),
    ("resolution", "Resolution"),
]

PRIORITIES = [("0", "Low"), ("1", "Normal"), ("2", "High"), ("3", "Urgent")]


class CrmServiceSlaTarget(models.Model):
    """One promised time of a policy: so many working minutes for a metric and a priority."""

    _name = "crm.service.sla.target"
    _description = "Service Target"
    _order = "policy_id, metric, priority desc, id"

    policy_id = fields.Many2one(
        "crm.service.sla.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    metric = fields.Selection(METRICS, required=True, default="response")
    priority = fields.Selection(PRIORITIES, help="Empty: for every priority without its own line.")
    minutes = fields.Integer(
        string="Working Minutes", required=True, help="Counted in the policy's working hours."
    )
    hours = fields.Float(string="Working Hours", compute="_compute_hours", inverse="_inverse_hours")

    _minutes_positive = models.Constraint(
        "CHECK (minutes > 0)", "A promised time must be longer than zero."
    )
    _target_unique = models.UniqueIndex(
        "(policy_id, metric, COALESCE(priority, ''))",
        "The policy already promises a time for this metric and priority.",
    )

    @api.depends("minutes")
    def _compute_hours(self):
        for target in self:
            target.hours = target.minutes / 60

    def _inverse_hours(self):
        for target in self:
            target.minutes = round(target.hours * 60)
