from odoo import api, models
from odoo.tools import SQL

from odoo.addons.crm_customers.models.res_partner_handover import HandoverSource


class ResPartner(models.Model):
    """Orders count as deals, and pass on with their customer."""

    _inherit = "res.partner"

    @api.model
    def _crm_deals_sql(self):
        return SQL(
            """%s
             UNION ALL
            SELECT contact.commercial_partner_id, orders.date_order::date
              FROM sale_order orders JOIN res_partner contact ON contact.id = orders.partner_id
             WHERE orders.state = 'sale'
            """,
            super()._crm_deals_sql(),
        )

    @api.model
    def _crm_handover_sources(self):
        return [
            *super()._crm_handover_sources(),
            HandoverSource(
                "sale.order",
                self.env._("Quotations"),
                domain=(("state", "in", ("draft", "sent")),),
                follows=True,
            ),
            HandoverSource(
                "sale.order",
                self.env._("Orders to invoice"),
                domain=(("state", "=", "sale"), ("invoice_status", "!=", "invoiced")),
            ),
        ]
