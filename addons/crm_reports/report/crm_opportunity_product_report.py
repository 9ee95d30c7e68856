from odoo import api, fields, models
from odoo.tools import SQL


class CrmOpportunityProductReport(models.Model):
    """One row per product line of an opportunity, and one for an opportunity without lines.

    ``value`` shares the value of the opportunity out to its lines in proportion to their amounts
    (equally when those are zero), rounded so that the lines of one opportunity add up to it to the
    cent: sums by product and sums of ``crm.opportunity.report`` agree. ``list_value`` and
    ``line_value`` are those of the line itself; a foreign line counts at the rate of the day the
    opportunity was created. Count opportunities by the different values of ``lead_id``.
    """

    _name = "crm.opportunity.product.report"
    _description = "Opportunity Product Analysis"
    _inherit = ["crm.opportunity.report.mixin"]
    _auto = False
    _order = "date_created desc, id desc"
    _ratio_fields = {"list_value_pct": ("value", "list_value")}

    _depends = {
        "crm.lead.line": [
            "amount",
            "currency_id",
            "lead_id",
            "list_price",
            "product_id",
            "quantity",
        ],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id"],
    }

    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", string="Product Category", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True)
    list_value = fields.Monetary(
        readonly=True, help="Quantity times the catalogue price when the product was chosen."
    )
    line_value = fields.Monetary(readonly=True, help="Quantity times the price we intend to ask.")
    value = fields.Monetary(readonly=True, help="The line's share of the value of its opportunity.")
    list_value_pct = fields.Float(
        string="Value of List Value",
        readonly=True,
        aggregator="avg",
        help="Value / list value, in percent: what is left of the catalogue price.",
    )
    won_value = fields.Monetary(readonly=True)
    open_value = fields.Monetary(readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT part.*,
                   value * 100.0 / NULLIF(list_value, 0) AS list_value_pct,
                   CASE WHEN outcome = 'won' THEN value END AS won_value,
                   CASE WHEN outcome = 'open' THEN value END AS open_value
              FROM (
                SELECT shared.*,
                       ROUND(running_share * lead_value, decimal_places)
                       - ROUND((running_share - share) * lead_value, decimal_places) AS value
                  FROM (
                    SELECT weighed.*,
                           SUM(share) OVER (PARTITION BY lead_id ORDER BY id) AS running_share
                      FROM (
                        SELECT line.*,
                               COALESCE(
                                   line_value / NULLIF(SUM(line_value) OVER lead, 0),
                                   1.0 / COUNT(*) OVER lead
                               ) AS share
                          FROM (%s) line
                        WINDOW lead AS (PARTITION BY lead_id)
                      ) weighed
                  ) shared
              ) part
            """,
            super()._table_query,
        )

    @api.model
    def _select(self):
        """As the base, with the columns of the line.

        The id is made of the line's, or of the lead's where there is no line: unique, and the same
        at every reading.
        """
        return SQL(
            """
            COALESCE(line.id * 2 + 1, lead.id * 2) AS id,
            %(lead)s,
            line.product_id,
            template.categ_id,
            line.quantity,
            %(list_value)s AS list_value,
            %(line_value)s AS line_value,
            COALESCE(lead.expected_revenue, 0) AS lead_value,
            currency.decimal_places
            """,
            lead=super()._select(),
            list_value=self._line_amount_sql(SQL("line.quantity * line.list_price")),
            line_value=self._line_amount_sql(SQL("line.amount")),
        )

    @api.model
    def _line_amount_sql(self, amount):
        return self._converted_sql(
            SQL("(%s)::numeric", amount),
            SQL("line.currency_id"),
            SQL("company"),
            SQL("lead.create_date::date"),
        )

    @api.model
    def _from(self):
        return SQL(
            """
            %s
            LEFT JOIN res_currency currency ON currency.id = company.currency_id
            LEFT JOIN crm_lead_line line ON line.lead_id = lead.id
            LEFT JOIN product_product product ON product.id = line.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            """,
            super()._from(),
        )
