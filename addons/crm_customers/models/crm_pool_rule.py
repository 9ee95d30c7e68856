from odoo import api, fields, models

from ..tools.pool_rules import ReturnRule

TRIGGERS = [
    ("followup", "No follow-up"),
    ("opportunity", "No new opportunity"),
    ("deal", "No deal"),
]


class CrmPoolRule(models.Model):
    """When an owned customer goes back to the pool; the earliest deadline of all rules counts."""

    _name = "crm.pool.rule"
    _description = "Return Rule"
    _order = "pool_id, trigger, days, id"
    _rec_name = "trigger"

    pool_id = fields.Many2one("crm.pool", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="pool_id.company_id", store=True, index=True)
    trigger = fields.Selection(TRIGGERS, required=True, default="followup")
    days = fields.Integer(string="Within (working days)", required=True, default=30)
    grade_ids = fields.Many2many(
        "res.partner.grade",
        string="Customer Levels",
        help="Empty: all levels that no other rule of the same kind names.",
    )
    date_start = fields.Date(
        string="Counts from",
        required=True,
        default=fields.Date.context_today,
        help="Days before are not counted, so that a new rule takes nobody by surprise.",
    )
    exempt_contract = fields.Boolean(string="Spare with Contract", default=True)
    exempt_opportunity = fields.Boolean(string="Spare with Open Opportunity")
    exempt_deal = fields.Boolean(string="Spare Who Bought")
    exempt_tag_ids = fields.Many2many("res.partner.category", string="Spare with Tag")

    _days_positive = models.Constraint(
        "CHECK (days > 0)", "A return rule gives at least one working day."
    )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.pool_id._judge_all()
        return rules

    def write(self, vals):
        pools = self.pool_id
        result = super().write(vals)
        (pools | self.pool_id)._judge_all()
        return result

    def unlink(self):
        self.pool_id._judge_all()
        return super().unlink()

    def _to_plain(self):
        """Return the rules as plain values for ``tools/pool_rules.py``."""
        return [
            ReturnRule(
                id=rule.id,
                trigger=rule.trigger,
                days=rule.days,
                start=rule.date_start,
                levels=frozenset(rule.grade_ids.ids),
                exempt_deal=rule.exempt_deal,
                exempt_opportunity=rule.exempt_opportunity,
                exempt_contract=rule.exempt_contract,
                exempt_tags=frozenset(rule.exempt_tag_ids.ids),
            )
            for rule in self
        ]

    def _get_sentence(self):
        """Return the rule in words, as it stands in the history of a customer it took back."""
        self.ensure_one()
        # in the language of the company: the history is written once and read by many
        rule = self.with_context(lang=self.company_id.partner_id.lang or self.env.lang)
        values = {"days": rule.days}
        if rule.trigger == "followup":
            return rule.env._("No follow-up within %(days)s working days", **values)
        if rule.trigger == "opportunity":
            return rule.env._("No new opportunity within %(days)s working days", **values)
        return rule.env._("No deal within %(days)s working days", **values)
