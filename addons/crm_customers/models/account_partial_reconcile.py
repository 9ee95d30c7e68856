from odoo import api, models


class AccountPartialReconcile(models.Model):
    """Reconciling and unreconciling change what a customer has paid."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        (partials.debit_move_id | partials.credit_move_id).move_id._announce_cash_change()
        return partials

    def unlink(self):
        moves = (self.debit_move_id | self.credit_move_id).move_id
        result = super().unlink()
        moves.exists()._announce_cash_change()
        return result
