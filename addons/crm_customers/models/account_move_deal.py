from odoo import models


class AccountMove(models.Model):
    """Finds a customer's invoices as deals without reading all invoices."""

    _inherit = "account.move"

    _crm_deal_idx = models.Index(
        "(commercial_partner_id, invoice_date) WHERE move_type = 'out_invoice' AND state = 'posted'"
    )
