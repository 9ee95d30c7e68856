from odoo import api, fields, models
from odoo.exceptions import UserError

RESULTS = [
    ("pending", "To Inspect"),
    ("passed", "Passed"),
    ("failed", "Failed"),
]


class CrmServiceAcceptanceItem(models.Model):
    """One thing to inspect and the criterion it must meet."""

    _name = "crm.service.acceptance.item"
    _description = "Acceptance Item"
    _order = "acceptance_id, sequence, id"

    acceptance_id = fields.Many2one(
        "crm.service.acceptance", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="acceptance_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Item", required=True)
    criterion = fields.Char(help="When the item is accepted, as agreed.")
    result = fields.Selection(RESULTS, default="pending", required=True, copy=False)
    remark = fields.Char(copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items._check_not_sealed()
        return items

    def write(self, vals):
        self._check_not_sealed()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sealed(self):
        self._check_not_sealed()

    def _check_not_sealed(self):
        if any(item.acceptance_id.state == "accepted" for item in self):
            raise UserError(
                self.env._("This acceptance is signed and sealed; it cannot be changed any more.")
            )
