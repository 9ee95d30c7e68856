import json

from werkzeug.exceptions import BadRequest

from odoo import http
from odoo.http import content_disposition, request

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DashboardController(http.Controller):
    """Dashboards as files."""

    @http.route(
        "/crm_reports/dashboard/<int:dashboard_id>/xlsx", type="http", auth="user", readonly=True
    )
    def dashboard_xlsx(self, dashboard_id, filters="{}", company_ids="[]", **_kw):
        """Send a dashboard as Excel workbook, with the figures the user may see.

        :param filters: JSON object, see ``crm.dashboard._normalize_filters``
        :param company_ids: JSON list of the companies active in the browser; the host refuses
            those that are not the user's
        """
        values = self._load_json(filters, dict, "filters")
        companies = self._load_json(company_ids, list, "company_ids")
        if not all(isinstance(company, int) for company in companies):
            raise BadRequest("company_ids: not a list of numbers")
        if companies:
            request.update_context(allowed_company_ids=companies)
        name, content = request.env["crm.dashboard"]._render_xlsx(dashboard_id, values)
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX_TYPE),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    def _load_json(self, text, kind, name):
        try:
            value = json.loads(text)
        except ValueError as error:
            raise BadRequest(f"{name}: not JSON") from error
        if not isinstance(value, kind):
            raise BadRequest(f"{name}: not a {kind.__name__}")
        return value
