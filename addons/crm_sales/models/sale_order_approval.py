from odoo import api, fields, models
from odoo.exceptions import UserError

# States in which a quotation is still before its confirmation.
OPEN_STATES = ("draft", "sent")


class SaleOrder(models.Model):
    """Quotations are confirmed when whoever has to approve them has done so.

    What is approved is the content: customer, currency, terms and every line. Any later change asks
    again, and a confirmed order keeps to what was approved.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "crm.approval.mixin"]

    # -- what the matrix reads -----------------------------------------------------------------

    @api.model
    def _get_approval_depends(self):
        return [
            *super()._get_approval_depends(),
            "state",
            "amount_total",
            "partner_id",
            "payment_term_id",
            "currency_id",
            "team_id",
            "order_line.price_unit",
            "order_line.discount",
            "order_line.product_uom_qty",
            "order_line.purchase_price",
        ]

    def _filter_judged(self):
        return self.filtered(lambda order: order.state in OPEN_STATES)

    def _get_approval_facts(self, grounds):
        today = fields.Date.context_today(self)
        result = {}
        for order in self:
            term = order.payment_term_id
            result[order.id] = {
                "amount": order.company_id.currency_id.round(
                    order.amount_total / (order.currency_rate or 1.0)
                ),
                "margin": order.margin_percent * 100 if order.amount_untaxed else None,
                "payment_terms": term.id,
                "payment_days": max(
                    ((line._get_due_date(today) - today).days for line in term.line_ids), default=0
                ),
            }
            if "discount" in grounds:
                result[order.id]["discount"] = max(
                    (line._get_effective_discount() for line in order._get_judged_lines()),
                    default=0.0,
                )
        return result

    def _get_approval_content(self):
        self.order_line.fetch(["tax_ids"])  # for all quotations in one query
        return {
            order.id: {
                "partner": order.partner_id.commercial_partner_id.id,
                "currency": order.currency_id.id,
                "term": order.payment_term_id.id,
                "plan": order.crm_plan_template_id.id,
                "lines": sorted(
                    (
                        line.product_id.id,
                        line.product_uom_qty,
                        line.product_uom_id.id,
                        line.price_unit,
                        line.discount,
                        line.purchase_price,
                        sorted(line.tax_ids.ids),
                    )
                    for line in order._get_judged_lines()
                ),
            }
            for order in self
        }

    def _get_judged_lines(self):
        return self.order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment
        )

    # -- confirming ----------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state == "sale")._check_confirmed_content()
        return orders

    def write(self, vals):
        if vals.get("state") == "sale":
            self.filtered(lambda order: order.state in OPEN_STATES)._check_approved()
        result = super().write(vals)
        if {"payment_term_id", "order_line", "currency_id"} & vals.keys():
            self._check_confirmed_content()
        return result

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._get_approval_refusal()

    def _has_to_be_signed(self):
        """What waits for approval is not signed by the customer yet."""
        return super()._has_to_be_signed() and not self._get_approval_refusal()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._get_approval_refusal()

    def _check_confirmed_content(self):
        """Refuse changes of confirmed orders that would need an approval they do not have.

        :raises UserError: the order has to be cancelled, approved and confirmed again
        """
        rules = self.env["crm.approval.rule"]._get_rules(self._name)
        # sudo: the matrix is not for everybody to read
        orders = self.sudo().filtered(lambda order: order.state == "sale")
        if not rules or not orders:
            return
        facts = orders._get_approval_facts(set(rules.mapped("ground")))
        contents = orders._get_approval_content()
        latest = self.env["crm.approval.request"]._find_latest(orders)
        for order in orders:
            reached = rules._filter_reached(order, facts[order.id])
            request = latest.get(order.id)
            approved = (
                request and request.state == "approved" and request._is_digest(contents[order.id])
            )
            if reached and not approved:
                raise UserError(
                    self.env._(
                        "%(name)s is confirmed, and this change needs approval:\n%(reasons)s\n"
                        "Cancel the order, set it to quotation, have it approved and confirm it"
                        " again.",
                        name=order.name,
                        reasons=reached._explain(facts[order.id]),
                    )
                )

    def _tell_paid_but_not_confirmed(self, reason):
        """Tell the salesperson that the customer has paid what may not be confirmed yet."""
        self.ensure_one()
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Paid, but not confirmed"),
            note=reason,
            user_id=(self.user_id or self.env.user).id,
        )
