from odoo import models


class AccountBankStatementLine(models.Model):
    """Lines of a bank statement that are not reconciled can be claimed by sales."""

    _inherit = "account.bank.statement.line"

    def _crm_is_claimable(self):
        """Whether this is money that came in and still stands in suspense, whole."""
        self.ensure_one()
        _liquidity, suspense, others = self._seek_for_lines()
        return (
            self.amount > 0
            and self.move_id.state == "posted"
            and not self.is_reconciled
            and len(suspense) == 1
            and not others
        )
