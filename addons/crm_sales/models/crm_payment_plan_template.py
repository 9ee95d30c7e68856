from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmPaymentPlanTemplate(models.Model):
    """A customary payment plan: which share falls due how long after which event.

    The percentages and periods of an agreement live here and on the plan made from it; none is a
    constant of the program.
    """

    _name = "crm.payment.plan.template"
    _description = "Payment Plan Template"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for all companies.")
    line_ids = fields.One2many(
        "crm.payment.plan.template.line", "template_id", string="Instalments", copy=True
    )
    percent_total = fields.Float(
        string="Total (%)", digits=(16, 4), compute="_compute_percent_total"
    )

    @api.depends("line_ids.percent")
    def _compute_percent_total(self):
        for template in self:
            template.percent_total = sum(template.line_ids.mapped("percent"))

    @api.constrains("line_ids")
    def _check_percentages(self):
        for template in self:
            total = sum(Decimal(f"{line.percent:.4f}") for line in template.line_ids)
            if template.line_ids and total != 100:
                raise ValidationError(
                    self.env._(
                        "The instalments of “%(name)s” add up to %(total)s %%, not to 100 %%."
                        " Correct the percentages.",
                        name=template.name,
                        total=f"{float(total):g}",
                    )
                )

    def _prepare_plan_values(self, contract, order):
        """Return the values of the plan lines that this template gives a contract.

        :param contract: ``crm.contract`` record
        :param order: the ``sale.order`` that is invoiced, maybe empty
        """
        self.ensure_one()
        template = self.with_context(lang=contract.partner_id.lang or self.env.lang)
        return [
            {
                "contract_id": contract.id,
                "order_id": order.id,
                "sequence": line.sequence,
                "name": line.name,
                "percent": line.percent,
                "event": line.event,
                "offset_days": line.offset_days,
            }
            for line in template.line_ids
        ]
