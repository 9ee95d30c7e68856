from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class CrmStageGroup(models.Model):
    """A set of stages that several teams share.

    The host asks of each stage which teams use it. A group says it once: its stages belong to its
    teams, whichever of the two is changed, so columns and status bars follow by themselves.

    Owns: which stages go with which teams. Who: sales managers. Twice at once: the last one wins,
    stages and teams are written together. A million rows: never, a company has a few.
    """

    _name = "crm.stage.group"
    _description = "Stage Group"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    stage_ids = fields.One2many("crm.stage", "crm_group_id", string="Stages")
    team_ids = fields.One2many("crm.team", "crm_stage_group_id", string="Sales Teams")

    _name_uniq = models.UniqueIndex("(name)", "There is such a stage group already.")

    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        groups._share_stages()
        return groups

    def write(self, vals):
        before = self.stage_ids
        result = super().write(vals)
        (before - self.stage_ids)._leave_group()
        self._share_stages()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.stage_ids:
            raise ValidationError(
                self.env._("Take the stages out of the group before you delete it.")
            )

    def _share_stages(self):
        """Give the stages of each group the teams of the group.

        :raises ValidationError: a group has stages and no team; the host would take its stages
            for those of every team
        """
        for group in self.filtered("stage_ids"):
            if not group.team_ids:
                raise ValidationError(
                    self.env._(
                        "Choose the teams of the stage group “%(name)s”: stages without a team"
                        " are shared with all teams.",
                        name=group.name,
                    )
                )
            strays = group.stage_ids.filtered(
                lambda stage, teams=group.team_ids: stage.team_ids != teams
            )
            strays.team_ids = [Command.set(group.team_ids.ids)]
