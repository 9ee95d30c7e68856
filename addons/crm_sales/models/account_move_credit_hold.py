from odoo import models


class AccountMove(models.Model):
    """Money that arrives may lift the credit hold of its customer's orders."""

    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._check_credit_holds()
        return posted

    def _on_cash_changed(self):
        result = super()._on_cash_changed()
        self._check_credit_holds()
        return result

    def _check_credit_holds(self):
        partners = self.line_ids.partner_id.commercial_partner_id
        if partners:
            self.env["crm.credit.hold"]._check_later(partners.ids)
