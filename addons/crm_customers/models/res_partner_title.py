from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .fact_source import FactSource
from .res_partner_change import READER_GROUPS


class ResPartner(models.Model):
    """The invoice titles of a customer, and the one taken unless somebody says otherwise."""

    _inherit = "res.partner"

    crm_invoice_title_ids = fields.One2many(
        "crm.invoice.title", "partner_id", string="Invoice Titles", groups=READER_GROUPS
    )
    crm_invoice_title_id = fields.Many2one(
        "crm.invoice.title",
        string="Default Invoice Title",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        domain="[('partner_id', '=', id)]",
        groups=READER_GROUPS,
    )
    crm_title_block = fields.Text(
        string="Title to Copy", compute="_compute_crm_title_block", groups=READER_GROUPS
    )
    crm_title_missing = fields.Char(
        string="Missing on the Title", compute="_compute_crm_title_block", groups=READER_GROUPS
    )

    @api.depends("crm_facts", "crm_invoice_title_id.block_text", "crm_invoice_title_ids.block_text")
    @api.depends_context("lang", "uid")
    def _compute_crm_title_block(self):
        for partner in self:
            # the form of a customer without titles asks for nothing more
            title = partner._get_invoice_title() if partner._get_fact("titles") else None
            partner.crm_title_block = title.block_text if title else False
            partner.crm_title_missing = title.missing if title else False

    @api.depends("crm_invoice_title_ids.active")
    def _compute_crm_facts(self):
        return super()._compute_crm_facts()

    def _crm_fact_sources(self):
        sources = super()._crm_fact_sources()
        titles = self.env["crm.invoice.title"]
        if titles.has_access("read"):
            titles.flush_model(["partner_id", "active"])
            sources["titles"] = FactSource(
                SQL("SELECT FROM crm_invoice_title row WHERE row.partner_id = own.id"),
                lambda: self._count_by_partner(titles, []),
            )
        return sources

    def action_create_title(self):
        """Make the customer's first title from its own name, number, address and account."""
        self.ensure_one()
        self.env["crm.invoice.title"].create({"partner_id": self.commercial_partner_id.id})
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.constrains("crm_invoice_title_id")
    def _check_crm_invoice_title(self):
        for partner in self:
            # sudo: whether two records belong together is no question of who looks
            title = partner.sudo().crm_invoice_title_id
            if title and title.partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "The invoice title %(title)s belongs to another customer. Choose one of"
                        " this customer's own.",
                        title=title.display_name,
                    )
                )

    def _get_invoice_title(self):
        """Return the invoice title that counts for this customer, or the contact of one.

        The default one; where it is archived or none was chosen, the first. A customer without
        any gets one in memory from its own name, tax number, address and first account, without
        ``_origin``: whoever keeps a link takes ``title._origin``.

        :return: one ``crm.invoice.title`` record
        """
        self.ensure_one()
        customer = self.commercial_partner_id
        titles = self.env["crm.invoice.title"]
        chosen = customer.crm_invoice_title_id
        if chosen.active:
            return chosen
        kept = customer.crm_invoice_title_ids.filtered("active")[:1]
        if kept:
            return kept
        own = customer._origin or customer
        return titles.new({"partner_id": own.id, "entity_id": own.id, **titles._propose(own)})

    def _choose_first_titles(self):
        """Give customers that have titles and no default one their first one."""
        # sudo: finance makes titles without being able to edit customers
        for partner in self.sudo():
            if not partner.crm_invoice_title_id:
                partner.crm_invoice_title_id = partner.crm_invoice_title_ids.filtered("active")[:1]

    def _get_registered_address(self):
        """Return the address in one line: in China from the province down, else as the host."""
        self.ensure_one()
        if self.country_id.code == "CN":
            state, city = self.state_id.name or "", self.city or ""
            # municipalities are province and city at once
            parts = [state if state != city else "", city, self.street, self.street2]
            return "".join(filter(None, parts)) or False
        lines = self._display_address(without_company=True).splitlines()
        return ", ".join(line.strip() for line in lines if line.strip()) or False

    def _has_valid_tax_number(self):
        """Whether the tax number keeps the rules of its country; of the company's where unknown."""
        self.ensure_one()
        country = self.country_id or self.env.company.country_id
        if not self.vat or not country:
            return True
        return bool(self._run_vat_checks(country, self.vat, validation="setnull")[0])
