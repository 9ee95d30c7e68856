from odoo import api, fields, models
from odoo.tools import SQL


class CrmOpportunityReport(models.Model):
    """One row per opportunity.

    Values are those of the opportunity, in company currency; each outcome has its own column, so
    that a sum over any rows is right. Figures by product are in ``crm.opportunity.product.report``.
    """

    _name = "crm.opportunity.report"
    _description = "Opportunity Analysis"
    _inherit = ["crm.opportunity.report.mixin"]
    _auto = False
    _order = "date_created desc, id desc"

    value = fields.Monetary(readonly=True, help="Expected revenue, in company currency.")
    won_value = fields.Monetary(readonly=True)
    lost_value = fields.Monetary(readonly=True)
    open_value = fields.Monetary(readonly=True)
    weighted_value = fields.Monetary(
        readonly=True, help="Open value times the probability of the opportunity."
    )
    won_count = fields.Integer(string="Won Opportunities", readonly=True)
    lost_count = fields.Integer(string="Lost Opportunities", readonly=True)
    open_count = fields.Integer(string="Open Opportunities", readonly=True)

    @api.model
    def _select(self):
        return SQL(
            """
            lead.id,
            %s,
            lead.expected_revenue AS value,
            CASE WHEN lead.won_status = 'won' THEN lead.expected_revenue END AS won_value,
            CASE WHEN lead.won_status = 'lost' THEN lead.expected_revenue END AS lost_value,
            CASE WHEN lead.won_status = 'pending' THEN lead.expected_revenue END AS open_value,
            CASE WHEN lead.won_status = 'pending' THEN lead.prorated_revenue END
                AS weighted_value,
            (lead.won_status = 'won')::int AS won_count,
            (lead.won_status = 'lost')::int AS lost_count,
            (lead.won_status = 'pending')::int AS open_count
            """,
            super()._select(),
        )
