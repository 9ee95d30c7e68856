from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import formatLang


class ResPartner(models.Model):
    """The customer page says what was agreed, what was collected and what is open."""

    _inherit = "res.partner"

    crm_plan_line_ids = fields.One2many("crm.payment.plan.line", "partner_id", string="Instalments")
    crm_plan_currency_id = fields.Many2one(
        "res.currency", compute="_compute_crm_plan_amounts", string="Currency of Instalments"
    )
    crm_plan_amount = fields.Monetary(
        string="Agreed",
        compute="_compute_crm_plan_amounts",
        currency_field="crm_plan_currency_id",
        help="Instalments of contracts in force, in the company's currency at today's rate.",
    )
    crm_plan_collected = fields.Monetary(
        string="Collected",
        compute="_compute_crm_plan_amounts",
        currency_field="crm_plan_currency_id",
        help="Money that arrived for these instalments, less what was paid back.",
    )
    crm_plan_residual = fields.Monetary(
        string="Open",
        compute="_compute_crm_plan_amounts",
        currency_field="crm_plan_currency_id",
        help="Invoiced instalments that are still to be paid.",
    )

    @api.depends_context("company", "uid")
    @api.depends(
        "commercial_partner_id.crm_plan_line_ids.amount",
        "commercial_partner_id.crm_plan_line_ids.state",
        "commercial_partner_id.crm_plan_line_ids.contract_id.state",
        "commercial_partner_id.crm_plan_line_ids.amount_collected",
        "commercial_partner_id.crm_plan_line_ids.amount_refunded",
        "commercial_partner_id.crm_plan_line_ids.amount_residual",
    )
    def _compute_crm_plan_amounts(self):
        """One grouped query for all customers, over the instalments the user may see."""
        company = self.env.company
        figures = self.commercial_partner_id._get_crm_plan_figures(company)
        for partner in self:
            agreed, collected, residual = figures[partner.commercial_partner_id.id]
            partner.crm_plan_currency_id = company.currency_id
            partner.crm_plan_amount = agreed
            partner.crm_plan_collected = collected
            partner.crm_plan_residual = residual

    def _get_crm_plan_figures(self, company):
        """Return ``{partner_id: [agreed, collected, open]}`` in the currency of ``company``."""
        figures = defaultdict(lambda: [0.0, 0.0, 0.0])
        lines = self.env["crm.payment.plan.line"]
        if not lines.has_access("read"):
            return figures
        today = fields.Date.context_today(self)
        for partner, currency, *sums in lines._read_group(
            [
                ("partner_id", "in", self.ids),
                ("company_id", "=", company.id),
                ("contract_id.state", "!=", "draft"),
                ("state", "!=", "cancelled"),
            ],
            ["partner_id", "currency_id"],
            ["amount:sum", "amount_collected:sum", "amount_refunded:sum", "amount_residual:sum"],
        ):
            agreed, collected, refunded, residual = sums
            for index, amount in enumerate((agreed, collected - refunded, residual)):
                figures[partner.id][index] += currency._convert(
                    amount, company.currency_id, company, today
                )
        return figures

    def _compute_application_statistics_hook(self):
        data = super()._compute_application_statistics_hook()
        for partner in self.filtered(lambda row: row.crm_plan_residual > 0):
            data[partner.id].append(
                {
                    "iconClass": "fa-jpy",
                    "value": formatLang(
                        self.env,
                        partner.crm_plan_residual,
                        currency_obj=partner.crm_plan_currency_id,
                    ),
                    "label": self.env._("Open instalments"),
                    "tagClass": "o_tag_color_2",
                }
            )
        return data

    def action_view_crm_plan_lines(self):
        """Open this customer's instalments."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_sales.crm_payment_plan_line_action"
        )
        return action | {
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
            "context": {"create": False},
        }
