from odoo import api, fields, models


class CrmTeam(models.Model):
    """A team's stages, and which reasons it has to give."""

    _inherit = "crm.team"

    crm_stage_group_id = fields.Many2one(
        "crm.stage.group",
        string="Stage Group",
        index="btree_not_null",
        ondelete="set null",
        help="The set of stages of this team; several teams may share one.",
    )
    crm_lost_reason_rule = fields.Selection(
        [("company", "As the company"), ("optional", "Optional"), ("required", "Mandatory")],
        string="Lost Reason",
        required=True,
        default="company",
    )
    crm_won_reason_rule = fields.Selection(
        [
            ("company", "As the company"),
            ("none", "Not Asked"),
            ("optional", "Asked"),
            ("required", "Mandatory"),
        ],
        string="Won Reason",
        required=True,
        default="company",
    )

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        teams.crm_stage_group_id._share_stages()
        return teams

    def write(self, vals):
        before = self.crm_stage_group_id
        result = super().write(vals)
        if "crm_stage_group_id" in vals:
            (before | self.crm_stage_group_id)._share_stages()
        return result
