from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

REASONS = [
    ("delivery", "Delivery"),
    ("quality", "Quality"),
    ("amount", "Amount or Price"),
    ("document", "Invoice or Papers"),
    ("contract", "Contract Terms"),
    ("other", "Other"),
]


class CrmPaymentDispute(models.Model):
    """What a customer holds against paying (争议): reason, and who has to clear it.

    Owns: reason, owner and outcome. Who: sales for their customers, invoicing for all.
    Twice at once: one open dispute per target, by unique indexes.
    A million rows: open ones and targets are indexed.
    """

    _name = "crm.payment.dispute"
    _description = "Payment Dispute"
    _inherit = ["crm.collection.item.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_open desc, id desc"
    _check_company_auto = True

    reason = fields.Selection(REASONS, required=True, tracking=True)
    description = fields.Text(required=True)
    amount = fields.Monetary(string="Disputed Amount")
    owner_id = fields.Many2one(
        "res.users",
        string="To Be Cleared by",
        required=True,
        default=lambda self: self.env.user,
        tracking=True,
    )
    date_open = fields.Date(
        string="Opened on", required=True, readonly=True, default=fields.Date.context_today
    )
    date_closed = fields.Date(string="Closed on", readonly=True, copy=False)
    resolution = fields.Text(help="How it was cleared; needed to close the dispute.")
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        string="Status",
        required=True,
        readonly=True,
        default="open",
        copy=False,
        tracking=True,
    )

    _one_target = models.Constraint(
        "CHECK ((plan_line_id IS NULL) <> (move_id IS NULL))",
        "Choose either an instalment or an invoice.",
    )
    _plan_line_uniq = models.UniqueIndex(
        "(plan_line_id) WHERE state = 'open' AND plan_line_id IS NOT NULL",
        "A dispute about this instalment is open already. Complete that one.",
    )
    _move_uniq = models.UniqueIndex(
        "(move_id) WHERE state = 'open' AND move_id IS NOT NULL",
        "A dispute about this invoice is open already. Complete that one.",
    )

    @api.constrains("state", "resolution")
    def _check_resolution(self):
        for dispute in self:
            if dispute.state == "closed" and not (dispute.resolution or "").strip():
                raise ValidationError(
                    self.env._("Say how the dispute was cleared before you close it.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        disputes = super().create(vals_list)
        disputes._log("dispute", "description")
        for dispute in disputes.filtered(lambda row: row.owner_id != self.env.user):
            # sudo: the owner's activity is his, whoever opened the dispute
            dispute.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Clear the dispute"),
                user_id=dispute.owner_id.id,
            )
        return disputes

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Disputes are kept. Close it with its resolution."))

    def action_close(self):
        """Close open disputes; each must say how it was cleared."""
        closed = self.filtered(lambda row: row.state == "open")
        closed.write({"state": "closed", "date_closed": fields.Date.context_today(self)})
        closed._log("dispute_closed", "resolution")
        return True

    def _log(self, kind, field):
        """Write what happened to these disputes into the collection log."""
        self.env["crm.collection.log"].create(
            [
                {
                    "plan_line_id": dispute.plan_line_id.id,
                    "move_id": dispute.move_id.id,
                    "kind": kind,
                    "summary": dispute[field],
                }
                for dispute in self
            ]
        )
