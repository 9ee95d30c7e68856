from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError


class Rule(NamedTuple):
    """A rule as the check reads it, without records."""

    id: int
    company: bool
    fields: tuple[str, ...]
    action: str
    company_id: int | None


class CrmDupRule(models.Model):
    """What happens when a customer agrees with another one in a set of fields.

    The rule holds wherever customers come from: form, import, remote call, lead conversion.
    """

    _name = "crm.dup.rule"
    _description = "Duplicate Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    applies_to = fields.Selection(
        [("company", "Companies"), ("person", "Persons")], required=True, default="company"
    )
    field_ids = fields.Many2many(
        "crm.dup.field",
        string="Equal in",
        required=True,
        help="The rule applies when all of these agree; an empty field never agrees.",
    )
    action = fields.Selection(
        [("block", "Refuse"), ("warn", "Warn"), ("log", "List Only")],
        required=True,
        default="warn",
        help="Refuse: the customer is not saved. Warn: the form says so while typing, the"
        " import journal notes it, and the pair is listed. List only: the pair is listed.",
    )
    company_id = fields.Many2one("res.company", help="Empty: the rule holds in all companies.")

    @api.constrains("field_ids")
    def _check_field_ids(self):
        for rule in self:
            if not any(rule.field_ids.mapped("selective")):
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s” would compare everybody with everybody. Add a field that"
                        " few customers share: a name, a number or an address of mail.",
                        rule=rule.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    def _get_rules(self):
        """Return the active rules of the current company, the strictest first, as ``Rule``."""
        company_id = self.env.company.id
        return [rule for rule in self._read_rules() if rule.company_id in (None, company_id)]

    @api.model
    @tools.ormcache()
    def _read_rules(self):
        # sudo: the rules hold for everybody, also for those who may not read them
        rules = self.sudo().search([("active", "=", True)])
        strictness = ("block", "warn", "log")
        return sorted(
            (
                Rule(
                    rule.id,
                    rule.applies_to == "company",
                    tuple(rule.field_ids.mapped("code")),
                    rule.action,
                    rule.company_id.id or None,
                )
                for rule in rules
            ),
            key=lambda rule: strictness.index(rule.action),
        )
