from odoo import api, models


class AccountTax(models.Model):
    """Down payments of a fixed amount are exactly that amount."""

    _inherit = "account.tax"

    @api.model
    def _prepare_down_payment_lines(
        self,
        base_lines,
        company,
        amount_type,
        amount,
        computation_key="down_payment",
        grouping_function=None,
    ):
        """Place what the host's rounding leaves over on the largest line.

        The host rounds the tax of every rate on its own and then cannot spread the difference
        over a rate whose share rounds to zero; the down payment is off by a smallest unit.
        """
        lines = super()._prepare_down_payment_lines(
            base_lines,
            company,
            amount_type,
            amount,
            computation_key=computation_key,
            grouping_function=grouping_function,
        )
        if amount_type == "fixed" and lines:
            self._crm_place_remainder(lines, company, amount)
        return lines

    @api.model
    def _crm_place_remainder(self, base_lines, company, amount):
        """Change the base of the largest of ``base_lines`` so that they total ``amount``."""
        currency = base_lines[0]["currency_id"]
        totals = [self._crm_get_base_line_total(line) for line in base_lines]
        delta = currency.round(amount - sum(totals))
        if currency.is_zero(delta):
            return
        _total, line = max(zip(totals, base_lines, strict=True), key=lambda pair: abs(pair[0]))
        company_delta = company.currency_id.round(delta / line["rate"]) if line["rate"] else 0.0
        line["price_unit"] += delta / (line["quantity"] or 1.0)
        line["tax_details"]["delta_total_excluded_currency"] += delta
        line["tax_details"]["delta_total_excluded"] += company_delta
        if line["manual_total_excluded_currency"] is not None:
            line["manual_total_excluded_currency"] += delta
        if line["manual_total_excluded"] is not None:
            line["manual_total_excluded"] += company_delta

    @api.model
    def _crm_get_base_line_total(self, base_line):
        """Return the total of a rounded base line, taxes included, in its currency."""
        details = base_line["tax_details"]
        return (
            details["total_excluded_currency"]
            + details["delta_total_excluded_currency"]
            + sum(data["tax_amount_currency"] for data in details["taxes_data"])
        )
