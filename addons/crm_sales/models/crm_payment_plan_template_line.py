from odoo import fields, models

# The contract events that can make an instalment due.
TRIGGER_EVENTS = [
    ("signed", "Signing"),
    ("delivered", "Delivery"),
    ("accepted", "Acceptance"),
    ("trained", "Training Accepted"),
]


class CrmPaymentPlanTemplateLine(models.Model):
    """One instalment of a customary payment plan."""

    _name = "crm.payment.plan.template.line"
    _description = "Payment Plan Template Instalment"
    _order = "sequence, id"

    template_id = fields.Many2one(
        "crm.payment.plan.template", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Instalment", required=True, translate=True)
    percent = fields.Float(string="Share (%)", digits=(16, 4), required=True)
    event = fields.Selection(
        TRIGGER_EVENTS, string="Falls Due After", required=True, default="signed"
    )
    offset_days = fields.Integer(
        string="Within Working Days",
        default=10,
        help="Working days of the contract's calendar after the event.",
    )

    _percent_positive = models.Constraint(
        "CHECK (percent > 0 AND percent <= 100)", "A share lies above 0 % and up to 100 %."
    )
    _offset_not_negative = models.Constraint(
        "CHECK (offset_days >= 0)", "A period of working days cannot be negative."
    )
