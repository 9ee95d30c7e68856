from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

FLASH = "crm_service_flash"


class ServicePortal(CustomerPortal):
    """What the service pages of the portal share: ownership, lists, one-time messages.

    Pages are read by the record rule, or by whoever holds a link with its token. Every change is a
    POST of a logged-in user whose company owns the record; a token is never enough for that.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        for counter, model, domain in (
            ("service_ticket_count", "crm.service.ticket", [("kind", "in", ("open", "waiting"))]),
            ("service_acceptance_count", "crm.service.acceptance", []),
            ("service_inspection_count", "crm.service.visit", []),
            ("service_notice_count", "crm.service.notice.recipient", []),
        ):
            if counter in counters:
                values[counter] = self._count_own(model, domain)
        return values

    def _count_own(self, model, domain):
        records = request.env[model]
        if not records.has_access("read"):
            return 0
        return records.search_count([*self._get_own_domain(model), *domain])

    def _get_own_domain(self, model):
        """Return the domain of the visitor's own company, whatever else his rights show him."""
        customer = request.env.user.partner_id.commercial_partner_id
        owner = {
            "crm.service.ticket": "commercial_partner_id",
            "crm.service.notice.recipient": "commercial_partner_id",
        }.get(model, "partner_id")
        return [(owner, "=", customer.id)]

    def _get_own(self, model, record_id):
        """Return a record of the visitor's own company with superuser rights and his name.

        :raises NotFound: it does not exist or belongs to somebody else; both look the same
        """
        found = request.env[model].search(
            [("id", "=", record_id), *self._get_own_domain(model)], limit=1
        )
        if not found:
            raise NotFound()
        # sudo: ownership was just checked; customers have no rights to write
        return found.sudo()

    def _get_list_values(self, model, page, url, domain=(), order=None):
        """Return the rows and the pager of a list of the visitor's own records."""
        records = request.env[model]
        domain = [*self._get_own_domain(model), *domain]
        pages = pager(
            url=url,
            total=records.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        rows = records.search(
            domain, order=order, limit=self._items_per_page, offset=pages["offset"]
        )
        # sudo: the rule chose the rows; the pages also show names of our staff
        return {
            "rows": rows.sudo(),
            "pager": pages,
            "default_url": url,
            "flash": self._take_flash(),
        }

    def _render_list(self, template, page_name, model, page, url, domain=(), order=None):
        """Render a list of the visitor's own records; ``page_name`` chooses the breadcrumbs."""
        values = self._prepare_portal_layout_values()
        values |= self._get_list_values(model, page, url, domain, order)
        return request.render(template, values | {"page_name": page_name})

    def _find_readable(self, model, record_id, access_token):
        """Return a record that the visitor may read by rule or link, or None."""
        try:
            return self._document_check_access(model, record_id, access_token=access_token)
        except (AccessError, MissingError):
            return None

    def _render_page(self, template, page_name, record, access_token, values):
        """Render the page of one record, with the message kept for it and the record's owner."""
        user = request.env.user
        values = {
            "page_name": page_name,
            "owns": not user._is_public()
            and bool(record.filtered_domain(self._get_own_domain(record._name))),
            "flash": self._take_flash(),
            **values,
        }
        values = self._get_page_view_values(
            record, access_token, values, f"my_{page_name}_history", False
        )
        return request.render(template, values)

    def _flash(self, text, kind="success"):
        """Keep one message for the page that is shown next."""
        request.session[FLASH] = {"text": text, "kind": kind}

    def _take_flash(self):
        return request.session.pop(FLASH, None)
