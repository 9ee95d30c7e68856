from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..tools.stage_path import Passage, is_passed


class CrmStageGate(models.Model):
    """What must stand before an opportunity leaves a stage or enters one.

    Going forward passes every stage in between, so skipping a stage skips no condition; going
    back passes nothing. A team's condition holds for the teams below it as well.

    Owns: the conditions. Who: sales managers. Twice at once: rows of their own. A million rows:
    never; the ids are cached, a move without conditions costs no query.
    """

    _name = "crm.stage.gate"
    _description = "Stage Condition"
    _order = "stage_id, moment desc, id"
    _rec_name = "stage_id"

    stage_id = fields.Many2one("crm.stage", required=True, index=True, ondelete="cascade")
    moment = fields.Selection(
        [("leave", "Before leaving it"), ("enter", "Before entering it")],
        string="When",
        required=True,
        default="leave",
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        ondelete="cascade",
        help="The condition holds for this team and those below it; empty: for all teams.",
    )
    field_ids = fields.One2many(
        "crm.stage.gate.field", "gate_id", string="Fields to Fill In", copy=True
    )
    document = fields.Boolean(string="A Document", help="Any document attached.")
    document_type_ids = fields.Many2many("crm.document.type", string="Documents of These Types")
    activity_type_ids = fields.Many2many("mail.activity.type", string="Activities Done")
    note = fields.Char(
        string="Advice", translate=True, help="Shown with what is missing: what to do about it."
    )
    active = fields.Boolean(default=True)

    @api.constrains("field_ids", "document", "document_type_ids", "activity_type_ids")
    def _check_something_is_asked(self):
        for gate in self:
            if not (
                gate.field_ids or gate.document or gate.document_type_ids or gate.activity_type_ids
            ):
                raise ValidationError(
                    self.env._("Say which field, document or activity the condition asks for.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    @tools.ormcache()
    def _get_gate_ids(self):
        # sudo: conditions hold for everybody, whoever may read them
        return tuple(self.sudo().search([("active", "=", True)]).ids)

    @api.model
    def _get_gates(self):
        """Return all conditions in force, with superuser rights: they hold for everybody."""
        # sudo: as above
        return self.sudo().browse(self._get_gate_ids())

    def _filter_passed(self, lead, origin):
        """Return the conditions that ``lead`` meets on its way from ``origin`` to its stage.

        :param origin: the stage it comes from; empty: it has just become an opportunity
        """
        target = lead.stage_id
        passage = Passage(origin._get_position() if origin else None, target._get_position())
        above = {int(part) for part in (lead.team_id.parent_path or "").split("/") if part}
        return self.filtered(
            lambda gate: (
                (not gate.team_id or gate.team_id.id in above or gate.team_id == lead.team_id)
                and (not gate.stage_id.team_ids or lead.team_id in gate.stage_id.team_ids)
                and is_passed(passage, gate.stage_id._get_position(), gate.moment)
            )
        )

    def _asks_documents(self):
        """Whether one of the conditions asks for a document."""
        return any(gate.document or gate.document_type_ids for gate in self)
