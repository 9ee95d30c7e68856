from odoo import fields, models


class CrmServiceHold(models.TransientModel):
    """Asks what is waited for before tickets are held; the customer sees the answer."""

    _name = "crm.service.hold"
    _description = "Wait for Something"

    ticket_ids = fields.Many2many(
        "crm.service.ticket", default=lambda self: self.env.context.get("active_ids")
    )
    reason = fields.Char(
        string="What is waited for?",
        required=True,
        help="The customer reads it in the portal, and it stands in the clock's ledger.",
    )

    def action_hold(self):
        """Hold the tickets for the given reason."""
        self.ensure_one()
        self.ticket_ids.check_access("write")
        self.ticket_ids._set_kind("waiting", self.reason)
        return {"type": "ir.actions.act_window_close"}
