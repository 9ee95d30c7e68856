from odoo import models


class UtmMixin(models.AbstractModel):
    """Campaign names are unique over all companies, so they are also compared over all."""

    _inherit = "utm.mixin"

    def _get_unique_names(self, model_name, names):
        if model_name == "utm.campaign":
            # sudo: a name taken in a company the user cannot see is taken all the same
            return super(UtmMixin, self.sudo())._get_unique_names(model_name, names)
        return super()._get_unique_names(model_name, names)
