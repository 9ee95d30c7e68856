from odoo import api, fields, models

from .crm_contract import CONTRACT_EVENTS


class CrmContractEvent(models.Model):
    """Append-only ledger of what happened to a contract; each event happens once."""

    _name = "crm.contract.event"
    _inherit = "crm.ledger.mixin"
    _description = "Contract Event"
    _order = "date, id"
    _following = frozenset({"company_id"})

    contract_id = fields.Many2one("crm.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    event = fields.Selection(CONTRACT_EVENTS, required=True)
    date = fields.Date(required=True)
    user_id = fields.Many2one("res.users", string="Recorded By", required=True)

    _contract_event_uniq = models.UniqueIndex(
        "(contract_id, event)", "This event is recorded already."
    )

    @api.depends("event", "date")
    def _compute_display_name(self):
        labels = dict(self._fields["event"]._description_selection(self.env))
        for row in self:
            row.display_name = f"{labels.get(row.event, '')} {row.date or ''}".strip()
