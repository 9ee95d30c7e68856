from odoo import models


class SaleReport(models.Model):
    """Of a quotation only the latest revision counts."""

    _inherit = "sale.report"

    def _where_sale(self):
        return f"{super()._where_sale()} AND s.crm_replaced_by_id IS NULL"
