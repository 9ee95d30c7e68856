from odoo import models


class AccountMove(models.Model):
    """A posted invoice is a deal."""

    _name = "account.move"
    _inherit = ["account.move", "crm.judged.mixin"]

    def _crm_judged_fields(self):
        return super()._crm_judged_fields() | {"move_type", "invoice_date"}
