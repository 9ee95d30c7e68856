from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request

from ..tools.import_files import WRITERS

MIMES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ImportTemplate(http.Controller):
    """Templates of files to import, with headings in the language of who asks."""

    @http.route(
        "/crm_customers/import_template/<string:profile>.<string:kind>", type="http", auth="user"
    )
    def import_template(self, profile, kind, **_kwargs):
        """Hand over an empty file of a form, with a row or two that show what is meant."""
        forms = {form._name: form for form in request.env["crm.import.profile"]._get_queued()}
        if profile not in forms or kind not in WRITERS:
            raise NotFound()
        form = forms[profile]
        name = f"{form._get_label()}.{kind}"
        return request.make_response(
            WRITERS[kind](form._get_headings(), form._get_examples()),
            [("Content-Type", MIMES[kind]), ("Content-Disposition", content_disposition(name))],
        )
