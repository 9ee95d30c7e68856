from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmWonReason(models.Model):
    """Why customers buy from us, the counterpart of the host's lost reasons."""

    _name = "crm.won.reason"
    _description = "Won Reason"
    _order = "sequence, name, id"

    name = fields.Char(string="Description", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: opportunities that the user may not see count as well
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        if leads.search_count([("crm_won_reason_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("Opportunities were won for this reason. Archive it instead.")
            )
