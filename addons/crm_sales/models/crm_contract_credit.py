from odoo import models

CREDIT_FIELDS = frozenset({"amount_total", "state", "date_signed", "user_id", "team_id"})


class CrmContract(models.Model):
    """What a contract means for its sellers is read again when it changes."""

    _inherit = "crm.contract"

    def write(self, vals):
        result = super().write(vals)
        if CREDIT_FIELDS & vals.keys():
            self.env["crm.sales.queue"]._mark("contract", self.ids)
            if "state" in vals:
                # sudo: whoever signs, all orders of the contract stop counting by themselves
                self.env["crm.sales.queue"]._mark("order", self.sudo().order_ids.ids)
        return result

    def _get_credited_value(self):
        """Return what this signed contract is worth for its sellers, in its own currency.

        A terminated one is worth what was invoiced and not credited, at most its value.
        """
        self.ensure_one()
        if self.state != "terminated":
            return self.amount_total
        return min(self.amount_total, max(0.0, self.amount_invoiced - self.amount_credited))
