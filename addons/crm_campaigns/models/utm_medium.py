from odoo import fields, models

from ..tools.channels import CHANNELS


class UtmMedium(models.Model):
    """A medium belongs to one of the channels that budgets and touches are kept by."""

    _inherit = "utm.medium"

    crm_channel = fields.Selection(CHANNELS, string="Marketing Channel")
