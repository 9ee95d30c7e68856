from odoo import models

from odoo.addons.crm_customers.tools.privacy import KeptRows, PersonalDataSource


class ResPartner(models.Model):
    """Quotations and orders of a person, for his export and his erasure."""

    _inherit = "res.partner"

    def _crm_personal_data_sources(self):
        return [
            *super()._crm_personal_data_sources(),
            PersonalDataSource(
                "orders",
                self.env._("Quotations and Orders"),
                "sale.order",
                [("partner_id", "in", self.ids)],
                ("name", "date_order", "state", "amount_total", "currency_id"),
            ),
        ]

    def _crm_kept_rows(self):
        return [
            *super()._crm_kept_rows(),
            KeptRows(
                "sale_order",
                "state = 'sale'",
                self.env._("Confirmed orders: kept as proof of what was ordered"),
            ),
        ]
