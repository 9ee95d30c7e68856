from odoo import fields, models


class ResCompany(models.Model):
    """How strict a company is with consent."""

    _inherit = "res.company"

    crm_email_optin = fields.Boolean(
        string="Marketing Email Needs Consent",
        help="Marketing goes by email only to people who granted it. Otherwise everybody gets it"
        " who has not withdrawn.",
    )
