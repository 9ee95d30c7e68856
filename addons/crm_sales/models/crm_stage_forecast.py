from odoo import fields, models


class CrmStage(models.Model):
    """A stage may say which forecast category its deals are in."""

    _inherit = "crm.stage"

    crm_forecast_category = fields.Selection(
        [
            ("commit", "Commit"),
            ("best", "Best Case"),
            ("pipeline", "Pipeline"),
            ("omitted", "Omitted"),
        ],
        string="Forecast Category",
        help="Of the deals in this stage, unless their seller or a manager says otherwise. Empty:"
        " by probability, from 80 % commit, from 50 % best case.",
    )
