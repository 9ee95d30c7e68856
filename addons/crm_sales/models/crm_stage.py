from odoo import api, fields, models
from odoo.fields import Command


class CrmStage(models.Model):
    """Stages belong to a group of teams and say what must stand before a lead passes."""

    _inherit = "crm.stage"

    crm_group_id = fields.Many2one(
        "crm.stage.group",
        string="Stage Group",
        index="btree_not_null",
        ondelete="set null",
        help="The teams of the group share this stage.",
    )
    crm_gate_ids = fields.One2many("crm.stage.gate", "stage_id", string="Conditions")
    crm_gate_count = fields.Integer(string="Condition Count", compute="_compute_crm_gate_count")

    @api.depends("crm_gate_ids")
    def _compute_crm_gate_count(self):
        counts = dict(
            self.env["crm.stage.gate"]._read_group(
                [("stage_id", "in", self.ids)], ["stage_id"], ["__count"]
            )
        )
        for stage in self:
            stage.crm_gate_count = counts.get(stage._origin, 0)

    @api.model_create_multi
    def create(self, vals_list):
        stages = super().create(vals_list)
        stages.crm_group_id._share_stages()
        return stages

    def write(self, vals):
        before = self.crm_group_id
        result = super().write(vals)
        if "crm_group_id" in vals:
            self.filtered(lambda stage: not stage.crm_group_id)._leave_group()
            (before | self.crm_group_id)._share_stages()
        return result

    def _leave_group(self):
        """A stage that leaves its group keeps no teams of the group's."""
        self.filtered(lambda stage: not stage.crm_group_id).team_ids = [Command.clear()]

    def _get_position(self):
        """Return where the stage stands in the order of stages."""
        self.ensure_one()
        return (self.sequence, self.id)
