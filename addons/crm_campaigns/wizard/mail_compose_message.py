from odoo import models


class MailComposeMessage(models.TransientModel):
    """Mailings by e-mail pass the consent gate."""

    _inherit = "mail.compose.message"

    def _get_optout_emails(self, mail_values_dict):
        """Also leave out the people whom the gate refuses.

        The host asks here for every batch and cancels their messages as opted out, whatever the
        mailing says about exclusion lists.
        """
        optout = list(super()._get_optout_emails(mail_values_dict))
        if self.composition_mode == "mass_mail" and self.mass_mailing_id:
            recipients = self._get_recipients_data(mail_values_dict)
            addresses = {
                res_id: set(recipient["mail_to_normalized"])
                for res_id, recipient in recipients.items()
            }
            for res_id in self.mass_mailing_id._crm_refused_recipients(addresses):
                optout += addresses[res_id]
        return optout
