from odoo import fields, models


class ResCompany(models.Model):
    """Which changes of customers wait for approval, and whose."""

    _inherit = "res.company"

    crm_approve_name = fields.Boolean(
        string="Name",
        default=True,
        help="Another name of a customer with invoices or contracts waits for approval.",
    )
    crm_approve_vat = fields.Boolean(string="Tax Number", default=True)
    crm_approve_bank = fields.Boolean(string="Bank Accounts", default=True)
    crm_change_approver_id = fields.Many2one(
        "res.users",
        string="Tell",
        domain="[('share', '=', False)]",
        help="Gets an activity for every change that waits. Everybody who may make invoices can"
        " approve.",
    )

    def _get_guarded_changes(self):
        """Return which of ``name``, ``vat`` and ``bank`` need approval in this company."""
        self.ensure_one()
        # sudo: a setting for everybody
        company = self.sudo()
        return {name for name in ("name", "vat", "bank") if company[f"crm_approve_{name}"]}
