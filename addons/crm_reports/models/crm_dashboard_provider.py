from datetime import datetime, time

import pytz

from odoo import api, models
from odoo.fields import Date, Datetime, Domain
from odoo.tools import format_date

from ..tools.period import previous_bounds
from .crm_dashboard_tile import FILTER_FIELDS


class CrmDashboardProvider(models.AbstractModel):
    """The one place where the figures of a tile are computed.

    Screen, file, and every later way to print a dashboard render what :meth:`_get_tile_data`
    returns and compute nothing themselves.
    """

    _name = "crm.dashboard.provider"
    _description = "Dashboard Figures"

    @api.model
    def _get_tile_data(self, tile, filters, limited=True):
        """Return the figures of ``tile`` as the current user may see them.

        :param tile: one ``crm.dashboard.tile``
        :param dict filters: from ``crm.dashboard._normalize_filters``
        :param bool limited: False ignores the tile's limit of rows
        :return: a dict, ready for JSON

            * ``columns``: ``[{key, label, kind, additive}]``, one per figure of a row; ``kind`` is
              ``amount, integer, float, percent, days`` or ``hours``
            * ``rows``: ``[{label, other, cells: [{value, domain}]}]``; ``value`` is None where
              nothing can be said, ``domain`` opens exactly the records behind the figure
            * ``totals``: ``[{value, domain}]``, one per column, over all records of the tile
            * ``domain``: all records of the tile; ``count``: how many they are
            * ``currency``: ``{id, name, symbol, position, decimal_places}`` of all amounts, if any
            * ``rate_basis``: how amounts of other currencies were converted
            * ``as_of``: the day of the figures, for people; ``dated``: whether the period applies
            * ``previous``: ``{label, totals}`` of the period before, for a ``kpi`` of a bounded
              period, else False
            * ``ignored_labels``: names of the filters in use that the tile's records do not know
            * ``group_label``: what the rows are; ``action``: window action to open a domain with
        :raises AccessError: when the user may not read the tile's records
        :raises UserError: when the figures cannot be computed, saying what to do
        """
        # A definition holds no figures; users may not read ir.model, which it points to.
        definition = tile.sudo()
        definition._check_definition()
        model = self.env[definition.model_name]
        model.browse().check_access("read")
        domain = self._get_domain(definition, filters)
        measures = definition.measure_ids
        basis, totals, count = self.env["crm.dashboard.money"]._read_totals(
            measures, model, domain, filters["as_of"]
        )
        grid = self._get_grid(definition, model, domain, basis, filters, limited)
        return {
            **grid,
            "totals": self._get_totals(definition, grid, totals, domain),
            "domain": list(domain),
            "count": count,
            "currency": self._get_currency_info(measures, basis),
            "rate_basis": basis["text"],
            "as_of": format_date(self.env, filters["as_of"]),
            "dated": bool(definition.date_field_id),
            "previous": self._get_previous(definition, model, basis, filters),
            "ignored_labels": self._get_ignored_labels(definition, filters),
            "group_label": definition.group_field_id.field_description or "",
            "action": definition._get_action(),
        }

    # -- domains -----------------------------------------------------------------------------

    @api.model
    def _get_domain(self, tile, filters):
        """Return the domain of all records of the tile under ``filters``."""
        domain = tile._get_domain() & self._get_period_domain(
            tile.date_field_id, filters["date_from"], filters["date_to"]
        )
        for key, (name, _comodel) in FILTER_FIELDS.items():
            value = filters[key]
            if not value or not tile._get_filter_field(key):
                continue
            if key == "company_ids":
                domain &= Domain(name, "in", [*value, False])
            elif key == "team_id":
                domain &= Domain(name, "child_of", value)
            else:
                domain &= Domain(name, "=", value)
        return domain

    @api.model
    def _get_period_domain(self, field, first, last):
        """Return the domain of inclusive local dates on a date or datetime field."""
        domain = Domain.TRUE
        if not field:
            return domain
        for operator, day, moment in ((">=", first, time.min), ("<=", last, time.max)):
            if not day:
                continue
            value = Date.to_string(day)
            if field.ttype == "datetime":
                local = self.env.tz.localize(datetime.combine(day, moment))
                value = Datetime.to_string(local.astimezone(pytz.utc))
            domain &= Domain(field.name, operator, value)
        return domain

    @api.model
    def _get_ignored_labels(self, tile, filters):
        labels = {
            "company_ids": self.env._("Company"),
            "team_id": self.env._("Sales Team"),
            "user_id": self.env._("Person"),
        }
        return [
            labels[key] for key in FILTER_FIELDS if filters[key] and not tile._get_filter_field(key)
        ]

    # -- figures -----------------------------------------------------------------------------

    @api.model
    def _get_grid(self, tile, model, domain, basis, filters, limited):
        """Return ``{"columns": …, "rows": …}`` of the tile."""
        specs = tile._get_group_specs()
        columns = [
            {
                "key": f"measure_{measure.id}",
                "label": measure.name,
                "kind": measure._kind,
                "additive": measure._is_additive,
            }
            for measure in tile.measure_ids
        ]
        if not specs:
            return {"columns": columns, "rows": []}
        axis = self.env["crm.dashboard.axis"]
        if tile.series_field_id:
            return axis._get_series_grid(tile, model, domain, basis, filters, columns[0], limited)
        rows = axis._get_rows(tile, model, domain, basis, filters, limited)
        return {"columns": columns, "rows": rows}

    @api.model
    def _get_totals(self, tile, grid, values, domain):
        """Return one total per column; those of a split are the totals of each part."""
        if tile.series_field_id:
            return grid.pop("series_totals")
        return self._get_cells(tile.measure_ids, values, domain)

    @api.model
    def _get_previous(self, tile, model, basis, filters):
        """Return the figures of the period before, for a single figure of a bounded period."""
        bounds = previous_bounds(filters["date_from"], filters["date_to"], filters["as_of"])
        if tile.chart_type != "kpi" or not tile.date_field_id or not bounds:
            return False
        domain = self._get_domain(tile, {**filters, "date_from": bounds[0], "date_to": bounds[1]})
        before, values, _count = self.env["crm.dashboard.money"]._read_totals(
            tile.measure_ids, model, domain, filters["as_of"]
        )
        if before["currency"] != basis["currency"]:
            return False
        return {
            "label": " – ".join(format_date(self.env, day) for day in bounds),
            "totals": self._get_cells(tile.measure_ids, values, domain),
        }

    @api.model
    def _get_cells(self, measures, values, domain):
        """Return ``[{"value", "domain"}]``, one per measure.

        Beside other figures a sum opens only the records that contribute to it; so the list shows
        the cost, or the receipts, of a row and not both.
        """
        cells = []
        for measure, value in zip(measures, values, strict=True):
            conditions = domain
            if len(measures) > 1 and measure.aggregator == "sum":
                conditions = domain & Domain(measure.field_id.name, "!=", 0)
            cells.append({"value": measure._clean(value), "domain": list(conditions)})
        return cells

    @api.model
    def _get_currency_info(self, measures, basis):
        if not any(measure._is_amount for measure in measures):
            return False
        currency = basis["currency"]
        return {
            "id": currency.id,
            "name": currency.name,
            "symbol": currency.symbol,
            "position": currency.position,
            "decimal_places": currency.decimal_places,
        }
