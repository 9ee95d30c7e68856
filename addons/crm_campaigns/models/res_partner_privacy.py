from odoo import models

from odoo.addons.crm_customers.tools.privacy import PersonalDataSource


class ResPartner(models.Model):
    """Memberships, responses and mailings of a person, for his export and his erasure."""

    _inherit = "res.partner"

    def _crm_personal_data_sources(self):
        mine = [("partner_id", "in", self.ids)]
        emails = [text for text in self.mapped("email_normalized") if text]
        return [
            *super()._crm_personal_data_sources(),
            PersonalDataSource(
                "members",
                self.env._("Campaign Members"),
                "crm.campaign.member",
                mine,
                ("campaign_id", "segment_id", "state", "date_state"),
                "delete",
            ),
            # they count for the campaign, and say nothing of an empty record
            PersonalDataSource(
                "touches",
                self.env._("Campaign Responses"),
                "crm.campaign.touch",
                mine,
                ("campaign_id", "kind", "date", "note"),
                "clear",
                ("note",),
            ),
            PersonalDataSource(
                "mailing_contacts",
                self.env._("Mailing Contacts"),
                "mailing.contact",
                [("email_normalized", "in", emails)],
                ("name", "email", "company_name", "list_ids"),
                "delete",
            ),
            PersonalDataSource(
                "mailings",
                self.env._("Mailings Sent"),
                "mailing.trace",
                [("model", "=", "res.partner"), ("res_id", "in", self.ids)],
                ("mass_mailing_id", "email", "sent_datetime", "trace_status"),
            ),
        ]
