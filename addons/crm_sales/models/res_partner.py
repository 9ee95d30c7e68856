from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from odoo.addons.crm_customers.models.fact_source import FactSource


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

    @api.depends("crm_facts")
    @api.depends_context("company", "uid", "allowed_company_ids")
    def _compute_crm_plan_amounts(self):
        """Agreed, collected and open, each currency at today's rate, as far as the user may see."""
        company = self.env.company
        own = company.currency_id
        today = fields.Date.context_today(self)
        rows = {partner: partner._get_fact("instalments", ()) for partner in self}
        currencies = own.browse({row[0] for found in rows.values() for row in found})
        by_id = {currency.id: currency for currency in currencies}
        for partner, found in rows.items():
            figures = [0.0, 0.0, 0.0]
            for currency_id, *amounts in found:
                currency = by_id[currency_id]
                for index, amount in enumerate(amounts):
                    figures[index] += currency._convert(amount, own, company, today)
            partner.crm_plan_currency_id = own
            partner.crm_plan_amount, partner.crm_plan_collected, partner.crm_plan_residual = figures

    @api.depends(
        "commercial_partner_id.crm_plan_line_ids.amount",
        "commercial_partner_id.crm_plan_line_ids.state",
        "commercial_partner_id.crm_plan_line_ids.contract_id.state",
        "commercial_partner_id.crm_plan_line_ids.amount_collected",
        "commercial_partner_id.crm_plan_line_ids.amount_refunded",
        "commercial_partner_id.crm_plan_line_ids.amount_residual",
    )
    def _compute_crm_facts(self):
        return super()._compute_crm_facts()

    def _crm_fact_sources(self):
        sources = super()._crm_fact_sources()
        if self.env["crm.payment.plan.line"].has_access("read"):
            self.env["crm.payment.plan.line"].flush_model(["partner_id"])
            sources["instalments"] = FactSource(
                SQL(
                    "SELECT FROM crm_payment_plan_line row"
                    " WHERE row.partner_id = own.commercial_partner_id"
                ),
                self._instalment_facts_sql,
            )
        return sources

    def _instalment_facts_sql(self):
        """Currency, agreed, collected and open amount of the instalments of contracts in force."""
        lines = self.env["crm.payment.plan.line"]
        query = lines._search(
            [
                ("partner_id", "in", self._get_customers_sql()),
                ("company_id", "=", self.env.company.id),
                ("contract_id.state", "!=", "draft"),
                ("state", "!=", "cancelled"),
            ]
        )
        names = (
            "partner_id",
            "currency_id",
            "amount",
            "amount_collected",
            "amount_refunded",
            "amount_residual",
        )
        return SQL(
            """
            SELECT person.id AS partner_id,
                   jsonb_agg(jsonb_build_array(currency_id, agreed, collected, residual)) AS value
              FROM (
                SELECT partner_id, currency_id, SUM(amount) AS agreed,
                       SUM(amount_collected - amount_refunded) AS collected,
                       SUM(amount_residual) AS residual
                  FROM (%s) line GROUP BY partner_id, currency_id
              ) sums
              JOIN res_partner person ON person.commercial_partner_id = sums.partner_id
             WHERE person.id = ANY(%s)
             GROUP BY person.id
            """,
            query.select(
                *(
                    SQL(
                        "%s AS %s",
                        lines._field_to_sql(query.table, name, query),
                        SQL.identifier(name),
                    )
                    for name in names
                )
            ),
            self.ids,
        )

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
