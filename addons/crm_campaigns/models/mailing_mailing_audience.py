from odoo import models
from odoo.tools import email_normalize


class MailingMailing(models.Model):
    """Who of a mailing's recipients would be left out, and why, before it is sent."""

    _inherit = "mailing.mailing"

    def _crm_explain_recipients(self):
        """Return the recipients still to be sent to, and those of them who will be left out.

        The reasons are those of sending, in the same order: gate, blacklist, address,
        unsubscribed from the list, duplicate address.

        :return: ``(number of recipients, [values of crm.campaign.audience.line, ...])``
        """
        self.ensure_one()
        documents = self.env[self.mailing_model_real].browse(self._get_remaining_recipients())
        given, usable = self._crm_recipient_addresses(documents)
        refused = self._crm_refused_recipients(
            {res_id: {address} - {False} for res_id, address in usable.items()}
        )
        listed = self._crm_blacklisted_addresses(usable) if self.use_exclusion_list else set()
        unsubscribed = self._crm_unsubscribed(documents, usable)
        reasons = dict(self.env["res.partner"]._contact_refusal_reasons())
        people = documents._mail_get_partners()
        seen, excluded = set(), []
        for document in documents:
            address = usable[document.id]
            if document.id in refused:
                reason = reasons[refused[document.id]]
            elif not address:
                reason = reasons["bad_address" if given[document.id] else "no_address"]
            elif address in listed:
                reason = reasons["blacklisted"]
            elif document.id in unsubscribed:
                reason = self.env._("Unsubscribed from the mailing list")
            elif address in seen:
                reason = self.env._("Another recipient has the same address")
            else:
                seen.add(address)
                continue
            excluded.append(
                {
                    "partner_id": people[document.id][:1].id,
                    "name": document.display_name,
                    "address": address or given[document.id],
                    "reason": reason,
                }
            )
        return len(documents), excluded

    def _crm_recipient_addresses(self, documents):
        """Return ``({id: address as entered}, {id: normalised address or False})``."""
        if self._crm_channel() == "sms":
            info = documents._sms_get_recipients_info()
            return (
                {res_id: found["number"] for res_id, found in info.items()},
                {res_id: found["sanitized"] for res_id, found in info.items()},
            )
        primary = documents._mail_get_primary_email()
        people = documents._mail_get_partners()
        given = {
            res_id: primary.get(res_id) or people[res_id][:1].email or False
            for res_id in documents.ids
        }
        return given, {res_id: email_normalize(email or "") for res_id, email in given.items()}

    def _crm_blacklisted_addresses(self, usable):
        """Return the addresses on the host's blacklist of the mailing's channel."""
        model, column = (
            ("phone.blacklist", "number")
            if self._crm_channel() == "sms"
            else ("mail.blacklist", "email")
        )
        addresses = [address for address in usable.values() if address]
        # sudo: the blacklist binds everybody who sends
        return set(self.env[model].sudo().search([(column, "in", addresses)]).mapped(column))

    def _crm_unsubscribed(self, documents, usable):
        """Return the ids of the documents that the host will leave out as opted out."""
        if self._crm_channel() == "sms":
            return set(self._get_opt_out_list_sms())
        opted_out = set(self._get_opt_out_list())
        return {document.id for document in documents if usable[document.id] in opted_out}
