from odoo import fields, models

from ..models.crm_pool_rule import TRIGGERS
from ..tools.pool_rules import ReturnRule


class CrmPoolPreviewRule(models.TransientModel):
    """A return rule on trial; becomes a rule of the pool only when the dry run is applied."""

    _name = "crm.pool.preview.rule"
    _description = "Return Rule on Trial"
    _order = "trigger, days, id"

    preview_id = fields.Many2one("crm.pool.preview", required=True, ondelete="cascade")
    trigger = fields.Selection(TRIGGERS, required=True, default="followup")
    days = fields.Integer(string="Within (working days)", required=True, default=30)
    grade_ids = fields.Many2many("res.partner.grade", string="Customer Levels")
    date_start = fields.Date(string="Counts from", required=True, default=fields.Date.context_today)
    exempt_contract = fields.Boolean(string="Spare with Contract", default=True)
    exempt_opportunity = fields.Boolean(string="Spare with Open Opportunity")
    exempt_deal = fields.Boolean(string="Spare Who Bought")
    exempt_tag_ids = fields.Many2many("res.partner.category", string="Spare with Tag")

    def _prepare_rule_values(self, pool):
        """Return the values of the pool's rule made of this trial."""
        self.ensure_one()
        return {
            "pool_id": pool.id,
            "trigger": self.trigger,
            "days": self.days,
            "date_start": self.date_start,
            "exempt_contract": self.exempt_contract,
            "exempt_opportunity": self.exempt_opportunity,
            "exempt_deal": self.exempt_deal,
            "grade_ids": [fields.Command.set(self.grade_ids.ids)],
            "exempt_tag_ids": [fields.Command.set(self.exempt_tag_ids.ids)],
        }

    def _to_plain(self):
        """Return the rules as plain values for ``tools/pool_rules.py``."""
        return [
            ReturnRule(
                id=rule.id,
                trigger=rule.trigger,
                days=max(rule.days, 1),
                start=rule.date_start,
                levels=frozenset(rule.grade_ids.ids),
                exempt_deal=rule.exempt_deal,
                exempt_opportunity=rule.exempt_opportunity,
                exempt_contract=rule.exempt_contract,
                exempt_tags=frozenset(rule.exempt_tag_ids.ids),
            )
            for rule in self
        ]
