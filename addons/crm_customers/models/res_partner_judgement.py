from odoo import api, fields, models

from ..tools.pool_rules import ReturnRule, Verdict
from .kept_state import kept

# What the return rules read of the customer itself; its documents say so by ``crm.judged.mixin``.
JUDGED_FIELDS = {
    "active",
    "user_id",
    "grade_id",
    "category_id",
    "parent_id",
    "is_company",
    "crm_pool_id",
    "crm_pool_since",
    "crm_owner_since",
    "crm_locked_until",
    "crm_last_followup",
}
HAPPENED, SILENT, LOCKED = "happened", "silent", "locked_"


class ResPartner(models.Model):
    """The last verdict of the return rules, kept until a fact of the customer changes."""

    _inherit = "res.partner"

    crm_return_date = kept(
        fields.Date,
        "Returns after",
        index="btree_not_null",
        help="Last day on which the owner can keep the customer; refreshed every night and after"
        " each follow-up.",
    )
    crm_return_rule_id = kept(
        fields.Many2one,
        "Return Rule",
        comodel_name="crm.pool.rule",
        index="btree_not_null",
        ondelete="set null",
    )
    crm_return_since = kept(fields.Date, "Return Rule Counts from")
    # why: HAPPENED or SILENT, behind LOCKED when a lock put it off; else what spares the customer
    crm_return_ground = kept(fields.Char, "Ground of the Verdict")
    crm_reminded_for = kept(fields.Date, "Reminded for")

    # those that were never judged, or have a new owner since
    _crm_unjudged_idx = models.Index(
        "(crm_pool_id) WHERE crm_return_ground IS NULL AND crm_pool_id IS NOT NULL"
        " AND user_id IS NOT NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        inside = partners.filtered("parent_id")
        if inside:
            self.env["crm.pool.queue"]._note(inside.ids)
        return partners

    def write(self, vals):
        if JUDGED_FIELDS.isdisjoint(vals):
            return super().write(vals)
        queue = self.env["crm.pool.queue"]
        if "parent_id" in vals or "is_company" in vals:
            # sudo: also of customers that the user does not see, facts go and come
            queue._note(self.sudo().commercial_partner_id.ids)
        result = super().write(vals)
        queue._note(self.ids)
        return result

    def _get_verdict(self):
        """Return the verdict that was stored last, as plain values."""
        self.ensure_one()
        ground = self.crm_return_ground
        if not self.crm_return_date:
            return Verdict(spared=ground)
        rule_id, trigger, days, start = self._get_fact("pool")["rule"]
        return Verdict(
            deadline=self.crm_return_date,
            # as far as a sentence needs it; who it is for was judged before
            rule=ReturnRule(rule_id, trigger, days, fields.Date.to_date(start)),
            since=self.crm_return_since,
            happened=ground.endswith(HAPPENED),
            locked=ground.startswith(LOCKED),
        )


def ground_of(verdict):
    """The ground of a verdict in one word, as it is stored."""
    if verdict.deadline is None:
        return verdict.spared
    return (LOCKED if verdict.locked else "") + (HAPPENED if verdict.happened else SILENT)
