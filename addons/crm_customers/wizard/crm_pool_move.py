from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmPoolMove(models.TransientModel):
    """Asks what returning, assigning or locking customers of a pool needs to know."""

    _name = "crm.pool.move"
    _description = "Move within the Pool"

    kind = fields.Selection(
        [("return", "Return"), ("assign", "Assign"), ("lock", "Lock")],
        required=True,
        default="return",
    )
    pool_id = fields.Many2one("crm.pool", required=True, ondelete="cascade")
    member_ids = fields.Many2many(related="pool_id.member_ids")
    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    user_id = fields.Many2one("res.users", string="New Owner", domain="[('id', 'in', member_ids)]")
    reason = fields.Char()
    locked_until = fields.Date(
        string="Locked until", compute="_compute_locked_until", store=True, readonly=False
    )

    @api.depends("pool_id")
    def _compute_locked_until(self):
        today = fields.Date.context_today(self)
        for move in self:
            move.locked_until = today + timedelta(days=min(move.pool_id.lock_days or 30, 30))

    def action_confirm(self):
        """Do it, all customers or none."""
        self.ensure_one()
        pool = self.pool_id
        if self.kind == "return":
            pool._return(self.partner_ids, self.reason)
        elif self.kind == "assign":
            if not self.user_id:
                raise UserError(self.env._("Choose the new owner."))
            pool._assign(self.partner_ids, self.user_id, self.reason)
        else:
            if not self.locked_until:
                raise UserError(self.env._("Choose the last day of the lock."))
            pool._lock_until(self.partner_ids, self.locked_until)
        if self.partner_ids._filtered_access("read") == self.partner_ids:
            return {"type": "ir.actions.act_window_close"}
        # a returned customer is hidden from now on, so its form cannot stay open
        return self.env["ir.actions.act_window"]._for_xml_id("crm_customers.res_partner_action")
