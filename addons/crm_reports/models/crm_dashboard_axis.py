import babel.dates

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import babel_locale_parse, date_utils
from odoo.tools.misc import get_lang

from ..tools.period import buckets, start_of

# Filling the gaps of a time axis stops here: a chart with more points shows none of them.
MAX_BUCKETS = 400

# What babel is asked to write for the first day of a bucket, in the words of each language.
SKELETONS = {"day": "yMMMd", "month": "yMMM", "quarter": "yQQQ", "year": "y"}


class CrmDashboardAxis(models.AbstractModel):
    """Rows and columns of a tile: which groups there are, in which order, under which name."""

    _name = "crm.dashboard.axis"
    _description = "Dashboard Rows and Columns"

    @api.model
    def _get_rows(self, tile, model, domain, basis, filters, limited):
        """Return the rows of a tile with one grouping; see ``crm.dashboard.provider``."""
        spec = tile._get_group_specs()[0]
        measures = tile.measure_ids
        limit = tile.row_limit if limited else 0
        order = None
        if tile.sort_by == "measure":
            order = f"{measures[0]._spec} desc nulls last,{spec}"
        groups = self.env["crm.dashboard.money"]._read_groups(
            model, domain, [spec], measures, basis, order=order, limit=limit + 1 if limit else None
        )
        groups = [(key[0], values) for key, values in groups]
        if order and basis["rates"]:
            groups.sort(key=lambda group: -(group[1][0] or 0))
        groups = self._complete(tile.group_field_id, tile, model, groups, filters)
        shown = groups[:limit] if limit else groups
        formats = self._get_formats(tile.group_field_id, spec, model, [key for key, _v in shown])
        provider = self.env["crm.dashboard.provider"]
        rows = [
            {
                **formats[key][0],
                "other": False,
                "cells": provider._get_cells(measures, values, domain & formats[key][1]),
            }
            for key, values in shown
        ]
        if len(groups) > len(shown):
            rest = domain & ~Domain.OR([formats[key][1] for key, _values in shown])
            [(_key, values)] = self.env["crm.dashboard.money"]._read_groups(
                model, rest, [], measures, basis
            )
            rows.append({**self._get_other(), "cells": provider._get_cells(measures, values, rest)})
        return rows

    @api.model
    def _get_series_grid(self, tile, model, domain, basis, filters, column, limited):
        """Return the grid of a tile that splits its one measure by a second field.

        :param dict column: the measure as column, the template of one column per part
        :return: ``{"columns", "rows", "series_totals"}``
        """
        money = self.env["crm.dashboard.money"]
        measure = tile.measure_ids
        spec, split = tile._get_group_specs()
        parts = self._read_parts(tile, model, domain, basis)
        formats = self._get_formats(tile.series_field_id, split, model, [key for key, _v in parts])
        keys = [key for key, _values in parts]
        columns = [{**column, **formats[key][0]} for key in keys]

        def get_cells(values, conditions):
            return [
                {
                    "value": measure._clean(values.get(key)),
                    "domain": list(conditions & formats[key][1]),
                }
                for key in keys
            ]

        table = {}
        for (key, part), values in money._read_groups(model, domain, [spec, split], measure, basis):
            table.setdefault(key, {})[part] = values[0]
        groups = self._complete(tile.group_field_id, tile, model, list(table.items()), filters, {})
        if tile.sort_by == "measure":
            groups.sort(key=lambda group: -sum(value or 0 for value in group[1].values()))
        limit = tile.row_limit if limited and tile.row_limit else len(groups)
        row_formats = self._get_formats(
            tile.group_field_id, spec, model, [key for key, _values in groups[:limit]]
        )
        rows = [
            {
                **row_formats[key][0],
                "other": False,
                "cells": get_cells(values, domain & row_formats[key][1]),
            }
            for key, values in groups[:limit]
        ]
        if len(groups) > limit:
            rest = domain & ~Domain.OR([found for _label, found in row_formats.values()])
            values = {
                key[0]: figures[0]
                for key, figures in money._read_groups(model, rest, [split], measure, basis)
            }
            rows.append({**self._get_other(), "cells": get_cells(values, rest)})
        totals = {key: values[0] for key, values in parts}
        return {"columns": columns, "rows": rows, "series_totals": get_cells(totals, domain)}

    @api.model
    def _read_parts(self, tile, model, domain, basis):
        """Return ``[(value of the split field, [total])]`` in the order of the columns."""
        split = tile._get_group_specs()[1]
        groups = self.env["crm.dashboard.money"]._read_groups(
            model, domain, [split], tile.measure_ids, basis
        )
        found = [(key[0], values) for key, values in groups]
        field = model._fields[tile.series_field_id.name]
        if field.type == "selection":
            order = self._get_selection_order(field)
            found.sort(key=lambda part: order.get(part[0], len(order)))
        return found

    # -- groups ------------------------------------------------------------------------------

    @api.model
    def _complete(self, group_field, tile, model, groups, filters, empty=None):
        """Add the groups without records that a reader would miss, and put them in order.

        A time axis has no gaps, and all values of a selection are shown, in its own order.
        """
        field = model._fields[group_field.name]
        empty = [None] * len(tile.measure_ids) if empty is None else empty
        if field.type == "selection" and tile.sort_by == "group" and groups:
            order = self._get_selection_order(field)
            known = dict(groups)
            missing = [(key, empty) for key in order if key not in known]
            return sorted([*groups, *missing], key=lambda group: order.get(group[0], len(order)))
        if field.type in ("date", "datetime") and tile.sort_by == "group" and groups:
            return self._fill_time(field, tile, groups, filters, empty)
        return groups

    @api.model
    def _fill_time(self, field, tile, groups, filters, empty):
        """Fill the gaps between the start of the period, or the first group, and today or the last.

        Nothing is filled before the first group of an open period, nor in the future.
        """
        known = {key: values for key, values in groups if key}
        if not known:
            return groups
        first, last = min(known), max(known)
        interval = tile.group_interval
        if interval in ("month", "quarter", "year") and tile.date_field_id == tile.group_field_id:
            if filters["date_from"]:
                start = start_of(filters["date_from"], interval)
                first = min(first, first.replace(start.year, start.month, 1))
            end = min(filters["date_to"] or filters["as_of"], filters["as_of"])
            end = start_of(end, interval)
            last = max(last, last.replace(end.year, end.month, 1))
        days = buckets(first, last, interval)
        if len(days) > MAX_BUCKETS:
            return groups
        filled = [(day, known.get(day, empty)) for day in days]
        return [*filled, *[group for group in groups if not group[0]]]

    @api.model
    def _get_selection_order(self, field):
        values = [value for value, _label in field._description_selection(self.env)]
        return {value: index for index, value in enumerate(values)}

    # -- names and conditions ----------------------------------------------------------------

    @api.model
    def _get_formats(self, group_field, spec, model, keys):
        """Return ``{key: ({"key", "label"}, domain of the group)}``."""
        field = model._fields[group_field.name]
        # The host's own conditions of a group, time zones and changes of the clock included.
        formatter = model._web_read_group_groupby_formatter(spec, keys)
        names = {}
        if field.type == "selection":
            names = dict(field._description_selection(self.env))
        elif field.type == "boolean":
            names = {True: self.env._("Yes"), False: self.env._("No")}
        formats = {}
        for key in keys:
            value, conditions = formatter(key)
            if field.type in ("date", "datetime"):
                label = self._get_date_label(key, spec.rpartition(":")[2]) if key else ""
                value = value[0] if key else False
            elif field.type == "many2one":
                value, label = value or (False, "")
            else:
                label = names.get(key, "" if key is False else str(key))
            label = label or self.env._("Not Set")
            formats[key] = ({"key": value, "label": label}, Domain(conditions))
        return formats

    @api.model
    def _get_date_label(self, day, interval):
        locale = babel_locale_parse(get_lang(self.env).code)
        if interval == "week":
            year, week = date_utils.weeknumber(locale, day)
            return self.env._("W%(week)02d %(year)s", week=week, year=year)
        return babel.dates.format_skeleton(SKELETONS[interval], day, locale=locale)

    @api.model
    def _get_other(self):
        return {"key": "other", "label": self.env._("Others"), "other": True}
