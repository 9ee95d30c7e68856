from odoo import fields, models
from odoo.exceptions import UserError


class CrmContractEventRecord(models.TransientModel):
    """Enter that a contract was delivered, accepted, trained or terminated, on a date."""

    _name = "crm.contract.event.record"
    _description = "Record a Contract Event"

    contract_id = fields.Many2one("crm.contract", required=True, ondelete="cascade")
    event = fields.Selection(
        [
            ("delivered", "Delivered"),
            ("accepted", "Accepted"),
            ("trained", "Training Accepted"),
            ("terminated", "Terminated"),
        ],
        required=True,
    )
    date = fields.Date(required=True, default=fields.Date.context_today)

    def action_confirm(self):
        """Record the event; instalments that wait for it fall due.

        :raises UserError: when the contract already has this event, or does not allow it
        """
        self.ensure_one()
        if self.date > fields.Date.context_today(self):
            raise UserError(self.env._("An event is recorded when it has happened, not before."))
        if not self.contract_id._raise_event(self.event, self.date):
            raise UserError(
                self.env._(
                    "This event was recorded on %(date)s already.",
                    date=fields.Date.to_string(self.contract_id._get_event_date(self.event)),
                )
            )
        return {"type": "ir.actions.act_window_close"}
