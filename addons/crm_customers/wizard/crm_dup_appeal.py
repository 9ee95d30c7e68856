from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import verify_hash_signed

from ..models.res_partner_duplicate_form import APPEAL_SCOPE


class CrmDupAppeal(models.TransientModel):
    """Asks the owner of a customer that the user may not see to hand it over or work together."""

    _name = "crm.dup.appeal"
    _description = "Ask for a Customer"

    token = fields.Char(required=True)
    customer_name = fields.Char(string="Customer", compute="_compute_customer")
    owner_name = fields.Char(string="Owner", compute="_compute_customer")
    reason = fields.Text(
        required=True, help="Why you ask: what the customer wants from you, and what you propose."
    )

    @api.depends("token")
    def _compute_customer(self):
        for appeal in self:
            [known] = appeal._get_partner()._reveal(appeal._get_partner().ids)
            appeal.customer_name = known["name"]
            appeal.owner_name = known["owner"]

    def action_send(self):
        """Put the request among the owner's activities; without an owner, the pool's."""
        self.ensure_one()
        partner = self._get_partner()
        partner.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("%(user)s asks for this customer", user=self.env.user.name),
            note=self.reason,
            user_id=self._get_answerer(partner).id,
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(owner)s has been asked.", owner=self.owner_name),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_partner(self):
        """Return the customer asked for, with all rights.

        :raise AccessError: the user never met it as a duplicate, or too long ago
        """
        self.ensure_one()
        # sudo: the token proves what the user may know of a customer he may not read
        system = self.sudo().env
        try:
            payload = verify_hash_signed(system, APPEAL_SCOPE, self.token or "")
        except ValueError:
            payload = None
        if not payload or payload[1] != self.env.uid:
            raise AccessError(
                self.env._("This request has expired. Enter the customer again to ask anew.")
            )
        return system["res.partner"].browse(payload[0])

    def _get_answerer(self, partner):
        """Return who decides: the owner, else the pool's administrator, else the administrator."""
        owner = partner.commercial_partner_id.user_id or partner.user_id
        if owner:
            return owner
        # sudo: who administers the pool is no secret, the list of users is
        administrators = self.env.ref("crm_customers.group_pool_admin").sudo().all_user_ids
        company = partner.company_id or self.env.company
        return administrators.filtered(
            lambda user: not user.share and user.active and company in user.company_ids
        )[:1] or self.env.ref("base.user_admin")
