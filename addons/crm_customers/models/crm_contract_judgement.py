from odoo import models


class CrmContract(models.Model):
    """A contract in force keeps the customer with its owner, a signed one is a deal."""

    _name = "crm.contract"
    _inherit = ["crm.contract", "crm.judged.mixin"]

    def _crm_judged_fields(self):
        return super()._crm_judged_fields() | {"date_signed"}
