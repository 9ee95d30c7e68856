from odoo import api, fields, models
from odoo.tools import SQL


class CrmInvoiceReportMixin(models.AbstractModel):
    """What every analysis built on journal entries can be grouped by.

    Models that inherit join ``account_move move`` and copy the record rules of ``account.move``.
    """

    _name = "crm.invoice.report.mixin"
    _description = "Invoice Analysis Dimensions"
    _inherit = ["crm.report.mixin"]
    _source_field = "move_id"

    _depends = {
        "account.move": [
            "commercial_partner_id",
            "company_id",
            "crm_contract_id",
            "invoice_date",
            "invoice_user_id",
            "move_type",
            "name",
            "partner_id",
            "state",
            "team_id",
        ],
        "account.move.line": [
            "account_id",
            "amount_currency",
            "balance",
            "company_id",
            "date",
            "date_maturity",
            "move_id",
            "parent_state",
            "partner_id",
        ],
        "account.partial.reconcile": [
            "amount",
            "credit_amount_currency",
            "credit_move_id",
            "debit_amount_currency",
            "debit_move_id",
            "exchange_move_id",
            "max_date",
        ],
        "account.payment": ["outstanding_account_id"],
        "res.company": ["currency_id"],
        "res.partner": ["commercial_partner_id", "industry_id"],
    }

    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    name = fields.Char(string="Number", readonly=True)
    move_type = fields.Selection(
        [
            ("out_invoice", "Invoice"),
            ("out_refund", "Credit Note"),
            ("out_receipt", "Sales Receipt"),
            ("entry", "Journal Entry"),
        ],
        string="Type",
        readonly=True,
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    industry_id = fields.Many2one("res.partner.industry", readonly=True)
    contract_id = fields.Many2one("crm.contract", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    invoice_date = fields.Date(readonly=True)

    @api.model
    def _select_document(self):
        """Return the columns of the document; ``customer`` is the commercial partner."""
        return SQL(
            """
            move.id AS move_id,
            move.name,
            move.move_type,
            customer.id AS partner_id,
            customer.industry_id,
            move.crm_contract_id AS contract_id,
            move.invoice_user_id AS user_id,
            move.team_id,
            move.company_id,
            company.currency_id,
            move.invoice_date
            """
        )
