from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

FINANCE = "account.group_account_invoice,account.group_account_readonly"
RELEASE_GROUP = "account.group_account_invoice"


class CrmCreditHold(models.Model):
    """An order that waits because its customer's credit is used up.

    Owns: why an order waits, and who let it go on. Who: made by confirming, released by finance or
    the credit controller. Twice at once: one waiting row per order, and the credit of the customer
    is locked. Half of it: row and state of the order stand in one transaction. A million rows: read
    by order, by customer and by state.
    """

    _name = "crm.credit.hold"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Credit Hold"
    _order = "id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True
    )
    salesperson_id = fields.Many2one(related="order_id.user_id", store=True, string="Salesperson")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    owner_id = fields.Many2one("res.users", string="Credit Controller", tracking=True)
    date = fields.Datetime(string="On Hold since", required=True, readonly=True)
    state = fields.Selection(
        [
            ("waiting", "On Hold"),
            ("released", "Released"),
            ("lifted", "Within the Limit Again"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="waiting",
        index=True,
        tracking=True,
    )
    amount = fields.Monetary(
        string="Order Amount", readonly=True, help="Still to be paid, with taxes."
    )
    over = fields.Monetary(string="Above the Limit", readonly=True)
    limit = fields.Monetary(string="Credit Limit", readonly=True, groups=FINANCE)
    receivable = fields.Monetary(string="Open Receivable", readonly=True, groups=FINANCE)
    orders = fields.Monetary(string="Orders not Invoiced", readonly=True, groups=FINANCE)
    reason = fields.Char(string="Reason of the Release", readonly=True)
    released_uid = fields.Many2one("res.users", string="Released by", readonly=True)
    released_date = fields.Datetime(string="Released on", readonly=True)
    valid_until = fields.Date(readonly=True)
    may_release = fields.Boolean(compute="_compute_may_release")

    _waiting_uniq = models.UniqueIndex(
        "(order_id) WHERE state = 'waiting'",
        "The order was put on hold at this moment. Reload the page.",
    )

    @api.depends("state", "salesperson_id", "company_id")
    @api.depends_context("uid")
    def _compute_may_release(self):
        for hold in self:
            hold.may_release = hold.state == "waiting" and hold._is_controller()

    def _is_controller(self):
        """Whether the user decides about this customer's credit; never about his own order."""
        self.ensure_one()
        user = self.env.user
        # sudo: the controller is named in the settings of the company
        controller = self.company_id.sudo().crm_credit_controller_id
        # sudo: finance need not read every quotation
        return user != self.sudo().salesperson_id and (
            user == controller or user.has_group(RELEASE_GROUP)
        )

    def write(self, vals):
        if not self.env.su and (
            vals.keys() - {"owner_id"} or not all(hold._is_controller() for hold in self)
        ):
            raise AccessError(self.env._("A credit hold is decided with its buttons."))
        return super().write(vals)

    # -- holding ---------------------------------------------------------------------------------

    @api.model
    def _hold(self, order, due, exposure):
        """Put an order on hold, or refresh the figures of its hold; its owner is told.

        :param float due: what the order adds, in company currency
        """
        # sudo: holds are made by confirming, whoever confirms
        holds = self.sudo()
        company = order.company_id
        values = {
            "amount": due,
            "over": exposure.used + due - exposure.limit,
            "limit": exposure.limit,
            "receivable": exposure.receivable,
            "orders": exposure.orders,
        }
        hold = holds.search([("order_id", "=", order.id), ("state", "=", "waiting")])
        if hold:
            hold.write(values)
            return hold
        # sudo: the controller is named in the settings of the company
        owner = company.sudo().crm_credit_controller_id
        hold = holds.create(
            {
                **values,
                "order_id": order.id,
                "partner_id": order.partner_invoice_id.commercial_partner_id.id,
                "company_id": company.id,
                "owner_id": owner.id,
                "date": fields.Datetime.now(),
            }
        )
        order.sudo().crm_credit_state = "held"  # sudo: the state is the program's
        hold._tell_controller()
        return hold

    def _tell_controller(self):
        for hold in self.filtered("owner_id"):
            hold.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=hold.owner_id.id,
                summary=self.env._("Order on credit hold"),
                note=self.env._(
                    "%(order)s of %(customer)s is above the credit limit by %(over)s.",
                    order=hold.order_id.name,
                    customer=hold.partner_id.name,
                    over=hold.currency_id.format(hold.over),
                ),
            )

    # -- releasing -------------------------------------------------------------------------------

    def action_release(self):
        """Ask for the reason and the validity of a release."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Release Order"),
            "res_model": "crm.credit.release",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_hold_ids": self.ids},
        }

    def action_open_order(self):
        """Open the order that waits."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
        }

    def _release(self, reason, valid_until):
        """Let the orders be confirmed in spite of the limit, up to their amount and until a day.

        :raises AccessError: the user decides about no credit, or it is his own order
        :raises UserError: without reason, for a day past, or when a hold is no longer waiting
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason of the release."))
        if not valid_until or valid_until < fields.Date.context_today(self):
            raise UserError(self.env._("The release must be valid for today at least."))
        if not all(hold._is_controller() for hold in self):
            raise AccessError(
                self.env._(
                    "Only invoicing or the credit controller releases orders, and nobody his own."
                )
            )
        self.check_access("read")
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                "SELECT state FROM crm_credit_hold WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset(["state"])
        if any(state != "waiting" for (state,) in rows):
            raise UserError(self.env._("This order is no longer on hold. Reload the page."))
        self._close(
            "released",
            reason=reason,
            released_uid=self.env.uid,
            released_date=fields.Datetime.now(),
            valid_until=valid_until,
        )

    def _close(self, state, **values):
        # sudo: holds and states of orders are written by the program alone
        holds = self.sudo()
        holds.write({"state": state, **values})
        orders = holds.order_id
        orders.filtered(lambda order: not order.crm_replaced_by_id).crm_credit_state = (
            "released" if state == "released" else "none"
        )
        holds.activity_ids.unlink()
        if state in ("released", "lifted"):
            holds._tell_salespeople()

    def _tell_salespeople(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        for hold in self:
            hold.message_notify(
                partner_ids=hold.salesperson_id.partner_id.ids,
                subject=f"{states[hold.state]}: {hold.order_id.name}",
                body=hold.reason
                or self.env._("The customer is within the credit limit. Confirm the order."),
            )

    # -- money arrives ---------------------------------------------------------------------------

    @api.model
    def _check_later(self, partner_ids):
        """Look at the holds of these customers once, right before the transaction is committed."""
        waiting = self.env.cr.precommit.data.setdefault("crm.credit.hold", set())
        if not waiting:
            self.env.cr.precommit.add(self.sudo()._check_marked)  # sudo: whoever books the money
        waiting.update(partner_ids)

    def _check_marked(self):
        partner_ids = self.env.cr.precommit.data.pop("crm.credit.hold", ())
        self.search(
            [("state", "=", "waiting"), ("partner_id", "in", list(partner_ids))]
        )._lift_within_limit()

    @api.model
    def _cron_check(self):
        """Lift what is within its limit, whatever made it so."""
        self.search([("state", "=", "waiting")])._lift_within_limit()

    def _lift_within_limit(self):
        """Lift the holds that would not be made now; the oldest orders go first."""
        for company, holds in self.grouped("company_id").items():
            over = holds.order_id._find_over_limit(company)
            holds.filtered(lambda hold, over=over: hold.order_id not in over)._close("lifted")
