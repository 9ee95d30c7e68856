from odoo import models

from odoo.addons.crm_customers.tools.privacy import KeptRows, PersonalDataSource


class ResPartner(models.Model):
    """Tickets, notices and mails of a person, for his export and his erasure."""

    _inherit = "res.partner"

    def _crm_personal_data_sources(self):
        mine = [("partner_id", "in", self.ids)]
        emails = [text for text in self.mapped("email_normalized") if text]
        return [
            *super()._crm_personal_data_sources(),
            PersonalDataSource(
                "tickets",
                self.env._("Tickets"),
                "crm.service.ticket",
                mine,
                ("name", "subject", "description", "email_from", "phone", "received_at"),
            ),
            PersonalDataSource(
                "notices",
                self.env._("Notices Received"),
                "crm.service.notice.recipient",
                mine,
                ("notice_id", "sent_at", "acknowledged_at", "acknowledged_by"),
                "clear",
                ("acknowledged_by",),
            ),
            PersonalDataSource(
                "incoming_mails",
                self.env._("Incoming Mail"),
                "crm.service.mail.log",
                [("email_normalized", "in", emails)],
                ("date", "email_from", "email_to", "subject", "preview"),
                "delete",
            ),
        ]

    def _crm_kept_rows(self):
        return [
            *super()._crm_kept_rows(),
            KeptRows(
                "crm_service_acceptance",
                "state = 'accepted'",
                self.env._("Signed acceptances: kept as proof of what was accepted"),
            ),
        ]
