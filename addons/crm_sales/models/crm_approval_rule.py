from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..tools.approval import is_reached

GROUNDS = [
    ("amount", "Amount from"),
    ("discount", "Discount above (%)"),
    ("margin", "Margin below (%)"),
    ("payment_days", "Payment later than (days)"),
    ("payment_terms", "Payment terms"),
    ("always", "Always"),
]


class CrmApprovalRule(models.Model):
    """A cell of the approval matrix: on which ground whom to ask, at which level.

    Levels are asked one after the other, rules of one level at the same time.

    Owns: the matrix. Who: sales managers. Twice at once: rows of their own. A million rows: never;
    the ids per kind of document are cached.
    """

    _name = "crm.approval.rule"
    _description = "Approval Rule"
    _order = "model, level, sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    model = fields.Selection("_list_models", string="Document", required=True, default="sale.order")
    company_id = fields.Many2one("res.company", index="btree_not_null")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        ondelete="cascade",
        check_company=True,
        help="For documents of this team and those below it; empty: of all teams.",
    )
    ground = fields.Selection(GROUNDS, required=True, default="discount")
    threshold = fields.Float(
        digits=(16, 2),
        help="Amounts are in the currency of the document's company, taxes included.",
    )
    payment_term_ids = fields.Many2many("account.payment.term", string="Payment Terms")
    level = fields.Integer(
        required=True, default=1, help="Level 2 is asked when all of level 1 have approved."
    )
    approver = fields.Selection(
        [
            ("user", "A person"),
            ("group", "One of a group"),
            ("leader", "The leader of the team"),
            ("above", "The leader of the team above"),
        ],
        required=True,
        default="leader",
    )
    user_id = fields.Many2one("res.users", string="Person", domain=[("share", "=", False)])
    group_id = fields.Many2one("res.groups", string="Approver Group")
    allow_self = fields.Boolean(
        string="Own Documents Too", help="The approver may approve what he asked for himself."
    )
    days = fields.Integer(
        string="Working Days", default=1, help="The approver is reminded after so many."
    )

    _level_positive = models.Constraint("CHECK (level > 0)", "Levels are counted from one.")
    _days_positive = models.Constraint("CHECK (days > 0)", "Give the approver at least one day.")

    @api.depends("company_id")
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company).currency_id

    @api.model
    def _list_models(self):
        """Return the kinds of documents that are under approval."""
        names = self.env.registry.descendants(["crm.approval.mixin"], "_inherit")
        return [
            (name, self.env["ir.model"]._get(name).name or name)
            for name in names
            if not self.env.registry[name]._abstract
        ]

    @api.constrains("approver", "user_id", "group_id", "ground", "payment_term_ids")
    def _check_complete(self):
        for rule in self:
            if (rule.approver == "user" and not rule.user_id) or (
                rule.approver == "group" and not rule.group_id
            ):
                raise ValidationError(
                    self.env._("Say who approves by the rule “%(name)s”.", name=rule.name)
                )
            if rule.ground == "payment_terms" and not rule.payment_term_ids:
                raise ValidationError(
                    self.env._("Choose the payment terms of the rule “%(name)s”.", name=rule.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    @tools.ormcache("model")
    def _get_rule_ids(self, model):
        # sudo: rules hold for everybody, whoever may read them
        return tuple(self.sudo().search([("model", "=", model)]).ids)

    @api.model
    def _get_rules(self, model):
        """Return the rules for a kind of document, with superuser rights."""
        # sudo: as above
        return self.sudo().browse(self._get_rule_ids(model))

    def _filter_reached(self, record, facts):
        """Return the rules that call for the approval of ``record``, whose facts are given."""
        team = record._get_approval_team()
        above = {int(part) for part in (team.parent_path or "").split("/") if part} | {team.id}
        return self.filtered(
            lambda rule: (
                (not rule.company_id or rule.company_id == record.company_id)
                and (not rule.team_id or rule.team_id.id in above)
                and rule._is_reached(facts)
            )
        )

    def _is_reached(self, facts):
        self.ensure_one()
        value = facts.get(self.ground)
        if self.ground == "payment_terms":
            return value in self.payment_term_ids.ids
        return is_reached(self.ground, value, self.threshold)

    def _explain(self, facts):
        """Return why these rules call for approval, a line each, in the user's language."""
        return "\n".join(f"- {line}" for line in dict.fromkeys(self._list_reasons(facts)))

    def _list_reasons(self, facts):
        names = dict(self._fields["ground"]._description_selection(self.env))
        return [
            rule.name
            if rule.ground in ("always", "payment_terms")
            else self.env._(
                "%(rule)s (%(ground)s %(threshold)s, here %(value)s)",
                rule=rule.name,
                ground=names[rule.ground],
                threshold=_number(rule.threshold),
                value=_number(facts.get(rule.ground)),
            )
            for rule in self
        ]


def _number(value):
    """Return a number as people write it: with separators, without needless zeros."""
    return f"{value or 0.0:,.2f}".rstrip("0").rstrip(".")
