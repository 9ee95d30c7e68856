from dateutil.relativedelta import relativedelta

from odoo import fields, models


class CrmCreditRelease(models.TransientModel):
    """Asks why an order goes on in spite of the credit limit, and until when."""

    _name = "crm.credit.release"
    _description = "Release from Credit Hold"

    hold_ids = fields.Many2many("crm.credit.hold", string="Orders on Hold", required=True)
    reason = fields.Char(required=True)
    valid_until = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self) + relativedelta(days=7),
    )

    def action_release(self):
        """Release the orders with this reason."""
        self.ensure_one()
        self.hold_ids._release(self.reason, self.valid_until)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
