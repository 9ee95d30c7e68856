from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.invoice_title import TitleFacts


class CrmInvoiceTitle(models.Model):
    """An invoice title (开票抬头): in whose name a customer wants its invoices, and how.

    Owns: registered address and telephone, the account printed, kind and receiver of the invoice.
    Name and tax number are those of ``entity_id``, the account is the host's: no second copy. Who:
    whoever may edit the customer, and finance; what invoices carry changes on approval. Two at
    once: the default is a column of the customer, so there is one. A million rows: found by
    customer or entity, by index.
    """

    _name = "crm.invoice.title"
    _description = "Invoice Title"
    _order = "sequence, id"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('is_company', '=', True)]",
    )
    entity_id = fields.Many2one(
        "res.partner",
        string="Made out to",
        required=True,
        index=True,
        ondelete="cascade",
        help="The company, or person, whose name and tax number stand on the invoice: the customer"
        " itself, or a company of its group.",
    )
    name = fields.Char(string="Legal Title", related="entity_id.name")
    vat = fields.Char(
        string="Taxpayer Number",
        related="entity_id.vat",
        readonly=False,
        help="Unified social credit code, checked by the rules of the country.",
    )
    address = fields.Char(
        string="Registered Address", help="As registered with the tax authority, in one line."
    )
    phone = fields.Char(string="Registered Telephone")
    bank_id = fields.Many2one(
        "res.partner.bank",
        string="Bank Account",
        domain="[('partner_id', '=', entity_id)]",
        index="btree_not_null",
        ondelete="set null",
        help="The account that invoices name. One that waits for approval is not printed.",
    )
    invoice_kind = fields.Selection(
        [("special", "Special VAT Invoice"), ("ordinary", "Ordinary VAT Invoice")],
        string="Kind of Invoice",
        required=True,
        default="special",
    )
    medium = fields.Selection(
        [("electronic", "Electronic"), ("paper", "Paper")], required=True, default="electronic"
    )
    email = fields.Char(string="Invoices by Email to")
    mobile = fields.Char(string="Invoices by SMS to", help="Mobile number that gets the link.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_default = fields.Boolean(compute="_compute_is_default", string="Default")
    block_text = fields.Text(
        string="Title to Copy",
        compute="_compute_verdict",
        help="The four lines as invoicing software takes them.",
    )
    missing = fields.Char(
        compute="_compute_verdict", help="What the wanted kind of invoice still needs."
    )
    is_complete = fields.Boolean(string="Complete", compute="_compute_verdict")

    @api.depends("entity_id.name", "partner_id")
    def _compute_display_name(self):
        for title in self:
            title.display_name = title.entity_id.name or ""

    @api.depends("partner_id.crm_invoice_title_id")
    def _compute_is_default(self):
        for title in self:
            title.is_default = bool(title) and title.partner_id.crm_invoice_title_id == title

    @api.depends(
        "entity_id.name",
        "entity_id.vat",
        "entity_id.country_id",
        "entity_id.is_company",
        "address",
        "phone",
        "bank_id.acc_number",
        "bank_id.bank_id.name",
        "bank_id.active",
        "invoice_kind",
        "medium",
        "email",
        "mobile",
    )
    @api.depends_context("lang")
    def _compute_verdict(self):
        for title in self:
            facts = title._get_facts()
            missing = facts.list_missing()
            title.block_text = facts.block()
            title.missing = title._name_missing(missing)
            title.is_complete = not missing

    def _get_facts(self):
        """Return what an invoice says of its buyer, as ``TitleFacts``."""
        self.ensure_one()
        # sudo: the account is printed on the invoice of whoever may read the title
        account = self.sudo().bank_id
        account = account if account.active else account.browse()
        entity = self.sudo().entity_id  # sudo: as above, for name and tax number
        return TitleFacts(
            name=entity.name or "",
            number=entity.vat or "",
            number_valid=not entity or entity._has_valid_tax_number(),
            address=self.address or "",
            phone=self.phone or "",
            bank=account.bank_id.name or "",
            account=account.acc_number or "",
            special=self.invoice_kind == "special",
            electronic=self.medium == "electronic",
            person=not entity.is_company,
            email=self.email or "",
            mobile=self.mobile or "",
        )

    def _name_missing(self, codes):
        """Return in words what is missing, one after the other; False when nothing is."""
        texts = {
            "name": self.env._("legal title"),
            "company": self.env._("a company (persons get ordinary invoices)"),
            "number": self.env._("taxpayer number"),
            "valid_number": self.env._("a valid taxpayer number"),
            "address": self.env._("registered address"),
            "phone": self.env._("registered telephone"),
            "bank": self.env._("bank"),
            "account": self.env._("account number"),
            "receiver": self.env._("email or mobile number for the electronic invoice"),
        }
        return self.env._(", ").join(texts[code] for code in codes) or False

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.partner_id and not self.entity_id:
            self.entity_id = self.partner_id
            self._onchange_entity_id()

    @api.onchange("entity_id")
    def _onchange_entity_id(self):
        if self.entity_id and self.entity_id != self._origin.entity_id:
            self.update(self._propose(self.entity_id))

    @api.model
    def _propose(self, entity):
        """Return the values that a new title of a company or person starts with."""
        # sudo: archived accounts wait for approval; the others are read as who may see the partner
        account = entity.sudo().bank_ids.filtered("active")[:1]
        return {
            "address": entity._get_registered_address(),
            "phone": entity.phone or False,
            "email": entity.email or False,
            "bank_id": account.id,
            "invoice_kind": "special" if entity.is_company else "ordinary",
        }

    @api.constrains("entity_id", "bank_id")
    def _check_bank(self):
        for title in self:
            # sudo: an account that waits is archived, and still the entity's
            if title.bank_id and title.sudo().bank_id.partner_id != title.entity_id:
                raise ValidationError(
                    self.env._(
                        "The account %(account)s does not belong to %(entity)s. Choose one of its"
                        " own accounts.",
                        account=title.bank_id.acc_number,
                        entity=title.entity_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        entities = self.env["res.partner"].browse(
            vals.get("entity_id") or vals.get("partner_id") for vals in vals_list
        )
        self._check_entities_read(entities)
        titles = super().create(
            [
                {**self._propose(entity), **vals, "entity_id": entity.id}
                for entity, vals in zip(entities, vals_list, strict=True)
            ]
        )
        titles._hold_new()
        titles.partner_id._choose_first_titles()
        return titles

    def write(self, vals):
        if vals.get("entity_id"):
            entity = self.entity_id.browse(vals["entity_id"])
            self._check_entities_read(entity)
            # the account goes with the company
            vals = {"bank_id": self._propose(entity)["bank_id"], **vals}
        titles, vals = self._hold_changes(vals)
        result = super(CrmInvoiceTitle, titles).write(vals) if vals and titles else True
        if vals.get("active"):
            titles.partner_id._choose_first_titles()
        return result

    def _check_entities_read(self, entities):
        """Refuse companies that the user may not see: a title would tell their tax number."""
        if not self.env.su:
            entities.check_access("read")

    def action_make_default(self):
        """Let the customer's invoices be made out to this title unless somebody says otherwise."""
        self.ensure_one()
        self.check_access("write")
        # sudo: finance edits titles without being able to edit customers
        self.sudo().partner_id.crm_invoice_title_id = self
        return {"type": "ir.actions.client", "tag": "soft_reload"}
