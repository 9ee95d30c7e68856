from odoo import fields, models


class ResCompany(models.Model):
    """The payment plan that this company proposes, and what sales see of its bank receipts."""

    _inherit = "res.company"

    crm_plan_template_id = fields.Many2one(
        "crm.payment.plan.template",
        string="Default Payment Plan",
        check_company=True,
        ondelete="restrict",
        help="Proposed on orders and contracts; empty: the first payment plan template.",
    )

    crm_claim_mask = fields.Selection(
        [
            ("none", "Everything"),
            ("payer", "Amount, Payer Masked"),
            ("amount", "Payer Masked, No Amount"),
        ],
        string="Unclaimed Receipts Show",
        required=True,
        default="payer",
        help="What salespeople see of bank receipts that nobody has claimed yet.",
    )

    def _get_plan_template(self):
        """Return the payment plan template to propose in this company, maybe empty."""
        self.ensure_one()
        return self.crm_plan_template_id or self.env["crm.payment.plan.template"].search(
            [("company_id", "in", [False, self.id])], limit=1
        )
