from odoo import api, models

# Channels by the address they use.
ADDRESS_KINDS = {"email": "email", "sms": "phone", "phone": "phone"}


class ResPartner(models.Model):
    """Nothing goes out to addresses of erased persons, unless they came back and agreed."""

    _inherit = "res.partner"

    def _judge_contacts(self, wanted, states, blacklists):
        refusals = super()._judge_contacts(wanted, states, blacklists)
        found = self.env["crm.privacy.suppression"]._find_suppressed(self)
        for channel, purpose in wanted if found else ():
            kind = ADDRESS_KINDS.get(channel)
            for partner_id, kinds in found.items():
                agreed = states.get((partner_id, channel, purpose)) == "granted"
                if kind in kinds and not agreed:
                    refusals[channel, purpose].setdefault(partner_id, "erased")
        return refusals

    @api.model
    def _contact_refusal_reasons(self):
        return [
            *super()._contact_refusal_reasons(),
            ("erased", self.env._("Erased at the person's request")),
        ]
