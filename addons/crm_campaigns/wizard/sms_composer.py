from odoo import models


class SmsComposer(models.TransientModel):
    """Mailings by SMS pass the consent gate."""

    _inherit = "sms.composer"

    def _get_optout_record_ids(self, records, recipients_info):
        """Also leave out the people whom the gate refuses."""
        optout = list(super()._get_optout_record_ids(records, recipients_info))
        if self.composition_mode == "mass" and self.mailing_id:
            addresses = {
                record.id: {recipients_info[record.id]["sanitized"]} - {False} for record in records
            }
            optout += self.mailing_id._crm_refused_recipients(addresses)
        return optout
