from odoo import fields, models

from ..models.crm_privacy_erasure import HOW


class CrmPrivacyWizardLine(models.TransientModel):
    """How many rows of what an erasure would delete, empty, replace or leave."""

    _name = "crm.privacy.wizard.line"
    _description = "Line of the Preview of an Erasure"

    wizard_id = fields.Many2one("crm.privacy.wizard", required=True, ondelete="cascade")
    how = fields.Selection(HOW, string="What Happens", readonly=True)
    what = fields.Char(string="Data", readonly=True)
    count = fields.Integer(string="Rows", readonly=True)
