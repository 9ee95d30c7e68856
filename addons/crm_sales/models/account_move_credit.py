from odoo import models


class AccountMove(models.Model):
    """What invoices and their cash mean for sellers is read again when either changes."""

    _inherit = "account.move"

    def _on_cash_changed(self):
        result = super()._on_cash_changed()
        queue = self.env["crm.sales.queue"]
        queue._mark("move", self.ids)
        ended = self.crm_contract_id.filtered(lambda row: row.state == "terminated")
        queue._mark("contract", ended.ids)
        return result
