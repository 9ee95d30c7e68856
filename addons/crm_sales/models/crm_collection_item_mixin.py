from odoo import api, fields, models


class CrmCollectionItemMixin(models.AbstractModel):
    """What is collected: an instalment, or an invoice that no plan stands behind."""

    _name = "crm.collection.item.mixin"
    _description = "Target of Collection"

    plan_line_id = fields.Many2one(
        "crm.payment.plan.line",
        string="Instalment",
        index="btree_not_null",
        check_company=True,
        ondelete="cascade",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        check_company=True,
        ondelete="cascade",
        domain="[('move_type', 'in', ('out_invoice', 'out_receipt')), ('state', '=', 'posted')]",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_target",
        store=True,
        index=True,
        precompute=True,
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_target", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_target", store=True, precompute=True
    )
    salesperson_id = fields.Many2one(
        "res.users",
        compute="_compute_target",
        store=True,
        index=True,
        precompute=True,
    )
    contract_id = fields.Many2one(
        "crm.contract",
        compute="_compute_target",
        store=True,
        index="btree_not_null",
        precompute=True,
    )

    @api.depends(
        "plan_line_id.partner_id",
        "plan_line_id.user_id",
        "plan_line_id.contract_id",
        "move_id.commercial_partner_id",
        "move_id.invoice_user_id",
        "move_id.crm_contract_id",
    )
    def _compute_target(self):
        for row in self:
            line, move = row.plan_line_id, row.move_id
            row.partner_id = line.partner_id or move.commercial_partner_id
            row.company_id = line.company_id or move.company_id
            row.currency_id = line.currency_id or move.currency_id
            row.salesperson_id = line.user_id or move.invoice_user_id
            row.contract_id = line.contract_id or move.crm_contract_id

    @api.depends("plan_line_id", "move_id")
    def _compute_display_name(self):
        for row in self:
            # sudo: the name of what is collected tells nothing that the row does not
            target = row.sudo().plan_line_id or row.sudo().move_id
            row.display_name = target.display_name or row._description
