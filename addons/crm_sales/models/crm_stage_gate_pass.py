from odoo import fields, models


class CrmStageGatePass(models.Model):
    """Append-only: who let an opportunity through although something was missing, and why."""

    _name = "crm.stage.gate.pass"
    _inherit = "crm.ledger.mixin"
    _description = "Stage Condition Overridden"
    _order = "date desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", index="btree_not_null")
    date = fields.Datetime(required=True, index=True)
    user_id = fields.Many2one("res.users", string="Overridden By", required=True)
    from_stage_id = fields.Many2one("crm.stage", ondelete="set null")
    to_stage_id = fields.Many2one("crm.stage", ondelete="set null")
    reason = fields.Char(required=True)
    missing = fields.Text(required=True)
