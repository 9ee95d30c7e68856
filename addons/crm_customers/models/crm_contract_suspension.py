from odoo import fields, models


class CrmContractSuspension(models.Model):
    """A time during which a contract stood still, e.g. force majeure."""

    _name = "crm.contract.suspension"
    _description = "Contract Suspension"
    _order = "date_from desc, id desc"

    contract_id = fields.Many2one("crm.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="Until")
    reason = fields.Text(required=True)
    user_id = fields.Many2one("res.users", string="Suspended By", required=True)

    _contract_open_uniq = models.UniqueIndex(
        "(contract_id) WHERE date_to IS NULL", "This contract is suspended already."
    )
