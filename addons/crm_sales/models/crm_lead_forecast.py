from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.forecast import choose, default_category

CATEGORIES = [
    ("commit", "Commit"),
    ("best", "Best Case"),
    ("pipeline", "Pipeline"),
    ("omitted", "Omitted"),
]


class CrmLead(models.Model):
    """What is forecast of a deal: by stage and probability, by its seller, by a manager.

    The choices of people stand in fields of their own, so that no stage, probability or expected
    day moved later overwrites them.
    """

    _inherit = "crm.lead"

    crm_forecast_choice = fields.Selection(
        CATEGORIES,
        string="Seller's Forecast",
        copy=False,
        tracking=True,
        help="Stays when the stage or the expected closing changes; empty it to follow them again.",
    )
    crm_forecast_override = fields.Selection(
        CATEGORIES,
        string="Manager's Forecast",
        copy=False,
        tracking=True,
        help="Counts before the seller's. Set by sales managers and leaders of the team.",
    )
    crm_forecast_category = fields.Selection(
        CATEGORIES,
        string="Forecast",
        compute="_compute_crm_forecast_category",
        store=True,
        index=True,
        help="The manager's, else the seller's, else by stage and probability.",
    )
    crm_slip_count = fields.Integer(
        string="Times Slipped",
        compute="_compute_crm_slip_count",
        help="How many times the expected closing moved to a later month between two weeks.",
    )

    @api.depends(
        "crm_forecast_choice",
        "crm_forecast_override",
        "stage_id.crm_forecast_category",
        "probability",
        "type",
    )
    def _compute_crm_forecast_category(self):
        for lead in self:
            default = lead.stage_id.crm_forecast_category or default_category(lead.probability)
            lead.crm_forecast_category = choose(
                default, lead.crm_forecast_choice, lead.crm_forecast_override
            )

    @api.depends("date_deadline")
    def _compute_crm_slip_count(self):
        """Count in the snapshots, with one query."""
        counts = self.env["crm.forecast.snapshot"]._count_slips(self.ids)
        for lead in self:
            lead.crm_slip_count = counts.get(lead._origin.id, 0)

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        overridden = leads.filtered("crm_forecast_override")
        overridden._check_forecast_override()
        return leads

    def write(self, vals):
        if "crm_forecast_override" in vals:
            self._check_forecast_override()
        return super().write(vals)

    def _check_forecast_override(self):
        """Let sales managers and those who lead the team overrule a forecast, nobody else."""
        if self.env.su or self.env.user.has_group("sales_team.group_sale_manager"):
            return
        if self and not all(lead.team_id.crm_is_led for lead in self):
            raise AccessError(
                self.env._(
                    "A forecast is overruled by sales managers and by leaders of the team. Enter"
                    " your own as the seller's forecast."
                )
            )

    def crm_forecast_open(self):
        """Open the opportunity from the forecast."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.id,
            "view_mode": "form",
        }
