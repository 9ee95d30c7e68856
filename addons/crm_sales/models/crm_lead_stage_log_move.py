from odoo import api, fields, models
from odoo.tools import SQL

MOVES = [
    ("created", "Created"),
    ("forward", "Forward"),
    ("skipped", "Stages Skipped"),
    ("back", "Back"),
    ("won", "Won"),
    ("lost", "Lost"),
    ("reopened", "Reopened"),
]
OUTCOME_MOVES = {"won": "won", "lost": "lost", "pending": "reopened"}


class CrmLeadStageLog(models.Model):
    """What a row of history means: which way it went, and how long the lead then stayed.

    The way is written down with the row, by the order that the stages had then. When the lead left
    is the date of its next row, so it is read and never written.
    """

    _inherit = "crm.lead.stage.log"

    move = fields.Selection(MOVES, compute="_compute_move", store=True, index="btree_not_null")
    left_date = fields.Datetime(string="Left on", compute="_compute_left_date")
    days = fields.Float(
        string="Days in Stage",
        compute="_compute_left_date",
        digits=(16, 1),
        help="Until the next row of this opportunity, or until now.",
    )

    @api.depends("from_stage_id", "to_stage_id", "from_status", "to_status")
    def _compute_move(self):
        # sudo: the order of stages is no secret
        stages = self.env["crm.stage"].sudo().search([("name", "!=", False)])
        for row in self:
            row.move = row._get_move(stages)

    def _get_move(self, stages):
        """Return which way the lead went, given all stages in their order."""
        self.ensure_one()
        if not self.from_status:
            return "created"
        if self.from_status != self.to_status:
            return OUTCOME_MOVES[self.to_status]
        if not self.from_stage_id or not self.to_stage_id:
            return "forward"
        start, end = self.from_stage_id._get_position(), self.to_stage_id._get_position()
        if end < start:
            return "back"
        skipped = stages.filtered(
            lambda stage: (
                start < stage._get_position() < end
                and (not stage.team_ids or self.team_id in stage.team_ids)
            )
        )
        return "skipped" if skipped else "forward"

    @api.depends("lead_id", "date")
    def _compute_left_date(self):
        self.flush_model(["lead_id", "date"])
        nexts = dict(
            self.env.execute_query(
                SQL(
                    "SELECT log.id, (SELECT MIN(later.date) FROM crm_lead_stage_log later"
                    " WHERE later.lead_id = log.lead_id AND (later.date, later.id)"
                    " > (log.date, log.id)) FROM crm_lead_stage_log log WHERE log.id = ANY(%s)",
                    self.ids,
                )
            )
        )
        now = fields.Datetime.now()
        for row in self:
            row.left_date = nexts.get(row.id) or False
            row.days = (
                ((row.left_date or now) - row.date).total_seconds() / 86400 if row.date else 0
            )

    @api.model
    def _backfill(self):
        """Rows rebuilt by SQL get their way as well."""
        result = super()._backfill()
        rebuilt = self.search([("backfilled", "=", True), ("move", "=", False)])
        self.env.add_to_compute(self._fields["move"], rebuilt)
        rebuilt.flush_recordset(["move"])
        return result
