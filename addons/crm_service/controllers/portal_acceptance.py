from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import plaintext2html

from .portal import ServicePortal

ACCEPTANCE = "crm.service.acceptance"
VISIT = "crm.service.visit"


class AcceptancePortal(ServicePortal):
    """A customer's acceptances and inspection reports: look, report defects, verify, sign."""

    @http.route(
        ["/my/acceptances", "/my/acceptances/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_acceptances(self, page=1, **_kwargs):
        """List the acceptances of the visitor's company."""
        return self._render_list(
            "crm_service.portal_my_acceptances",
            "crm_service_acceptance",
            ACCEPTANCE,
            page,
            "/my/acceptances",
            [("state", "!=", "draft")],
        )

    @http.route(["/my/acceptances/<int:acceptance_id>"], type="http", auth="public", website=True)
    def portal_acceptance_page(
        self, acceptance_id, access_token=None, report_type=None, download=False, **_kwargs
    ):
        """Show one acceptance, or its printed report, to its customer or a holder of its link."""
        acceptance = self._find_readable(ACCEPTANCE, acceptance_id, access_token)
        if not acceptance or acceptance.state == "draft":
            return request.redirect("/my")
        if report_type in ("html", "pdf", "text"):
            return self._show_report(
                model=acceptance,
                report_type=report_type,
                report_ref="crm_service.crm_service_acceptance_action_report",
                download=download,
            )
        values = {
            "acceptance": acceptance,
            "content": acceptance._get_content(),
            "defects": acceptance.defect_ids.filtered(lambda one: one.kind != "cancelled"),
            "obstacle": acceptance._get_sign_obstacle(),
            "intact": acceptance._is_seal_intact(),
        }
        return self._render_page(
            "crm_service.portal_acceptance_page",
            "crm_service_acceptance",
            acceptance,
            access_token,
            values,
        )

    @http.route(
        "/my/acceptances/<int:acceptance_id>/sign", type="jsonrpc", auth="user", website=True
    )
    def portal_sign_acceptance(self, acceptance_id, name=None, signature=None):
        """Sign an own acceptance; the answer is what the host's signature form expects."""
        acceptance = self._get_own(ACCEPTANCE, acceptance_id)
        try:
            acceptance._sign(name, signature, request.httprequest.remote_addr)
        except UserError as error:
            return {"error": str(error)}
        self._flash(request.env._("Thank you. The acceptance is signed."))
        return {"force_refresh": True, "redirect_url": acceptance.access_url}

    @http.route(
        "/my/acceptances/<int:acceptance_id>/reject",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_reject_acceptance(self, acceptance_id, reason="", **_kwargs):
        """Reject an own acceptance as a whole, with a reason."""
        acceptance = self._get_own(ACCEPTANCE, acceptance_id)
        return self._try(
            acceptance,
            lambda: acceptance._reject(reason),
            request.env._("The rejection is recorded."),
        )

    @http.route(
        "/my/acceptances/<int:acceptance_id>/defect",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_report_defect(
        self, acceptance_id, subject="", description="", item_id="", **_kwargs
    ):
        """Hand in a defect of an own acceptance; it becomes a ticket with its own deadline."""
        acceptance = self._get_own(ACCEPTANCE, acceptance_id)
        subject = subject.strip()[:200]
        item = acceptance.item_ids.filtered(lambda one: str(one.id) == item_id)

        def report():
            if not subject:
                raise UserError(request.env._("Say in a few words what is wrong."))
            acceptance._add_defect(
                {
                    "subject": subject,
                    "description": plaintext2html(description.strip()),
                    "acceptance_item_id": item.id,
                    "partner_id": request.env.user.partner_id.id,
                    "channel": "portal",
                }
            )

        return self._try(acceptance, report, request.env._("The defect is recorded."))

    @http.route(
        "/my/acceptances/<int:acceptance_id>/verify/<int:defect_id>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_verify_defect(self, acceptance_id, defect_id, **_kwargs):
        """Confirm that a defect of an own acceptance is rectified."""
        acceptance = self._get_own(ACCEPTANCE, acceptance_id)
        defect = acceptance.defect_ids.filtered(lambda one: one.id == defect_id)
        return self._try(
            acceptance,
            lambda: defect._verify(request.env.user.name),
            request.env._("Thank you for checking."),
        )

    def _try(self, acceptance, change, done):
        """Make a change and go back to the page, with the outcome in words."""
        try:
            with request.env.cr.savepoint():
                change()
        except UserError as error:
            self._flash(str(error), "warning")
        else:
            self._flash(done)
        return request.redirect(acceptance.access_url)

    # -- inspections --------------------------------------------------------------------------

    @http.route(
        ["/my/inspections", "/my/inspections/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_inspections(self, page=1, **_kwargs):
        """List the inspection reports that the visitor's company was sent."""
        return self._render_list(
            "crm_service.portal_my_inspections",
            "crm_service_inspection",
            VISIT,
            page,
            "/my/inspections",
            [("report_sent_on", "!=", False)],
        )

    @http.route(["/my/inspections/<int:visit_id>"], type="http", auth="public", website=True)
    def portal_inspection_report(
        self, visit_id, access_token=None, report_type="pdf", download=False, **_kwargs
    ):
        """Show the written report of an inspection."""
        visit = self._find_readable(VISIT, visit_id, access_token)
        if not visit or visit.state != "done":
            return request.redirect("/my")
        return self._show_report(
            model=visit,
            report_type=report_type if report_type in ("html", "pdf") else "pdf",
            report_ref="crm_service.crm_service_visit_action_report",
            download=download,
        )
