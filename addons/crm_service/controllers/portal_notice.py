from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from .portal import ServicePortal

RECIPIENT = "crm.service.notice.recipient"


class NoticePortal(ServicePortal):
    """Notices of upgrades and maintenance: read and acknowledge."""

    @http.route(
        ["/my/notices", "/my/notices/page/<int:page>"], type="http", auth="user", website=True
    )
    def portal_my_notices(self, page=1, **_kwargs):
        """List the notices sent to the visitor's company."""
        values = self._prepare_portal_layout_values() | self._get_list_values(
            RECIPIENT, page, "/my/notices", [("sent_at", "!=", False)]
        )
        values["page_name"] = "crm_service_notice"
        return request.render("crm_service.portal_my_notices", values)

    @http.route(["/my/notices/<int:recipient_id>"], type="http", auth="public", website=True)
    def portal_notice_page(self, recipient_id, access_token=None, **_kwargs):
        """Show one notice to its customer, or to whoever holds its link."""
        try:
            recipient = self._document_check_access(
                RECIPIENT, recipient_id, access_token=access_token
            )
        except (AccessError, MissingError):
            return request.redirect("/my")
        user = request.env.user
        values = {
            "page_name": "crm_service_notice",
            "recipient": recipient,
            "notice": recipient.notice_id,
            "owns": recipient.commercial_partner_id == user.partner_id.commercial_partner_id
            and not user._is_public(),
            "flash": self._take_flash(),
        }
        values = self._get_page_view_values(
            recipient, access_token, values, "my_service_notices_history", False
        )
        return request.render("crm_service.portal_notice_page", values)

    @http.route(
        "/my/notices/<int:recipient_id>/acknowledge",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_acknowledge_notice(self, recipient_id, **_kwargs):
        """Confirm that the notice was read."""
        recipient = self._get_own(RECIPIENT, recipient_id)
        if recipient._acknowledge(request.env.user.name):
            self._flash(request.env._("Thank you. Your confirmation is recorded."))
        return request.redirect(recipient.access_url)
