from odoo import api, fields, models
from odoo.tools import SQL

OUTCOMES = [("pending", "In Progress"), ("won", "Won"), ("lost", "Lost")]


class CrmLeadStageLog(models.Model):
    """Append-only history of opportunities: every stage entered, every win, loss and return.

    Unlike the host's message tracking it is one flat, indexed table, it knows the outcome, and it
    does not stop when tracking is disabled. When a deal was won is the date of the row whose
    outcome became ``won``.

    Owns: the moves of opportunities. Who: written by the program alone, read like the lead.
    Half of it: a move and its row stand in one transaction.
    A million rows: read by lead, by date and by outcome, all indexed.
    """

    _name = "crm.lead.stage.log"
    _inherit = "crm.ledger.mixin"
    _description = "Stage History"
    _order = "date desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", index=True)
    date = fields.Datetime(required=True, index=True)
    from_stage_id = fields.Many2one("crm.stage", ondelete="set null")
    to_stage_id = fields.Many2one("crm.stage", ondelete="set null", index=True)
    from_status = fields.Selection(OUTCOMES, string="Outcome Before")
    to_status = fields.Selection(OUTCOMES, string="Outcome")
    user_id = fields.Many2one("res.users", string="Moved By", index="btree_not_null")
    salesperson_id = fields.Many2one("res.users", index="btree_not_null")
    team_id = fields.Many2one("crm.team", string="Sales Team", index="btree_not_null")
    amount = fields.Monetary(string="Expected Revenue")
    currency_id = fields.Many2one("res.currency")
    probability = fields.Float(aggregator="avg")
    backfilled = fields.Boolean(
        string="Rebuilt",
        help="Rebuilt on installation from what had been recorded before; the amount is the one"
        " of that day.",
    )

    _closed_idx = models.Index("(to_status, date) WHERE to_status IN ('won', 'lost')")

    @api.model
    def _backfill(self):
        """Rebuild the history of leads that have none, from the host's tracking and dates.

        One statement, whatever the number of leads. The host recorded stage changes as tracking
        values and the closing date on the lead; a lead without either gets one row for its
        creation and, when it is closed, one for its end.
        """
        self.env["crm.lead"].flush_model()
        self.env["mail.tracking.value"].flush_model()
        self.env["mail.message"].flush_model()
        self.env.cr.execute(self._backfill_sql())
        self.invalidate_model()

    def _backfill_sql(self):
        return SQL(
            """
            WITH lead AS (
                SELECT lead.*, company.currency_id AS own_currency_id,
                       COALESCE(stage.is_won, FALSE) AS now_won
                  FROM crm_lead lead
                  LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
                  LEFT JOIN res_company company ON company.id = lead.company_id
                 WHERE NOT EXISTS (SELECT 1 FROM crm_lead_stage_log log WHERE log.lead_id = lead.id)
            ), move AS (
                SELECT message.res_id AS lead_id, message.date, message.create_uid AS user_id,
                       old.id AS from_stage_id, new.id AS to_stage_id,
                       COALESCE(old.is_won, FALSE) AS was_won,
                       COALESCE(new.is_won, FALSE) AS is_won,
                       ROW_NUMBER() OVER (PARTITION BY message.res_id
                           ORDER BY message.date, value.id) AS nth,
                       ROW_NUMBER() OVER (PARTITION BY message.res_id
                           ORDER BY message.date DESC, value.id DESC) AS nth_from_last
                  FROM mail_tracking_value value
                  JOIN mail_message message ON message.id = value.mail_message_id
                  JOIN ir_model_fields field ON field.id = value.field_id
                  LEFT JOIN crm_stage old ON old.id = value.old_value_integer
                  LEFT JOIN crm_stage new ON new.id = value.new_value_integer
                 WHERE message.model = 'crm.lead'
                   AND field.model = 'crm.lead' AND field.name = 'stage_id'
            ), row AS (
                SELECT lead.id AS lead_id,
                       LEAST(lead.create_date, move.date, lead.date_closed) AS date,
                       lead.create_uid AS user_id,
                       NULL::int AS from_stage_id,
                       CASE WHEN move.lead_id IS NOT NULL THEN move.from_stage_id
                            WHEN NOT lead.now_won THEN lead.stage_id
                            END AS to_stage_id,
                       NULL AS from_status, 'pending' AS to_status, 0 AS rank
                  FROM lead
                  LEFT JOIN move ON move.lead_id = lead.id AND move.nth = 1
                UNION ALL
                SELECT move.lead_id, move.date, move.user_id, move.from_stage_id, move.to_stage_id,
                       CASE WHEN move.was_won THEN 'won' ELSE 'pending' END,
                       CASE WHEN move.is_won THEN 'won' ELSE 'pending' END, move.nth
                  FROM move
                  JOIN lead ON lead.id = move.lead_id
                UNION ALL
                SELECT lead.id, COALESCE(lead.date_closed, lead.write_date, lead.create_date),
                       lead.write_uid, move.to_stage_id, lead.stage_id,
                       CASE WHEN move.is_won THEN 'won' ELSE 'pending' END,
                       lead.won_status, 1000000
                  FROM lead
                  LEFT JOIN move ON move.lead_id = lead.id AND move.nth_from_last = 1
                 WHERE lead.won_status = 'lost'
                    OR (lead.won_status = 'won' AND NOT COALESCE(move.is_won, FALSE))
            )
            INSERT INTO crm_lead_stage_log (
                lead_id, company_id, date, from_stage_id, to_stage_id, from_status, to_status,
                user_id, salesperson_id, team_id, amount, currency_id, probability, backfilled,
                create_uid, create_date, write_uid, write_date)
            SELECT row.lead_id, lead.company_id, row.date, row.from_stage_id, row.to_stage_id,
                   row.from_status, row.to_status, row.user_id, lead.user_id, lead.team_id,
                   lead.expected_revenue, COALESCE(lead.own_currency_id, %(currency_id)s),
                   CASE row.to_status WHEN 'won' THEN 100 WHEN 'lost' THEN 0
                        ELSE lead.probability END,
                   TRUE, %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
              FROM row
              JOIN lead ON lead.id = row.lead_id
             ORDER BY row.lead_id, row.date, row.rank
            """,
            currency_id=self.env.company.currency_id.id,
            uid=self.env.uid,
        )
