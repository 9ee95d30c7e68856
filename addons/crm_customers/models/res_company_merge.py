from odoo import fields, models


class ResCompany(models.Model):
    """How long a merge of customers can be undone."""

    _inherit = "res.company"

    crm_merge_undo_days = fields.Integer(
        string="Merges Can Be Undone for (days)",
        default=30,
        help="Days for which a merge of customers can be undone. Then what was kept for it is"
        " freed. 0: never.",
    )

    _crm_merge_undo_days_not_negative = models.Constraint(
        "CHECK (crm_merge_undo_days >= 0)", "Days cannot be negative."
    )
