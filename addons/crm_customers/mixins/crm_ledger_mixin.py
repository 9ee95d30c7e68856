from odoo import api, models
from odoo.exceptions import UserError


class CrmLedgerMixin(models.AbstractModel):
    """Append-only rows: written once, never changed, deleted only with what they belong to."""

    _name = "crm.ledger.mixin"
    _description = "Append-only Ledger"

    # Columns that repeat what a parent says and follow it.
    _following = frozenset()

    def write(self, vals):
        if self and vals.keys() - self._following:
            raise UserError(self._get_change_refusal())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self._get_deletion_refusal())

    @api.model
    def _get_change_refusal(self):
        """Return the sentence that tells why a row is not changed; a hook."""
        return self.env._(
            "“%(ledger)s” is a record of what happened and is never changed.",
            ledger=self._get_ledger_name(),
        )

    @api.model
    def _get_deletion_refusal(self):
        """Return the sentence that tells why a row is not deleted by itself; a hook."""
        return self.env._(
            "“%(ledger)s” is a record of what happened and is never deleted by itself.",
            ledger=self._get_ledger_name(),
        )

    @api.model
    def _get_ledger_name(self):
        return self.env["ir.model"]._get(self._name).name
