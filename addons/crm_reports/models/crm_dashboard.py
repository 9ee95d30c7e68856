from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..tools.period import PERIODS, period_bounds
from ..tools.workbook import DashboardWorkbook, Words


class CrmDashboard(models.Model):
    """A page of tiles for one role, and the one way to read it.

    Screen, file and whatever else prints a dashboard call :meth:`get_dashboard`; so they cannot
    disagree. Being shown a dashboard grants no right on any record: each tile is evaluated with
    the rights of the user who looks.
    """

    _name = "crm.dashboard"
    _description = "Dashboard"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Char(translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    role = fields.Selection(
        [
            ("management", "Management"),
            ("sales", "Sales"),
            ("marketing", "Marketing"),
            ("service", "Service"),
            ("finance", "Finance"),
        ],
        required=True,
        default="management",
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: the dashboard is offered in every company."
    )
    group_ids = fields.Many2many(
        "res.groups",
        string="Shown to",
        help="Empty: everyone who may see reports. This offers the page; it gives no right on"
        " the records behind it.",
    )
    tile_ids = fields.One2many("crm.dashboard.tile", "dashboard_id", string="Tiles", copy=True)
    tile_count = fields.Integer(compute="_compute_tile_count")
    default_period = fields.Selection(
        [
            ("this_month", "This Month"),
            ("last_month", "Last Month"),
            ("this_quarter", "This Quarter"),
            ("last_quarter", "Last Quarter"),
            ("this_year", "This Year"),
            ("last_year", "Last Year"),
            ("all", "All Time"),
        ],
        required=True,
        default="this_year",
    )

    @api.depends("tile_ids")
    def _compute_tile_count(self):
        for dashboard in self:
            dashboard.tile_count = len(dashboard.tile_ids)

    # -- actions -----------------------------------------------------------------------------

    def action_open(self):
        """Show this dashboard in the web client."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("crm_reports.crm_dashboard_action_view")
        return {**action, "params": {"dashboard_id": self.id}}

    # -- reading -----------------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_dashboards(self):
        """Return the dashboards that are offered to the user and the choices of their filters.

        :return: ``{"dashboards": [{id, name, description, default_period, tiles}], "periods":
            [[key, label]], "companies": [{id, name}], "team", "user", "designer"}``; the tiles
            without figures, the last three say whether the user may filter by team or person, and
            design dashboards
        """
        labels = dict(self._fields["default_period"]._description_selection(self.env))
        labels["custom"] = self.env._("Custom Dates")
        return {
            "dashboards": [
                {
                    "id": dashboard.id,
                    "name": dashboard.name,
                    "description": dashboard.description or "",
                    "default_period": dashboard.default_period,
                    "tiles": [self._get_tile_frame(tile) for tile in dashboard.tile_ids],
                }
                for dashboard in self.search([])
            ],
            "periods": [[key, labels[key]] for key in PERIODS],
            "companies": [
                {"id": company.id, "name": company.name} for company in self.env.companies
            ],
            "team": self.env["crm.team"].has_access("read"),
            "user": self.env["res.users"].has_access("read"),
            "designer": self.has_access("create"),
        }

    @api.model
    @api.readonly
    def get_dashboard(self, dashboard_id, filters=None):
        """Return a dashboard with the figures of all its tiles, as the user may see them.

        One call reads all tiles in one transaction, hence from one state of the database.

        :param int dashboard_id: a dashboard that is offered to the user
        :param dict filters: see :meth:`_normalize_filters`
        :return: ``{id, name, description, as_of, generated_at, user, filters, filter_labels,
            rate_basis, tiles}``; the tiles as :meth:`get_tile` returns them
        :raises AccessError: when the dashboard is not offered to the user
        :raises UserError: for a filter that makes no sense, saying which
        """
        dashboard = self._get_accessible(dashboard_id)
        normalized = self._normalize_filters(filters or {})
        return dashboard._get_payload(normalized)

    @api.model
    @api.readonly
    def get_tile(self, tile_id, filters=None):
        """Return one tile; a tile that cannot be shown carries ``error`` instead of figures.

        :param int tile_id: a tile of a dashboard that is offered to the user
        :param dict filters: see :meth:`_normalize_filters`
        """
        tile = self.env["crm.dashboard.tile"].search([("id", "=", int(tile_id))])
        if not tile:
            raise AccessError(self.env._("This tile is not, or no longer, offered to you."))
        return self._get_tile_payload(tile, self._normalize_filters(filters or {}))

    def _get_accessible(self, dashboard_id):
        """Return the dashboard when it is offered to the user, else raise AccessError."""
        dashboard = self.search([("id", "=", int(dashboard_id))])
        if not dashboard:
            raise AccessError(self.env._("This dashboard is not, or no longer, offered to you."))
        return dashboard

    def _get_payload(self, filters, limited=True):
        """Return what :meth:`get_dashboard` promises, for normalized filters.

        :param bool limited: False writes every row of every tile (for files)
        """
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description or "",
            "as_of": filters["as_of"].isoformat(),
            "generated_at": fields.Datetime.to_string(fields.Datetime.now()),
            "user": self.env.user.name,
            "filters": self._serialize_filters(filters),
            "filter_labels": self._get_filter_labels(filters),
            "tiles": [
                self._get_tile_payload(tile, filters, limited=limited) for tile in self.tile_ids
            ],
        }

    @api.model
    def _get_tile_payload(self, tile, filters, limited=True):
        payload = self._get_tile_frame(tile)
        try:
            data = self.env["crm.dashboard.provider"]._get_tile_data(tile, filters, limited=limited)
        except AccessError:
            message = self.env._(
                "You may not read these records. Ask an administrator when you need them."
            )
            return {**payload, "error": {"kind": "access", "message": message}}
        except UserError as error:
            return {**payload, "error": {"kind": "definition", "message": str(error)}}
        return {**payload, **data}

    @api.model
    def _get_tile_frame(self, tile):
        """Return what can be shown of a tile before its figures are known."""
        return {
            "id": tile.id,
            "name": tile.name,
            "description": tile.description or "",
            "chart_type": tile.chart_type,
            "width": tile.width,
            "stacked": tile.stacked,
        }

    @api.model
    def _render_xlsx(self, dashboard_id, filters=None):
        """Return ``(file name, bytes)`` of a dashboard as Excel workbook, with all rows.

        The arguments and errors are those of :meth:`get_dashboard`.
        """
        dashboard = self._get_accessible(dashboard_id)
        payload = dashboard._get_payload(self._normalize_filters(filters or {}), limited=False)
        local = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        payload["generated_at"] = local.strftime("%Y-%m-%d %H:%M")
        content = DashboardWorkbook(payload, self._get_words()).build()
        return f"{dashboard.name} {payload['as_of']}.xlsx", content

    @api.model
    def _get_words(self):
        """Return the texts of a workbook in the user's language."""
        return Words(
            overview=self.env._("Overview"),
            tile=self.env._("Tile"),
            figure=self.env._("Figure"),
            value=self.env._("Amount or Number"),
            total=self.env._("Total"),
            as_of=self.env._("As of"),
            generated=self.env._("Printed on"),
            user=self.env._("Printed by"),
            rate_basis=self.env._("Rate Basis"),
            previous=self.env._("Compared with"),
            not_filtered=self.env._("Not filtered by"),
            no_records=self.env._("No records for these filters."),
        )

    # -- filters -----------------------------------------------------------------------------

    @api.model
    def _normalize_filters(self, filters):
        """Check the filters of a caller and complete them.

        :param dict filters: any of ``period`` (a key of ``PERIODS``), ``date_from`` and
            ``date_to`` (ISO dates of a custom period), ``company_ids`` (companies among the
            active ones), ``team_id`` (a sales team, its descendants included), ``user_id``
        :return: the same keys with dates instead of strings, and ``as_of`` (today)
        :raises UserError: naming the filter that cannot be used
        """
        unknown = filters.keys() - {
            "period", "date_from", "date_to", "company_ids", "team_id", "user_id",
        }  # fmt: skip
        if unknown:
            raise UserError(self.env._("Unknown filter: %(name)s", name=", ".join(sorted(unknown))))
        today = fields.Date.context_today(self)
        date_from, date_to = self._get_period_bounds(filters, today)
        return {
            "period": filters.get("period") or "this_year",
            "date_from": date_from,
            "date_to": date_to,
            "company_ids": self._check_companies(filters.get("company_ids") or []),
            "team_id": self._check_record("crm.team", filters.get("team_id")),
            "user_id": self._check_record("res.users", filters.get("user_id")),
            "as_of": today,
        }

    @api.model
    def _get_period_bounds(self, filters, today):
        try:
            dates = [
                fields.Date.to_date(filters.get(key) or None) for key in ("date_from", "date_to")
            ]
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("Enter dates as year-month-day.")) from error
        try:
            return period_bounds(filters.get("period") or "this_year", today, *dates)
        except ValueError as error:
            raise UserError(
                self.env._("Choose another period: this one is unknown, or ends before it starts.")
            ) from error

    @api.model
    def _check_companies(self, company_ids):
        ids = [int(company_id) for company_id in company_ids]
        if set(ids) - set(self.env.companies.ids):
            raise UserError(
                self.env._("Activate the company in the company menu before you filter by it.")
            )
        return [] if set(ids) == set(self.env.companies.ids) else ids

    @api.model
    def _check_record(self, model, record_id):
        if not record_id:
            return False
        record = (
            self.env[model].with_context(active_test=False).search([("id", "=", int(record_id))])
        )
        if not record:
            raise UserError(self.env._("The team or user of the filter does not exist for you."))
        return record.id

    @api.model
    def _serialize_filters(self, filters):
        return {
            "period": filters["period"],
            "date_from": fields.Date.to_string(filters["date_from"]) or False,
            "date_to": fields.Date.to_string(filters["date_to"]) or False,
            "company_ids": filters["company_ids"],
            "team_id": filters["team_id"],
            "user_id": filters["user_id"],
        }

    @api.model
    def _get_filter_labels(self, filters):
        """Return the filters as ``[[label, value]]`` for people, in the user's language."""
        companies = self.env["res.company"].browse(filters["company_ids"]) or self.env.companies
        team = self.env["crm.team"].browse(filters["team_id"] or [])
        user = self.env["res.users"].browse(filters["user_id"] or [])
        return [
            [self.env._("Period"), self._get_period_label(filters)],
            [self.env._("Company"), ", ".join(companies.mapped("name"))],
            [self.env._("Sales Team"), team.display_name if team else self.env._("All")],
            [self.env._("Person"), user.display_name if user else self.env._("All")],
        ]

    @api.model
    def _get_period_label(self, filters):
        first, last = filters["date_from"], filters["date_to"]
        if not first and not last:
            return self.env._("All Time")
        start = format_date(self.env, first) if first else "…"
        end = format_date(self.env, last) if last else "…"
        return f"{start} – {end}"
