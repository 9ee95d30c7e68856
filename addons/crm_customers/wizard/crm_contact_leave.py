from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.crm_consent import CHANNELS, PURPOSES


class CrmContactLeave(models.TransientModel):
    """Notes that a contact left, and goes on with the person at the next company.

    The old record keeps the history; the new one points to it and to the former employer.
    """

    _name = "crm.contact.leave"
    _description = "Contact Has Left"

    partner_id = fields.Many2one("res.partner", string="Contact", required=True, readonly=True)
    company_name = fields.Char(related="partner_id.commercial_partner_id.name", string="Company")
    date = fields.Date(string="Left on", required=True, default=fields.Date.context_today)
    new_company_id = fields.Many2one(
        "res.partner",
        string="Went to",
        domain="[('is_company', '=', True), ('id', '!=', old_company_id)]",
        help="Makes a contact there; this record and its history stay. Empty: not known.",
    )
    old_company_id = fields.Many2one(related="partner_id.commercial_partner_id")
    new_function = fields.Char(string="New Job Title")
    new_email = fields.Char()
    keep_phone = fields.Boolean(
        string="Keeps Telephone and WeChat",
        default=True,
        help="Untick when the number belongs to the company.",
    )
    note = fields.Char()
    has_portal = fields.Boolean(compute="_compute_has_portal")
    close_portal = fields.Boolean(
        string="Close the Portal Login",
        default=True,
        help="The person would otherwise go on seeing the customer's documents.",
    )

    @api.depends("partner_id")
    def _compute_has_portal(self):
        for wizard in self:
            # sudo: whether a contact has a login is asked of the record one may edit
            wizard.has_portal = bool(wizard.partner_id.sudo().user_ids.filtered("share"))

    def action_confirm(self):
        """Write the date and, where a new company is known, make the contact there.

        :raises UserError: the contact is a company of its own, or has no employer
        """
        self.ensure_one()
        person = self.partner_id
        if person.is_company or not person.parent_id:
            raise UserError(
                self.env._(
                    "%(name)s is not the contact of a company, so there is nothing to leave.",
                    name=person.display_name,
                )
            )
        person.write({"crm_left_date": self.date})
        if self.close_portal:
            # sudo: a login of the customer's is closed with the right to edit the contact
            logins = person.sudo().user_ids.filtered(lambda user: user.share and user.active)
            logins.write({"active": False})
        later = self._create_later() if self.new_company_id else self.env["res.partner"]
        person.message_post(body=self._get_message(later))
        if later:
            return {
                "type": "ir.actions.act_window",
                "res_model": "res.partner",
                "res_id": later.id,
                "views": [[False, "form"]],
            }
        return {"type": "ir.actions.act_window_close"}

    def _get_message(self, later):
        if later:
            text = self.env._(
                "Left the company on %(date)s and went to %(company)s.",
                date=self.date,
                company=self.new_company_id.display_name,
            )
        else:
            text = self.env._("Left the company on %(date)s.", date=self.date)
        return f"{text} {self.note}" if self.note else text

    def _create_later(self):
        """Return the person's contact at the new company, tied to the old one."""
        person = self.partner_id
        later = self.env["res.partner"].create(
            {
                "name": person.name,
                "parent_id": self.new_company_id.id,
                "type": "contact",
                "function": self.new_function,
                "lang": person.lang,
                "crm_role_ids": [Command.set(person.crm_role_ids.ids)],
                "crm_former_id": person.id,
            }
        )
        # before the numbers, which a strict duplicate rule would refuse
        self.env["crm.dup.pair"]._tell_apart(person, later)
        later.write(
            {
                "email": self.new_email,
                "phone": self.keep_phone and person.phone,
                "crm_wechat": self.keep_phone and person.crm_wechat,
                "crm_birthdate": person.crm_birthdate,
            }
        )
        self.env["crm.relation"].create(
            {
                "partner_id": later.id,
                "other_id": person.commercial_partner_id.id,
                "type_id": self.env.ref("crm_customers.crm_relation_type_former_employer").id,
                "date_from": self.date,
                "note": self.note,
            }
        )
        self._keep_withdrawals(later)
        return later

    def _keep_withdrawals(self, later):
        """Carry over what the person forbade: a no is the person's, not the employer's."""
        wanted = [(channel, purpose) for channel, _c in CHANNELS for purpose, _p in PURPOSES]
        states = self.env["crm.consent"]._current_states(self.partner_id.ids, wanted)
        self.env["crm.consent"].create(
            [
                {
                    "partner_id": later.id,
                    "channel": channel,
                    "purpose": purpose,
                    "state": "withdrawn",
                    "reason": self.env._("Withdrawn at %(company)s", company=self.company_name),
                }
                for (_partner_id, channel, purpose), state in states.items()
                if state == "withdrawn"
            ]
        )
