from odoo import api, models
from odoo.tools import SQL


class CrmReportMixin(models.AbstractModel):
    """Base of all analysis models: read-only rows with dimensions, figures and a source record.

    An analysis model has its own access lines and record rules: the rules of the tables it reads do
    not apply to it, so each one copies the rules of its sources, and a test compares the two.
    Amounts are in the currency of the row's company, which ``currency_id`` names.
    """

    _name = "crm.report.mixin"
    _description = "Analysis"

    #: Name of the many2one field that leads to the record behind a row.
    _source_field = None

    #: Percentages of one sum to another: {field: (numerator, denominator)}. The average of such a
    #: field over many rows is the ratio of the sums, not the mean of the rows' ratios.
    _ratio_fields = {}

    @api.model
    def _get_figures(self, measures, groupby=(), domain=()):
        """Return figures over the rows that the current user may read.

        This is the way to ask for figures from Python: every other place that prints one of them
        (dashboard, file, command line) gets the same number, as all end in ``_read_group``.

        :param list measures: ``field:aggregator``, the aggregators of ``_read_group`` (``sum, avg,
            min, max, count, count_distinct``) plus ``median``, or ``__count`` for the rows
        :param list groupby: field names, dates with ``:day``, ``:week``, ``:month``, ``:quarter``
            or ``:year``
        :param domain: condition on the rows
        :return: one dict per group, in the order of the groups: each grouping holds
            ``(value, label)``, where value is an id, a date or a plain value and False for none,
            and each measure its number; a sum of nothing is 0, anything else of nothing None
        :raises AccessError: when the user may not read the analysis

        For example the won value of each salesperson, and the middle one of all deals::

            report = env["crm.opportunity.report"]
            report._get_figures(["won_value:sum", "won_count:sum"], ["user_id"])
            # [{"user_id": (7, "Li Na"), "won_value:sum": 275056.0, "won_count:sum": 208}, …]
            report._get_figures(["won_value:median"], domain=[("outcome", "=", "won")])
            # [{"won_value:median": 1132.5}]
        """
        rows = self._read_group(
            domain, groupby, measures, order=",".join(groupby) if groupby else None
        )
        return [
            {
                **{
                    spec: self._get_group_value(spec, value)
                    for spec, value in zip(groupby, row, strict=False)
                },
                **{
                    spec: (0.0 if spec.endswith(":sum") else None) if value is False else value
                    for spec, value in zip(measures, row[len(groupby) :], strict=True)
                },
            }
            for row in rows
        ]

    @api.model
    def _get_group_value(self, spec, value):
        """Return ``(value, label)`` of one group value of ``_read_group``."""
        field = self._fields[spec.partition(":")[0]]
        if field.type == "many2one":
            # Like the host's own grouping: the name of what a readable row links to.
            return value.id, value.sudo().display_name or ""
        if field.type == "selection":
            return value, dict(field._description_selection(self.env)).get(value, "")
        return value, str(value) if value else ""

    def _read_group_select(self, aggregate_spec, query):
        """Add the aggregator ``median``, and the averages of :attr:`_ratio_fields`.

        The median is the middle value, or the mean of the two in the middle.
        """
        name, _colon, function = aggregate_spec.partition(":")
        if function == "median":
            return SQL(
                "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY %s)",
                self._field_to_sql(self._table, name, query),
            )
        if function == "avg" and name in self._ratio_fields:
            numerator, denominator = (
                self._field_to_sql(self._table, part, query) for part in self._ratio_fields[name]
            )
            return SQL("SUM(%s) * 100.0 / NULLIF(SUM(%s), 0)", numerator, denominator)
        return super()._read_group_select(aggregate_spec, query)

    @api.readonly
    def action_open_source(self):
        """Open the record behind this row."""
        self.ensure_one()
        source = self[self._source_field]
        return {
            "type": "ir.actions.act_window",
            "res_model": source._name,
            "res_id": source.id,
            "views": [[False, "form"]],
        }

    # -- SQL shared by the analysis models ---------------------------------------------------

    @api.model
    def _local_date_sql(self, moment, time_zone):
        """Return the SQL of a UTC timestamp as date at the company's place.

        The same deal must fall into the same month for every reader, whatever his time zone; so
        dates are those of the company's working calendar.

        :param SQL moment: a timestamp without time zone, in UTC
        :param SQL time_zone: name of the company's time zone; NULL means the reader's
        """
        return SQL(
            "TIMEZONE(COALESCE(%s, %s), TIMEZONE('UTC', %s))::date",
            time_zone,
            str(self.env.tz),
            moment,
        )

    @api.model
    def _converted_sql(self, amount, currency, company, date):
        """Return the SQL of an amount in company currency at the host's rate of a day.

        NULL where the host knows no rate of the currency: a missing rate is never taken as 1.

        :param SQL amount: in ``currency``
        :param SQL currency: id of the ``res.currency``
        :param SQL company: alias of the ``res_company`` row
        :param SQL date: the day of the rate
        """
        own = SQL("%s.currency_id", company)
        return SQL(
            "CASE WHEN %(currency)s = %(own)s THEN %(amount)s"
            " ELSE %(amount)s / %(rate)s * COALESCE(%(own_rate)s, 1) END",
            currency=currency,
            own=own,
            amount=amount,
            rate=self._rate_sql(currency, company, date),
            own_rate=self._rate_sql(own, company, date),
        )

    @api.model
    def _rate_sql(self, currency, company, date):
        """Return the SQL of the host's rate of a currency on a day.

        As the host does: the last rate on or before the day, else the first one after it, those of
        the company before those of all companies. NULL where there is none.
        """
        return SQL(
            """(SELECT rate.rate FROM res_currency_rate rate
                 WHERE rate.currency_id = %(currency)s
                   AND (rate.company_id IS NULL
                        OR rate.company_id = SPLIT_PART(%(company)s.parent_path, '/', 1)::int)
                 ORDER BY rate.name > %(date)s, rate.company_id,
                          CASE WHEN rate.name <= %(date)s THEN rate.name END DESC, rate.name
                 LIMIT 1)""",
            currency=currency,
            company=company,
            date=date,
        )
