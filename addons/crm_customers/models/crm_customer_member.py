from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmCustomerMember(models.Model):
    """A colleague with whom the owner shares a customer, to read or to write, until a day.

    Owns: one row per customer and colleague. Who: the owner and sales managers.
    Two at once: a unique index. A million rows: found by user, then by customer, by index.
    """

    _name = "crm.customer.member"
    _description = "Customer Team Member"
    _order = "partner_id, id"
    _rec_name = "user_id"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('crm_is_customer', '=', True)]",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Colleague",
        required=True,
        ondelete="cascade",
        domain="[('share', '=', False)]",
    )
    can_write = fields.Boolean(string="May Edit")
    date_to = fields.Date(string="Until", help="Last day of the access. Empty: until removed.")
    active_now = fields.Boolean(string="Valid Now", compute="_compute_active_now")

    _user_partner_uniq = models.UniqueIndex(
        "(user_id, partner_id)", "This customer is shared with this colleague already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        self.env["res.users"]._forget_seen()
        return members

    def write(self, vals):
        result = super().write(vals)
        self.env["res.users"]._forget_seen()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["res.users"]._forget_seen()
        return result

    @api.depends("date_to")
    def _compute_active_now(self):
        today = fields.Date.context_today(self)
        for member in self:
            member.active_now = not member.date_to or member.date_to >= today

    @api.constrains("partner_id")
    def _check_customer(self):
        for member in self:
            if not member.partner_id.crm_is_customer:
                raise ValidationError(
                    self.env._(
                        "Share the customer %(customer)s itself; its contacts follow.",
                        customer=member.partner_id.commercial_partner_id.display_name,
                    )
                )
