from odoo import api, fields, models


class CrmPaymentPlanLine(models.Model):
    """What customers promised and what they dispute of an instalment."""

    _inherit = "crm.payment.plan.line"

    promise_ids = fields.One2many("crm.payment.promise", "plan_line_id", string="Promises")
    dispute_ids = fields.One2many("crm.payment.dispute", "plan_line_id", string="Disputes")
    collection_log_ids = fields.One2many("crm.collection.log", "plan_line_id")
    promise_date = fields.Date(
        string="Promised for",
        compute="_compute_collection",
        store=True,
        help="Day of the next open promise to pay.",
    )
    broken_promises = fields.Integer(
        compute="_compute_collection", store=True, help="Promises to pay that were not kept."
    )
    is_disputed = fields.Boolean(
        string="Disputed", compute="_compute_collection", store=True, help="A dispute is open."
    )

    @api.depends("promise_ids.state", "promise_ids.date", "dispute_ids.state")
    def _compute_collection(self):
        for line in self:
            states = line.promise_ids.mapped("state")
            promised = line.promise_ids.filtered(lambda row: row.state == "open").mapped("date")
            line.promise_date = min(promised, default=False)
            line.broken_promises = states.count("broken")
            line.is_disputed = "open" in line.dispute_ids.mapped("state")

    def action_record_promise(self):
        """Open the form for a promise to pay what is open of this instalment."""
        return self._open_collection_form(
            "crm.payment.promise",
            self.env._("Promise to Pay"),
            {"default_amount": self.amount_residual or self.amount},
        )

    def action_open_dispute(self):
        """Open the form for a dispute about this instalment, or the one that is open."""
        found = self.dispute_ids.filtered(lambda row: row.state == "open")
        if found:
            return found._get_records_action()
        return self._open_collection_form("crm.payment.dispute", self.env._("Dispute"), {})

    def action_log_collection(self):
        """Open the form for a row of the collection log."""
        return self._open_collection_form(
            "crm.collection.log", self.env._("Log a Collection Contact"), {}
        )

    def _open_collection_form(self, model, title, context):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_plan_line_id": self.id, **context},
        }
