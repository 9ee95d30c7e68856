from odoo import fields, models
from odoo.exceptions import UserError

STAGE_KINDS = [
    ("open", "Open"),
    ("waiting", "Waiting"),
    ("resolved", "Resolved"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]


class CrmServiceStage(models.Model):
    """A column of the ticket board. Its kind, not its place, decides what happens to the clocks."""

    _name = "crm.service.stage"
    _description = "Ticket Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        STAGE_KINDS,
        required=True,
        default="open",
        help="Open: clocks run. Waiting: the resolution clock is held, with a reason."
        " Resolved and closed: clocks stop. Cancelled: clocks are void.",
    )
    fold = fields.Boolean(string="Folded")
    team_ids = fields.Many2many(
        "crm.service.team", string="Teams", help="Empty: a stage of every team."
    )
    description = fields.Text(translate=True)

    def write(self, vals):
        if "kind" in vals:
            self._check_kind_is_free(vals["kind"])
        return super().write(vals)

    def _check_kind_is_free(self, kind):
        """Refuse another kind while tickets are in the stage: their clocks would tell lies."""
        changed = self.filtered(lambda stage: stage.kind != kind)
        # sudo: tickets of other teams count as well
        used = (
            self.env["crm.service.ticket"].sudo().search([("stage_id", "in", changed.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "There are tickets in the stage %(stage)s. Move them first, or add another"
                    " stage.",
                    stage=used.stage_id.name,
                )
            )
