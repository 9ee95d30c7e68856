from odoo import fields, models

from odoo.addons.crm_customers.models.crm_consent import PURPOSES

# Refusals of the gate that stop a message to a person's own record. Missing and wrong addresses
# are the host's to report, since it knows the address it really uses.
PERSON_REFUSALS = {"archived", "blacklisted", "bounced", "left", "withdrawn", "not_granted"}
# Refusals that also stop a message to anything else with that person's address, for instance a
# subscriber of a mailing list, who gave his consent by subscribing.
ADDRESS_REFUSALS = {"bounced", "withdrawn"}


class MailingMailing(models.Model):
    """Every mailing passes the consent gate, for each person, at the moment of sending."""

    _inherit = "mailing.mailing"

    crm_purpose = fields.Selection(
        PURPOSES,
        string="Purpose",
        default="marketing",
        required=True,
        help="What the message is for. People who withdrew their consent for this purpose are"
        " left out.",
    )

    def _crm_channel(self):
        self.ensure_one()
        return "sms" if self.mailing_type == "sms" else "email"

    def _crm_refused_recipients(self, addresses):
        """Return who among the recipients may not be contacted.

        The number of queries does not depend on the number of recipients.

        :param dict addresses: ``{res_id: addresses the message would go to}``, normalised e-mail
            addresses or phone numbers
        :return: ``{res_id: code}``, codes of ``res.partner._contact_refusal_reasons``
        """
        self.ensure_one()
        if not addresses:
            return {}
        channel, purpose = self._crm_channel(), self.crm_purpose
        # sudo: the gate looks at everybody the message goes to
        documents = self.env[self.mailing_model_real].sudo().browse(addresses)
        people = documents._mail_get_partners()
        # sudo: the same people
        everybody = self.env["res.partner"].sudo().union(*people.values())
        refusals = everybody._get_contact_refusals(channel, purpose)
        by_address = self._crm_refused_addresses(addresses)
        result = {}
        for res_id, used in addresses.items():
            codes = {refusals.get(partner.id) for partner in people[res_id]} & PERSON_REFUSALS
            codes |= {by_address[address] for address in used if address in by_address}
            if codes:
                result[res_id] = min(codes)
        return result

    def _crm_refused_addresses(self, addresses):
        """Return ``{address: code}`` of the addresses whose owner withdrew his consent."""
        channel = self._crm_channel()
        column = "phone_sanitized" if channel == "sms" else "email_normalized"
        used = {address for several in addresses.values() for address in several if address}
        # sudo: the owner of an address counts, whether the sender may see him or not
        owners = self.env["res.partner"].sudo().search([(column, "in", list(used))])
        refusals = owners._get_contact_refusals(channel, self.crm_purpose)
        return {
            owner[column]: refusals[owner.id]
            for owner in owners
            if refusals.get(owner.id) in ADDRESS_REFUSALS
        }

    def action_crm_preview_recipients(self):
        """Show who would be left out, and why, before anything is sent."""
        self.ensure_one()
        self.check_access("read")
        audience = self.env["crm.campaign.audience"].create(
            {"mailing_id": self.id, "campaign_id": self.campaign_id.id}
        )
        return audience._get_action()
