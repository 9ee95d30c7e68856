from odoo import fields, http
from odoo.http import request
from odoo.tools import plaintext2html

from .portal import ServicePortal

MAX_FILES = 10
MAX_FILE_BYTES = 25 * 1024 * 1024
PRIORITIES = ("0", "1", "2", "3")

# What a list shows, and the words for it are in the template.
FILTERS = {
    "open": [("kind", "in", ("open", "waiting"))],
    "done": [("kind", "in", ("resolved", "closed"))],
    "all": [],
}


class TicketPortal(ServicePortal):
    """A customer's tickets: list, form, page, closing and reopening."""

    @http.route(
        ["/my/tickets", "/my/tickets/page/<int:page>"], type="http", auth="user", website=True
    )
    def portal_my_tickets(self, page=1, filterby="open", search="", **_kwargs):
        """List the tickets of the visitor's company with their promised times."""
        domain = list(FILTERS.get(filterby, FILTERS["open"]))
        if search:
            domain += ["|", ("name", "ilike", search), ("subject", "ilike", search)]
        values = self._prepare_portal_layout_values() | self._get_list_values(
            "crm.service.ticket",
            page,
            "/my/tickets",
            domain,
            order="received_at desc, id desc",
        )
        values["pager"]["url_args"] = {"filterby": filterby, "search": search}
        values |= {"page_name": "crm_service_ticket", "filterby": filterby, "search": search}
        return request.render("crm_service.portal_my_tickets", values)

    @http.route("/my/tickets/new", type="http", auth="user", methods=["GET"], website=True)
    def portal_new_ticket(self, **values):
        """Show the form for a new request."""
        return self._render_form(values)

    @http.route("/my/tickets/new", type="http", auth="user", methods=["POST"], website=True)
    def portal_create_ticket(self, **values):
        """Open a ticket for the visitor's company, with its attachments."""
        files = request.httprequest.files.getlist("attachments")
        error = self._check_form(values, files)
        if error:
            return self._render_form(values, error)
        # sudo: customers have no rights to create; what they may choose is checked below
        tickets = request.env["crm.service.ticket"].sudo()
        ticket = tickets.create(self._prepare_ticket_values(values))
        attachments = [(one.filename, one.read()) for one in files if one.filename]
        if attachments:
            ticket.message_post(
                attachments=attachments,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                author_id=request.env.user.partner_id.id,
            )
        ticket._acknowledge()
        self._flash(
            request.env._("We have received your request as %(number)s.", number=ticket.name)
        )
        return request.redirect(ticket.access_url)

    @http.route(["/my/tickets/<int:ticket_id>"], type="http", auth="public", website=True)
    def portal_ticket_page(self, ticket_id, access_token=None, **_kwargs):
        """Show one ticket to its customer, or to whoever holds its link."""
        ticket = self._find_readable("crm.service.ticket", ticket_id, access_token)
        if not ticket:
            return request.redirect("/my")
        values = {
            "ticket": ticket,
            "promises": ticket._get_portal_promises(),
            "can_reopen": ticket._can_reopen(fields.Datetime.now()),
        }
        return self._render_page(
            "crm_service.portal_ticket_page", "crm_service_ticket", ticket, access_token, values
        )

    @http.route(
        "/my/tickets/<int:ticket_id>/close",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_close_ticket(self, ticket_id, **_kwargs):
        """Close an own ticket: the customer needs nothing more."""
        ticket = self._get_own("crm.service.ticket", ticket_id)
        if ticket.kind not in ("closed", "cancelled"):
            ticket._set_kind("closed")
            ticket.message_post(
                body=request.env._("Closed by the customer."),
                author_id=request.env.user.partner_id.id,
            )
            self._flash(request.env._("Thank you. The ticket is closed."))
        return request.redirect(ticket.access_url)

    @http.route(
        "/my/tickets/<int:ticket_id>/reopen",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_reopen_ticket(self, ticket_id, reason="", **_kwargs):
        """Take a finished ticket of one's own up again, within the reopening period."""
        ticket = self._get_own("crm.service.ticket", ticket_id)
        if not ticket._can_reopen(fields.Datetime.now()):
            self._flash(
                request.env._("This ticket cannot be reopened any more. Open a new one, please."),
                "warning",
            )
            return request.redirect(ticket.access_url)
        ticket._set_kind("open")
        ticket.message_post(
            body=reason.strip() or request.env._("Reopened by the customer."),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=request.env.user.partner_id.id,
        )
        self._flash(request.env._("We work on it again."))
        return request.redirect(ticket.access_url)

    # -- the form -----------------------------------------------------------------------------

    def _render_form(self, values, error=None):
        values = self._prepare_portal_layout_values() | {
            "page_name": "crm_service_ticket",
            "new_ticket": True,
            "form": values,
            "error": error,
            "categories": self._get_categories(),
            "contracts": self._get_contracts(),
        }
        return request.render("crm_service.portal_new_ticket", values)

    def _get_categories(self):
        # sudo: which categories customers may choose is said by the category itself
        return (
            request.env["crm.service.category"]
            .sudo()
            .search(
                [
                    ("portal_visible", "=", True),
                    ("company_id", "in", [False, request.env.company.id]),
                ]
            )
        )

    def _get_contracts(self):
        customer = request.env.user.partner_id.commercial_partner_id
        # sudo: the domain names the visitor's own contracts
        return (
            request.env["crm.contract"]
            .sudo()
            .search([("partner_id", "=", customer.id), ("state", "in", ("signed", "suspended"))])
        )

    def _check_form(self, values, files):
        """Return what is wrong with a form, in the visitor's words, or None."""
        if not values.get("subject", "").strip():
            return request.env._("Say in a few words what it is about.")
        if not values.get("description", "").strip():
            return request.env._("Describe your request, please.")
        if len([one for one in files if one.filename]) > MAX_FILES:
            return request.env._("At most %(count)s files, please.", count=MAX_FILES)
        for one in files:
            one.stream.seek(0, 2)
            too_big = one.stream.tell() > MAX_FILE_BYTES
            one.stream.seek(0)
            if too_big:
                return request.env._(
                    "%(name)s is larger than %(size)s MB.",
                    name=one.filename,
                    size=MAX_FILE_BYTES // 1024 // 1024,
                )
        return None

    def _prepare_ticket_values(self, values):
        """Return the values of a ticket from a form; only what customers may choose gets in."""
        category = self._get_categories().filtered(
            lambda one: str(one.id) == values.get("category_id")
        )
        contract = self._get_contracts().filtered(
            lambda one: str(one.id) == values.get("contract_id")
        )
        company = contract.company_id or request.env.company
        # sudo: customers cannot read teams
        teams = request.env["crm.service.team"].sudo()
        team = category.team_id or teams.search([("company_id", "=", company.id)], limit=1)
        if team.company_id != company:
            team = teams.search([("company_id", "=", company.id)], limit=1)
        priority = values.get("priority")
        return {
            "subject": values["subject"].strip()[:200],
            "description": plaintext2html(values["description"].strip()),
            "category_id": category.id,
            "contract_id": contract.id,
            "company_id": company.id,
            "team_id": team.id,
            "priority": priority if priority in PRIORITIES else "1",
            "partner_id": request.env.user.partner_id.id,
            "channel": "portal",
        }
