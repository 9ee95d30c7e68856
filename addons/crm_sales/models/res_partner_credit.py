from odoo import models


class ResPartner(models.Model):
    """A limit that is raised may lift the credit hold of orders."""

    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if "credit_limit" in vals:
            self.env["crm.credit.hold"]._check_later(self.commercial_partner_id.ids)
        return result
