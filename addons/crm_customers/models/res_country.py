from odoo import api, models
from odoo.fields import Domain


class ResCountry(models.Model):
    """A country is found by its name in every installed language: 中国 by who works in English."""

    _inherit = "res.country"

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if domain is NotImplemented or operator in Domain.NEGATIVE_OPERATORS or not value:
            return domain
        for code, _name in self.env["res.lang"].get_installed():
            if code != (self.env.lang or "en_US"):
                countries = self.with_context(lang=code)
                domain |= Domain("id", "in", countries._search([("name", operator, value)]))
        return domain
