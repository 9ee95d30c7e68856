from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL


class AccountMove(models.Model):
    """Promises, disputes and the instalment of an invoice, to list and group invoices by."""

    _inherit = "account.move"

    crm_promise_ids = fields.One2many("crm.payment.promise", "move_id", string="Promises")
    crm_dispute_ids = fields.One2many("crm.payment.dispute", "move_id", string="Disputes")
    crm_main_plan_line_id = fields.Many2one(
        "crm.payment.plan.line",
        string="Instalment",
        compute="_compute_crm_main_plan_line_id",
        store=True,
        index="btree_not_null",
        help="The instalment that this document is for; the first one of several.",
    )
    crm_promise_date = fields.Date(
        string="Promised for",
        compute="_compute_crm_collection",
        store=True,
        help="Day of the next open promise to pay this invoice or its instalments.",
    )
    # what was noted or imported without a dispute stays; an entered dispute decides
    crm_disputed = fields.Boolean(compute="_compute_crm_disputed", store=True, readonly=False)

    @api.depends("invoice_line_ids.crm_plan_line_id")
    def _compute_crm_main_plan_line_id(self):
        for move in self:
            move.crm_main_plan_line_id = move.invoice_line_ids.crm_plan_line_id[:1]

    @api.depends(
        "crm_promise_ids.state",
        "crm_promise_ids.date",
        "invoice_line_ids.crm_plan_line_id.promise_date",
    )
    def _compute_crm_collection(self):
        for move in self:
            lines = move.invoice_line_ids.crm_plan_line_id
            promises = move.crm_promise_ids.filtered(lambda row: row.state == "open")
            days = [*promises.mapped("date"), *filter(None, lines.mapped("promise_date"))]
            move.crm_promise_date = min(days, default=False)

    @api.depends("crm_dispute_ids.state", "invoice_line_ids.crm_plan_line_id.dispute_ids.state")
    def _compute_crm_disputed(self):
        for move in self:
            disputes = move.crm_dispute_ids | move.invoice_line_ids.crm_plan_line_id.dispute_ids
            if disputes:
                move.crm_disputed = any(row.state == "open" for row in disputes)
            else:
                move.crm_disputed = move.crm_disputed

    def _on_cash_changed(self):
        """Have promises about these documents and their instalments judged again."""
        result = super()._on_cash_changed()
        lines = self.env["account.move.line"].search_fetch(
            [("move_id", "in", self.ids), ("crm_plan_line_id", "!=", False)], ["crm_plan_line_id"]
        )
        self.env["crm.payment.promise"].search(
            [
                ("state", "!=", "withdrawn"),
                "|",
                ("move_id", "in", self.ids),
                ("plan_line_id", "in", lines.crm_plan_line_id.ids),
            ]
        )._judge()
        return result

    def _crm_read_cash_by_day(self):
        """Return ``{move_id: [(date, money received)]}``, in each document's currency."""
        found = defaultdict(list)
        if self.ids:
            self._flush_cash_sources()
            query = self._cash_entries_sql(move_ids=self.ids)
            rows = self.env.execute_query(
                SQL(
                    "SELECT move_id, date, SUM(amount_currency) FROM (%s) cash"
                    " WHERE move_id = ANY(%s) GROUP BY move_id, date",
                    query,
                    self.ids,
                )
            )
            for move_id, day, amount in rows:
                found[move_id].append((day, float(amount)))
        return found

    def action_crm_log_collection(self):
        """Open the collection log of this invoice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_sales.crm_collection_log_action"
        )
        return action | {
            "domain": [
                "|",
                ("move_id", "=", self.id),
                ("plan_line_id", "in", self.crm_plan_line_ids.ids),
            ],
            "context": {"default_move_id": self.id},
        }
