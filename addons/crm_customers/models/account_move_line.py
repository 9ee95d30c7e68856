from odoo import api, fields, models

from .crm_customer_metric import LEDGER_GROUPS


class AccountMoveLine(models.Model):
    """What is still open on a receivable line, by the ledger's own rule."""

    _inherit = "account.move.line"

    crm_open_amount = fields.Monetary(
        string="Open",
        compute="_compute_crm_open_amount",
        compute_sudo=True,
        currency_field="company_currency_id",
        groups=LEDGER_GROUPS,
        help="Open today, in the company's currency; a payment reset to draft settles nothing.",
    )

    @api.depends("amount_residual", "parent_state")
    def _compute_crm_open_amount(self):
        moves = self.env["account.move"]
        moves._flush_cash_sources()
        metrics = self.env["crm.customer.metric"]
        amounts = {}
        for company, lines in self._origin.grouped("company_id").items():
            amounts |= moves._read_open_amounts(lines.ids, metrics._get_today(company))
        for line in self:
            line.crm_open_amount = amounts.get(line._origin.id, 0.0)
