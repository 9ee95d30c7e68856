from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AccountMoveLine(models.Model):
    """The link between an invoice and the instalment it is for stands on the line.

    So one invoice may serve several instalments and one instalment may take several invoices.
    A reversal carries it, as it carries the order lines; a mere duplicate does not.
    """

    _inherit = "account.move.line"

    crm_plan_line_id = fields.Many2one(
        "crm.payment.plan.line",
        string="Instalment",
        index="btree_not_null",
        copy=False,
        check_company=True,
        ondelete="restrict",
    )

    @api.constrains("crm_plan_line_id", "currency_id")
    def _check_crm_plan_currency(self):
        for line in self.filtered("crm_plan_line_id"):
            if line.currency_id != line.crm_plan_line_id.currency_id:
                raise ValidationError(
                    self.env._(
                        "%(instalment)s is agreed in %(agreed)s; its invoice cannot be in"
                        " %(other)s.",
                        instalment=line.crm_plan_line_id.display_name,
                        agreed=line.crm_plan_line_id.currency_id.name,
                        other=line.currency_id.name,
                    )
                )

    def _copy_data_extend_business_fields(self, values):
        super()._copy_data_extend_business_fields(values)
        values["crm_plan_line_id"] = self.crm_plan_line_id.id
