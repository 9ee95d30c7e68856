from odoo import fields, models
from odoo.exceptions import UserError

from ..models.crm_consent import CHANNELS, PURPOSES, SOURCES


class CrmConsentWizard(models.TransientModel):
    """Records one declaration of one or several people, on one channel or on all."""

    _name = "crm.consent.wizard"
    _description = "Record Consent"

    partner_ids = fields.Many2many("res.partner", string="People", required=True)
    state = fields.Selection(
        [("granted", "Grants"), ("withdrawn", "Withdraws")], required=True, default="granted"
    )
    purpose = fields.Selection(PURPOSES, required=True, default="marketing")
    all_channels = fields.Boolean()
    channel = fields.Selection(CHANNELS, default="sms")
    date = fields.Datetime(string="Declared on", required=True, default=fields.Datetime.now)
    source = fields.Selection(SOURCES, required=True, default="conversation")
    reason = fields.Char()
    evidence = fields.Text()
    document = fields.Binary()
    document_name = fields.Char()

    def action_record(self):
        """Write the declaration into the ledger, a row per person and channel."""
        self.ensure_one()
        if not self.all_channels and not self.channel:
            raise UserError(self.env._("Choose the channel, or all channels."))
        channels = [code for code, _name in CHANNELS] if self.all_channels else [self.channel]
        common = {
            "state": self.state,
            "purpose": self.purpose,
            "date": self.date,
            "source": self.source,
            "reason": self.reason,
            "evidence": self.evidence,
            "document": self.document,
            "document_name": self.document_name,
        }
        self.env["crm.consent"].create(
            [
                {**common, "partner_id": partner.id, "channel": channel}
                for partner in self.partner_ids
                for channel in channels
            ]
        )
        return {"type": "ir.actions.act_window_close"}
