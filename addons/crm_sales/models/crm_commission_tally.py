from odoo import fields, models


class CrmCommissionTally(models.Model):
    """Where a seller stands in a period of a plan: what counted so far, what it earned.

    So that one more payment costs the same after ten and after ten thousand.

    Owns: two sums per (plan, seller, period). Who: the program; read like the statement.
    Twice at once: every line changes its row, so two sessions cannot both count from the same
    standing; the later one is retried.
    Half of it: lines and their sum change in one transaction.
    A million rows: one unique index.
    """

    _name = "crm.commission.tally"
    _description = "Commission Standing"
    _order = "period_start desc, plan_id, user_id"

    plan_id = fields.Many2one("crm.commission.plan", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", string="Salesperson", required=True, index=True, ondelete="restrict"
    )
    period_start = fields.Date(string="Period", required=True)
    base = fields.Monetary(string="Counted")
    amount = fields.Monetary(string="Commission")

    _standing_uniq = models.UniqueIndex(
        "(plan_id, user_id, period_start)", "There is a standing of this period already."
    )
