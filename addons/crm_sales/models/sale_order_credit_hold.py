from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .sale_order_approval import OPEN_STATES


class SaleOrder(models.Model):
    """Orders above the credit limit of their customer wait for finance, visibly.

    The host only warns. Counted are the ledger's open receivable, confirmed orders as far as they
    are not invoiced, and the order itself as far as it is not paid. The customer's credit is locked
    while it is counted, so two confirmations cannot both pass.
    """

    _inherit = "sale.order"

    crm_credit_state = fields.Selection(
        [("none", "None"), ("held", "On Credit Hold"), ("released", "Released")],
        string="Credit",
        default="none",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    crm_credit_hold_ids = fields.One2many(
        "crm.credit.hold", "order_id", string="Credit Holds", readonly=True, copy=False
    )
    crm_credit_hold_id = fields.Many2one(
        "crm.credit.hold", string="Credit Hold", compute="_compute_crm_credit_hold_id"
    )
    crm_credit_message = fields.Char(
        string="Credit Message", compute="_compute_crm_credit_message", compute_sudo=True
    )

    @api.depends("crm_credit_hold_ids.state", "crm_credit_state")
    def _compute_crm_credit_hold_id(self):
        for order in self:
            order.crm_credit_hold_id = order.crm_credit_hold_ids.sorted("id")[-1:]

    @api.depends(
        "crm_credit_hold_ids.over", "crm_credit_hold_ids.owner_id", "crm_credit_hold_ids.state"
    )
    @api.depends_context("lang")
    def _compute_crm_credit_message(self):
        for order in self:
            hold = order.crm_credit_hold_id
            order.crm_credit_message = hold and self.env._(
                "%(over)s above the credit limit. Decided by: %(owner)s.",
                over=hold.currency_id.format(hold.over),
                owner=hold.owner_id.name or self.env._("finance"),
            )

    # -- confirming ------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state == "sale")._check_credit(counted=True)
        return orders

    def write(self, vals):
        if vals.get("state") == "sale":
            self.filtered(lambda order: order.state in OPEN_STATES)._check_credit()
        result = super().write(vals)
        if vals.get("state") == "cancel":
            self._get_waiting_holds()._close("cancelled")
        return result

    def action_confirm(self):
        """Put orders above the limit on hold and confirm the others.

        :return: for orders on hold, a message that says so
        """
        if any(order._confirmation_error_message() for order in self):
            return super().action_confirm()
        over = self._find_over_limit_everywhere()
        held = self.browse([order.id for order in over])
        for order, (due, exposure) in over.items():
            self.env["crm.credit.hold"]._hold(order, due, exposure)
        ready = self - held
        ready._get_waiting_holds()._close("lifted")
        result = super(SaleOrder, ready).action_confirm() if ready else True
        return held._get_hold_message() if held else result

    def action_crm_release_credit(self):
        """Ask for the reason and validity of the release of this order."""
        self.ensure_one()
        return self.crm_credit_hold_id.action_release()

    def _get_waiting_holds(self):
        """Return the holds of these orders, with superuser rights."""
        if all(order.crm_credit_state == "none" for order in self):
            return self.env["crm.credit.hold"]
        # sudo: holds are kept by the program
        return (
            self.env["crm.credit.hold"]
            .sudo()
            .search([("order_id", "in", self.ids), ("state", "=", "waiting")])
        )

    def _get_hold_message(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "message": self.env._(
                    "On credit hold: %(names)s. Finance was told; the order can be confirmed when"
                    " it is released or money arrives.",
                    names=", ".join(self.mapped("name")),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _check_credit(self, counted=False):
        """Refuse orders above the limit that are confirmed past the button.

        :param bool counted: the orders are confirmed already, their amounts are counted
        :raises UserError: an order would have to wait
        """
        over = self._find_over_limit_everywhere(counted=counted)
        if over:
            raise UserError(
                self.env._(
                    "Above the credit limit of the customer: %(names)s. Confirm with the button,"
                    " so that finance is asked.",
                    names=", ".join(order.name for order in over),
                )
            )

    # -- counting --------------------------------------------------------------------------------

    def _find_over_limit_everywhere(self, counted=False):
        result = {}
        for company, orders in self.grouped("company_id").items():
            result |= orders._find_over_limit(company, counted)
        return result

    def _find_over_limit(self, company, counted=False):
        """Return ``{order: (due, Exposure)}`` of orders of a company that must wait.

        Orders of one customer use up his limit one after the other, the oldest first. The cost is
        a fixed number of queries; a company that holds nothing asks none.
        """
        # sudo: settings and limits that the seller may not read
        if not company.sudo().crm_credit_hold:
            return {}
        dues = {order: order._get_credit_due() for order in self.sorted("id")}
        dues = {order: due for order, due in dues.items() if due > 0}
        orders = self.browse().union(*dues)
        # sudo: as above; zero is no limit, as for the host
        customers = (
            orders.partner_invoice_id.commercial_partner_id.sudo()
            .with_company(company)
            .filtered("credit_limit")
        )
        if not customers:
            return {}
        accounts = self.env["crm.credit.account"]
        accounts._lock(company, customers)
        exposures = accounts._read_exposure(company, customers)
        released = orders._find_released(dues)
        result = {}
        for order, due in dues.items():
            partner_id = order.partner_invoice_id.commercial_partner_id.id
            exposure = exposures.get(partner_id)
            if not exposure or (order in released and not counted):
                continue
            added = 0.0 if counted else due
            if company.currency_id.compare_amounts(exposure.used + added, exposure.limit) > 0:
                result[order] = (due, exposure)
            elif not counted:
                exposures[partner_id] = exposure._replace(orders=exposure.orders + due)
        return result

    def _get_credit_due(self):
        """Return what the order adds to what its customer owes, in company currency.

        What was prepaid is no credit: paid online, or on account, which the ledger knows.
        """
        self.ensure_one()
        # sudo: payments belong to finance
        open_amount = self.amount_total - self.sudo().amount_paid
        return self.company_id.currency_id.round(open_amount / (self.currency_rate or 1.0))

    def _find_released(self, dues):
        """Return the orders that finance has let go on, as far as they have not grown since."""
        # sudo: holds are kept by the program
        holds = (
            self.env["crm.credit.hold"]
            .sudo()
            .search(
                Domain("order_id", "in", self.ids)
                & Domain("state", "=", "released")
                & Domain("valid_until", ">=", fields.Date.context_today(self))
            )
        )
        return self.browse(
            [
                hold.order_id.id
                for hold in holds
                if hold.currency_id.compare_amounts(dues[hold.order_id], hold.amount) <= 0
            ]
        )
