from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager


class ContractPortal(CustomerPortal):
    """The customer's own contracts. Pages only read; what may be seen is the record rule."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "crm_contract_count" in counters:
            contracts = request.env["crm.contract"]
            values["crm_contract_count"] = (
                contracts.search_count(self._get_contract_domain())
                if contracts.has_access("read")
                else 0
            )
        return values

    def _get_contract_domain(self):
        customer = request.env.user.partner_id.commercial_partner_id
        return [("partner_id", "child_of", customer.ids), ("state", "!=", "draft")]

    @http.route(
        ["/my/contracts", "/my/contracts/page/<int:page>"], type="http", auth="user", website=True
    )
    def portal_my_contracts(self, page=1, **_kwargs):
        """List the signed contracts of the visitor's company."""
        contracts = request.env["crm.contract"]
        domain = self._get_contract_domain()
        values = self._prepare_portal_layout_values()
        pages = pager(
            url="/my/contracts",
            total=contracts.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        # sudo: the rule chose the rows; the page also shows names of our staff
        rows = contracts.search(domain, limit=self._items_per_page, offset=pages["offset"]).sudo()
        values.update(
            contracts=rows, page_name="crm_contract", pager=pages, default_url="/my/contracts"
        )
        return request.render("crm_customers.crm_contract_portal_list", values)

    @http.route(["/my/contracts/<int:contract_id>"], type="http", auth="public", website=True)
    def portal_contract_page(self, contract_id, access_token=None, **_kwargs):
        """Show one contract to its customer, or to whoever holds its link."""
        try:
            contract = self._document_check_access(
                "crm.contract", contract_id, access_token=access_token
            )
        except (AccessError, MissingError):
            return request.redirect("/my")
        return request.render(
            "crm_customers.crm_contract_portal_page",
            self._get_contract_page_values(contract, access_token),
        )

    def _get_contract_page_values(self, contract, access_token):
        """Hook: values of the contract page; ``contract`` comes with superuser rights."""
        values = {
            "page_name": "crm_contract",
            "contract": contract,
            "res_company": contract.company_id,
            "backend_url": contract._get_contract_backend_url(),
        }
        return self._get_page_view_values(
            contract, access_token, values, "my_crm_contracts_history", False
        )
