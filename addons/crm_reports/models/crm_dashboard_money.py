from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError


class CrmDashboardMoney(models.AbstractModel):
    """Groups of figures in which amounts of different currencies are never added up.

    As long as all records share one currency, amounts are shown in it. Otherwise each currency is
    summed by itself and then converted to the currency of the current company, at the rates of one
    day, which are printed beside the figures. A currency without any rate is an error, not 1.
    """

    _name = "crm.dashboard.money"
    _description = "Dashboard Amounts"

    @api.model
    def _read_totals(self, measures, model, domain, date):
        """Return ``(basis, values, count)`` of all records of ``domain``.

        :param measures: the ``crm.dashboard.measure`` records of a tile
        :param date: day of the rates
        :return: the basis ``{"field": name of the currency field or False, "currency":
            res.currency, "rates": {currency: factor}, "text": the basis in words}``, whose rates
            are empty while there is one currency only; one figure per measure; number of records
        :raises UserError: when a rate is missing, or the amounts have no single currency field
        """
        field = self._get_currency_field(measures, model)
        specs = ["__count", *(measure._spec for measure in measures)]
        groups = model._read_group(domain, [field] if field else [], specs)
        company_currency = self.env.company.currency_id
        basis = {"field": field, "currency": company_currency, "rates": {}, "text": ""}
        currencies = self.env["res.currency"]
        if field:
            currencies = currencies.union(*(group[0] for group in groups))
        if len(currencies) > 1:
            rates = self._get_rates(currencies, company_currency, date)
            basis |= {"rates": rates, "text": self._describe_rates(rates, company_currency, date)}
            [(_key, values)] = self._read_groups(model, domain, [], measures, basis)
            return basis, values, sum(group[1] for group in groups)
        if not groups:
            return basis, [0 if measure._is_additive else None for measure in measures], 0
        basis["currency"] = currencies or company_currency
        count, *values = groups[0][1:] if field else groups[0]
        return basis, values, count

    @api.model
    def _describe_rates(self, rates, target, date):
        return self.env._(
            "Converted to %(currency)s at the rates of %(date)s: %(rates)s",
            currency=target.name,
            date=date.isoformat(),
            rates=", ".join(
                f"1 {currency.name} = {rate:.6g} {target.name}"
                for currency, rate in rates.items()
                if currency != target
            ),
        )

    @api.model
    def _get_currency_field(self, measures, model):
        names = {
            model._fields[measure.field_id.name].get_currency_field(model)
            for measure in measures
            if measure._is_amount
        }
        if len(names) > 1:
            raise UserError(
                self.env._("The amounts of this tile stand in different currencies: use one only.")
            )
        return names.pop() if names else False

    @api.model
    def _get_rates(self, currencies, target, date):
        Rate = self.env["res.currency.rate"]
        company = self.env.company
        foreign = currencies - target
        rated = Rate._read_group(
            [
                ("currency_id", "in", foreign.ids),
                ("company_id", "in", (False, company.root_id.id)),
            ],
            ["currency_id"],
        )
        missing = foreign - self.env["res.currency"].union(*(row[0] for row in rated))
        if missing:
            raise UserError(
                self.env._(
                    "There is no exchange rate for %(currencies)s. Enter one in the accounting"
                    " settings, or filter by one company.",
                    currencies=", ".join(missing.mapped("name")),
                )
            )
        return {
            currency: currency._get_conversion_rate(currency, target, company, date)
            for currency in currencies
        }

    @api.model
    def _read_groups(self, model, domain, groupby, measures, basis, order=None, limit=None):
        """Return ``[(key, values)]``: one tuple of group values, one list of figures per group.

        :param groupby: specifications of ``_read_group``, possibly none
        :param basis: from :meth:`_read_totals`
        :param order: of ``_read_group``; with several currencies groups come in their natural
            order and the limit is not applied, since no currency knows the order of the whole
        """
        amounts = [measure for measure in measures if measure._is_amount]
        if not basis["rates"] or not amounts:
            specs = [measure._spec for measure in measures]
            rows = model._read_group(
                domain, groupby, specs, order=order or ",".join(groupby) or None, limit=limit
            )
            size = len(groupby)
            return [(row[:size], list(row[size:])) for row in rows]
        return self._read_converted_groups(model, domain, groupby, measures, basis)

    @api.model
    def _read_converted_groups(self, model, domain, groupby, measures, basis):
        plain = ["__count", *(measure._spec for measure in measures if not measure._is_amount)]
        order = ",".join(groupby) or None
        size = len(groupby)
        found = {
            row[:size]: dict(zip(plain, row[size:], strict=True))
            for row in model._read_group(domain, groupby, plain, order=order)
        }
        amounts = [measure for measure in measures if measure._is_amount]
        parts = self._read_amounts(model, domain, groupby, amounts, basis)
        return [
            (
                key,
                [
                    self._merge(measure, parts[key][measure._spec], basis)
                    if measure._is_amount
                    else values[measure._spec]
                    for measure in measures
                ],
            )
            for key, values in found.items()
        ]

    @api.model
    def _read_amounts(self, model, domain, groupby, measures, basis):
        """Return ``{key: {spec: [(currency, value, number of values)]}}``."""
        specs = []
        for measure in measures:
            name = measure.field_id.name
            sql = "sum" if measure.aggregator == "avg" else measure.aggregator
            specs += [f"{name}:{sql}", f"{name}:count"]
        parts = defaultdict(lambda: defaultdict(list))
        for row in model._read_group(domain, [*groupby, basis["field"]], specs):
            key, currency, figures = row[: len(groupby)], row[len(groupby)], row[len(groupby) + 1 :]
            for index, measure in enumerate(measures):
                value, number = figures[2 * index : 2 * index + 2]
                parts[key][measure._spec].append((currency, value, number))
        return parts

    @api.model
    def _merge(self, measure, parts, basis):
        """Return one figure in the target currency from the figures of single currencies."""
        if measure.aggregator == "median":
            raise UserError(
                self.env._("There is no median over several currencies: filter by one company.")
            )
        values = [
            ((value or 0.0) * basis["rates"].get(currency, 1.0), number)
            for currency, value, number in parts
            if number
        ]
        if not values:
            return 0.0 if measure.aggregator == "sum" else False
        if measure.aggregator in ("min", "max"):
            return {"min": min, "max": max}[measure.aggregator](value for value, _number in values)
        total = sum(value for value, _number in values)
        if measure.aggregator == "avg":
            return total / sum(number for _value, number in values)
        return basis["currency"].round(total)
