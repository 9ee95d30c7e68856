from odoo import models
from odoo.exceptions import UserError


class SaleAdvancePaymentInv(models.TransientModel):
    """Orders with a payment plan are invoiced by the plan."""

    _inherit = "sale.advance.payment.inv"

    def create_invoices(self):
        """Refuse to invoice beside the plan, which would then never add up.

        :raises UserError: with the contract to go to
        """
        planned = self.sale_order_ids.filtered("crm_is_planned")
        if planned:
            raise UserError(
                self.env._(
                    "%(orders)s are invoiced by the payment plan of %(contracts)s. Create the"
                    " invoice on the instalment there.",
                    orders=", ".join(planned.mapped("name")),
                    contracts=", ".join(planned.crm_contract_id.mapped("display_name")),
                )
            )
        return super().create_invoices()
