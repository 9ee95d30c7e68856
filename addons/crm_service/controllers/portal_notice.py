from odoo import http
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
        return self._render_list(
            "crm_service.portal_my_notices",
            "crm_service_notice",
            RECIPIENT,
            page,
            "/my/notices",
            [("sent_at", "!=", False)],
        )

    @http.route(["/my/notices/<int:recipient_id>"], type="http", auth="public", website=True)
    def portal_notice_page(self, recipient_id, access_token=None, **_kwargs):
        """Show one notice to its customer, or to whoever holds its link."""
        recipient = self._find_readable(RECIPIENT, recipient_id, access_token)
        if not recipient:
            return request.redirect("/my")
        return self._render_page(
            "crm_service.portal_notice_page",
            "crm_service_notice",
            recipient,
            access_token,
            {"recipient": recipient, "notice": recipient.notice_id},
        )

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
