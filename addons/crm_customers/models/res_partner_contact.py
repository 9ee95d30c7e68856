from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class ResPartner(models.Model):
    """What a contact is at the customer: roles, department, and until when.

    Who left stays in the history, is proposed nowhere any more and receives nothing.
    """

    _inherit = "res.partner"

    crm_role_ids = fields.Many2many(
        "crm.contact.role",
        "crm_contact_role_partner_rel",
        "partner_id",
        "role_id",
        string="Roles",
        help="The part this person plays in the customer's decisions.",
    )
    crm_department_id = fields.Many2one(
        "crm.contact.department",
        string="Department",
        index="btree_not_null",
        ondelete="set null",
    )
    crm_left_date = fields.Date(
        string="Left the Company on",
        copy=False,
        tracking=True,
        index="btree_not_null",
        help="From this day on the person is no longer proposed or written to.",
    )
    crm_has_left = fields.Boolean(
        string="Has Left", compute="_compute_crm_has_left", search="_search_crm_has_left"
    )
    crm_former_id = fields.Many2one(
        "res.partner",
        string="Formerly Known as",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The record of the same person at an earlier company, with the history there.",
    )
    crm_later_ids = fields.One2many("res.partner", "crm_former_id", string="Now to Be Found as")

    # Compute

    @api.depends("crm_left_date")
    def _compute_crm_has_left(self):
        dated = self.filtered("crm_left_date")
        (self - dated).crm_has_left = False
        if dated:  # nearly never, so that asking for the day costs the gate nothing
            today = fields.Date.context_today(self)
            for partner in dated:
                partner.crm_has_left = partner.crm_left_date <= today

    def _search_crm_has_left(self, operator, value):
        today = fields.Date.context_today(self)
        if operator == "in":
            return Domain("crm_left_date", "<=", today)
        if operator == "not in":
            return Domain("crm_left_date", "=", False) | Domain("crm_left_date", ">", today)
        return NotImplemented

    # Search

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Propose nobody who has left; lists and searches still find them.

        An exact name, as an import asks for it, finds them as well.
        """
        if operator == "ilike" and not self.env.context.get("crm_with_left"):
            domain = Domain(domain or Domain.TRUE) & Domain("crm_has_left", "=", False)
        return super().name_search(name, domain, operator, limit)

    # Gate

    def _judge_contact(self, channel, purpose, states, blacklisted):
        refusals = super()._judge_contact(channel, purpose, states, blacklisted)
        for partner in self:
            # that somebody is gone comes before what is wrong with the address
            if partner.crm_has_left and refusals.get(partner.id) != "archived":
                refusals[partner.id] = "left"
        return refusals

    @api.model
    def _contact_refusal_reasons(self):
        return [*super()._contact_refusal_reasons(), ("left", self.env._("Left the company"))]

    def _explain_contactable(self, channel, purpose):
        reasons = super()._explain_contactable(channel, purpose)
        # sudo: the gate gives the same answer to everybody who wants to send
        for partner in self.sudo().filtered("crm_has_left"):
            if partner.active and partner.id in reasons:
                reasons[partner.id] = self.env._(
                    "Left the company on %(date)s",
                    date=format_date(self.env, partner.crm_left_date),
                )
        return reasons

    # Actions

    def action_contact_left(self):
        """Ask when this person left, and where to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Has Left the Company"),
            "res_model": "crm.contact.leave",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_partner_id": self.id},
        }

    def action_contact_back(self):
        """Take back that this person left."""
        self.write({"crm_left_date": False})
